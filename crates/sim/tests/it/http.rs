//! The simulation and a bot behind real ports.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use wxbot_sim::{
    Account, ApiFault, Broken, Cause, Clock, Fault, HttpEndpoint, OnError, Options, Outcome,
    SimServer, WeChat, When,
};

use crate::bot::parameter;

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// WeChat behind a port, for the duration of a test.
struct Served {
    wechat: WeChat,
    url: String,
    _stop: oneshot::Sender<()>,
}

fn served(wechat: WeChat, bind: fn(TcpListener, WeChat) -> std::io::Result<SimServer>) -> Served {
    let server = bind(listener(), wechat.clone()).unwrap();
    let url = format!("http://{}", server.address());
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(server.run_until(async { drop(stopped.await) }));
    Served { wechat, url, _stop: stop }
}

fn wechat() -> WeChat {
    let options = Options { on_error: OnError::GivenUp, ..Options::default() };
    WeChat::with(Account::default(), Clock::real(), options).unwrap()
}

/// A client of somebody else's, which needs a TLS provider even where there is no TLS.
fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

async fn fetch(url: String) -> reqwest::Result<reqwest::Response> {
    client().get(url).send().await
}

async fn access_token(wechat: &WeChat, url: &str) -> String {
    let Account { app_id, app_secret, .. } = wechat.account();
    let query = format!("grant_type=client_credential&appid={app_id}&secret={app_secret}");
    let answer = fetch(format!("{url}/cgi-bin/token?{query}")).await.unwrap();
    answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_api_is_served() {
    let Served { wechat, url, _stop } = served(wechat(), SimServer::api);
    let token = access_token(&wechat, &url).await;
    let form =
        b"--edge\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\r\n\
                 \xff\xd8\r\n--edge--\r\n";
    let upload = format!("{url}/cgi-bin/media/upload?access_token={token}&type=image");
    let upload = client().post(upload).header("Content-Type", "multipart/form-data; boundary=edge");
    let upload = upload.body(&form[..]).send().await.unwrap();
    let upload: Value = upload.json().await.unwrap();
    let media_id = upload["media_id"].as_str().unwrap();
    let get = format!("{url}/cgi-bin/media/get?access_token={token}&media_id={media_id}");
    let file = fetch(get).await.unwrap();
    assert_eq!(file.headers()["content-disposition"], "attachment; filename=\"a.jpg\"");
    assert_eq!(&file.bytes().await.unwrap()[..], b"\xff\xd8");
    let control = fetch(format!("{url}/_sim/state")).await.unwrap();
    let control: Value = control.json().await.unwrap();
    assert_eq!(control["errcode"], 40066, "there is no control here");
}

#[tokio::test]
async fn files_as_large_as_wechat_takes_go_up_and_come_down() {
    let Served { wechat, url, _stop } = served(wechat(), SimServer::api);
    let token = access_token(&wechat, &url).await;
    let upload = async |kind: &str, name: &str, bytes: usize| {
        let head = format!("Content-Disposition: form-data; name=\"media\"; filename=\"{name}\"");
        let file = "x".repeat(bytes);
        let form = format!("--edge\r\n{head}\r\n\r\n{file}\r\n--edge--\r\n");
        let url = format!("{url}/cgi-bin/media/upload?access_token={token}&type={kind}");
        let request =
            client().post(url).header("Content-Type", "multipart/form-data; boundary=edge");
        request.body(form).send().await.unwrap().json::<Value>().await.unwrap()
    };
    const MOST: usize = 10 << 20;
    let image = upload("image", "a.jpg", MOST).await;
    let media_id = image["media_id"].as_str().unwrap();
    let get = format!("{url}/cgi-bin/media/get?access_token={token}&media_id={media_id}");
    let file = fetch(get).await.unwrap().bytes().await.unwrap();
    assert!(file.len() == MOST && file.iter().all(|byte| *byte == b'x'));
    assert!(upload("video", "a.mp4", MOST).await["media_id"].is_string());
    assert_eq!(upload("video", "a.mp4", MOST + 1).await["errcode"], 40011);
    assert_eq!(upload("image", "a.jpg", 2 * MOST).await["errcode"], 40009);
    assert!(
        wechat.calls().iter().all(|call| call.body.is_empty()),
        "what is uploaded is no record"
    );
}

#[tokio::test]
async fn the_white_list_sees_the_callers_address() {
    let Served { wechat, url, _stop } = served(wechat(), SimServer::api);
    wechat.set_ip_whitelist(["203.0.113.5".parse().unwrap()]);
    let refused: Value = fetch(format!("{url}/cgi-bin/token")).await.unwrap().json().await.unwrap();
    assert!(refused["errmsg"].as_str().unwrap().contains("127.0.0.1"), "{refused}");
}

#[tokio::test]
async fn a_connection_can_end_without_an_answer() {
    let Served { wechat, url, _stop } = served(wechat(), SimServer::api);
    wechat.fault(Fault::api("*", When::Nth(1), ApiFault::AnswerLost));
    let ask = async || {
        let answer = fetch(format!("{url}/cgi-bin/getcallbackip")).await?;
        answer.json::<Value>().await
    };
    assert!(ask().await.is_err());
    assert_eq!(ask().await.unwrap()["errcode"], 41001);
    assert_eq!(wechat.calls().len(), 2, "the first was worked on, too");
}

#[tokio::test]
async fn the_control_is_for_programs_alone() {
    let Served { wechat, url, _stop } = served(wechat(), SimServer::with_control);
    wechat.connect(Arc::new(|_| async { Ok(wxbot_sim::Response::ok("success")) }));
    let act = || {
        let url = format!("{url}/_sim/followers/alice/acts");
        client().post(url).json(&json!({ "text": "hi" }))
    };
    let said: Value = act().send().await.unwrap().json().await.unwrap();
    assert_eq!(said["verdict"], "silence");
    let page = act().header("Origin", "https://example.com").send().await.unwrap();
    assert_eq!((page.status().as_u16(), wechat.exchanges().len()), (403, 1));
}

#[tokio::test]
async fn a_bot_is_called_by_http() {
    let port = listener();
    let url = format!("http://{}/wechat", port.local_addr().unwrap());
    let bot = HttpServer::new(|| {
        let echo = |request: actix_web::HttpRequest, body: String| async move {
            let query = request.query_string();
            let is_xml = request.headers().get("content-type").is_some_and(|it| it == "text/xml");
            match request.method().as_str() {
                "GET" => HttpResponse::Ok().body(parameter(query, "echostr")),
                _ if is_xml && body.contains("quiet") => HttpResponse::Ok().body("success"),
                _ => HttpResponse::Found().insert_header(("Location", "/")).finish(),
            }
        };
        App::new().route("/wechat", web::to(echo))
    });
    let bot = bot.workers(1).disable_signals().listen(port).unwrap().run();
    let handle = bot.handle();
    tokio::spawn(bot);

    let wechat = wechat();
    wechat.connect(Arc::new(HttpEndpoint::new(url).unwrap()));
    assert_eq!(wechat.handshake().await, Ok(()));
    let alice = wechat.follower("alice");
    let quiet = alice.does("be quiet").await.unwrap();
    assert_eq!(quiet.verdict, wxbot_sim::Verdict::Silence, "{:?}", quiet.deliveries);
    let moved = alice.does("hi").await.unwrap();
    assert_eq!(moved.failure(), Some(&Cause::Status(302)), "no redirect is followed");
    handle.stop(false).await;
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses_and_one_that_hangs_up_resets() {
    let port = listener();
    let url = format!("http://{}/wechat", port.local_addr().unwrap());
    let outcome = async || {
        let wechat = wechat();
        wechat.connect(Arc::new(HttpEndpoint::new(url.clone()).unwrap()));
        let exchange = wechat.follower("alice").does("hi").await.unwrap();
        exchange.deliveries[0].outcome.clone()
    };
    port.set_nonblocking(true).unwrap();
    let port = tokio::net::TcpListener::from_std(port).unwrap();
    let (reset, _) = tokio::join!(outcome(), async {
        let (mut connection, _) = port.accept().await.unwrap();
        connection.read_exact(&mut [0; 64]).await.unwrap();
        connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<xml>").await.unwrap();
    });
    assert_eq!(reset, Outcome::Broken(Broken::Reset));
    drop(port);
    assert_eq!(outcome().await, Outcome::Broken(Broken::Refused));
}
