//! Against a simulated WeChat that knows what it did: what an error says is true.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;
use wxbot_client::{
    Client, HttpRequest, HttpResponse, Method, Settings, TokenKind, Transport, TransportError,
};
use wxbot_sdk::api::{Api, ApiError, Class};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::custom::CustomMessage;
use wxbot_sim::{
    Account, Act, ApiFault, ApiRequest, Broken, Fault, Follower, Kind, Request, Response, WeChat,
    When,
};

use crate::wechat::{START, memory, settings};

const SEND: &str = "/cgi-bin/message/custom/send";

/// Calls a simulated WeChat in this process.
struct Simulated(WeChat);

#[async_trait]
impl Transport for Simulated {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let url = reqwest::Url::parse_with_params("http://sim", &request.query).unwrap();
        let (content_type, body) = match &request.body {
            Some(body) => (Some(body.content_type.clone()), body.whole().await?.to_vec()),
            None => (None, Vec::new()),
        };
        let request = ApiRequest {
            method: if request.method == Method::Get { "GET" } else { "POST" }.into(),
            path: request.path,
            query: url.query().unwrap_or_default().into(),
            content_type,
            body,
            remote_ip: None,
        };
        match self.0.api(request).await {
            Ok(answer) => Ok(HttpResponse {
                status: answer.status,
                content_type: answer.content_type,
                body: answer.body,
                ..HttpResponse::default()
            }),
            Err(Broken::Refused) => Err(TransportError::NotSent("refused".into())),
            Err(broken) => Err(TransportError::Unclear(broken.into())),
        }
    }
}

/// A follower who has just written, and the account's client.
async fn follower() -> (WeChat, Follower, Client) {
    let account = Account { kind: Kind::VerifiedService, ..Account::default() };
    let wechat = WeChat::new(account, wxbot_sim::Clock::starting_at(START)).unwrap();
    wechat.connect(Arc::new(|_: Request| async { Ok(Response::ok("success")) }));
    let alice = wechat.follower("alice");
    alice.does(Act::text("hi")).await.unwrap();
    let settings = Settings {
        app_id: Some(wechat.account().app_id.clone()),
        app_secret: Some(wechat.account().app_secret.clone().into()),
        ..settings(TokenKind::Stable)
    };
    let transport = Arc::new(Simulated(wechat.clone()));
    let client = Client::new(&settings, memory(), Clock::starting_at(START), transport);
    (wechat, alice, client)
}

async fn send(client: &Client, to: &Follower) -> Result<(), ApiError> {
    client.send(to.openid(), &CustomMessage::text("here it is")).await
}

#[tokio::test(start_paused = true)]
async fn what_is_not_unclear_was_not_done() {
    let seconds = Duration::from_secs;
    let table = [
        (ApiFault::Slow(seconds(5)), None, 1),
        (ApiFault::Slow(seconds(20)), Some(Class::Unclear), 0),
        (ApiFault::Hang(seconds(60)), Some(Class::Unclear), 0),
        (ApiFault::Refused, Some(Class::Transient), 0),
        (ApiFault::AnswerLost, Some(Class::Unclear), 1),
        (ApiFault::BrokenJson, Some(Class::Unclear), 1),
        (ApiFault::Status(429), Some(Class::Transient), 0),
        (ApiFault::Status(500), Some(Class::Unclear), 0),
        (ApiFault::Status(502), Some(Class::Unclear), 0),
        (ApiFault::Status(503), Some(Class::Transient), 0),
        (ApiFault::Status(504), Some(Class::Unclear), 0),
        (ApiFault::TokenSpent, None, 1),
        (ApiFault::Errcode(-1), Some(Class::Transient), 0),
        (ApiFault::Errcode(40001), None, 1),
        (ApiFault::Errcode(45009), Some(Class::Quota), 0),
        (ApiFault::Errcode(45015), Some(Class::FollowerLimit), 0),
        (ApiFault::Errcode(48001), Some(Class::NotAllowed), 0),
        (ApiFault::Errcode(40003), Some(Class::Permanent), 0),
    ];
    for (fault, class, done) in table {
        let (wechat, alice, client) = follower().await;
        let before = alice.phone().len();
        wechat.fault(Fault::api(SEND, When::First(1), fault));
        let sent = send(&client, &alice).await;
        assert_eq!(sent.as_ref().err().map(ApiError::class), class, "{fault:?}: {sent:?}");
        assert_eq!(alice.phone().len() - before, done, "{fault:?}");
        if done == 0 {
            send(&client, &alice).await.expect("it may be made again, and the fault is over");
        }
        sleep(seconds(60)).await;
        assert_eq!(alice.phone().len() - before, 1, "{fault:?}: once in the end");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_the_call_for_a_token_never_leaves_a_call_unclear() {
    let token = "/cgi-bin/stable_token";
    let faults = [
        (ApiFault::Hang(Duration::from_secs(60)), Class::Transient),
        (ApiFault::Refused, Class::Transient),
        (ApiFault::AnswerLost, Class::Transient),
        (ApiFault::BrokenJson, Class::Transient),
        (ApiFault::Status(500), Class::Transient),
        (ApiFault::Status(503), Class::Transient),
        (ApiFault::Errcode(-1), Class::Transient),
        (ApiFault::Errcode(45009), Class::Quota),
        (ApiFault::Errcode(40164), Class::OperatorMustFix),
        (ApiFault::Errcode(40001), Class::OperatorMustFix),
    ];
    for (fault, class) in faults {
        let (wechat, alice, client) = follower().await;
        wechat.fault(Fault::api(token, When::First(1), fault));
        let error = send(&client, &alice).await.unwrap_err();
        assert_eq!(error.class(), class, "{fault:?}: {error}");
        sleep(Duration::from_secs(61)).await;
        send(&client, &alice).await.expect("the fault is over");
    }
}
