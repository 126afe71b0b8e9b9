//! The simulation behind a port: WeChat's API, and the control API below `/_sim/`.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};

use actix_web::body::{BodyStream, BoxBody};
use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ORIGIN};
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures_util::stream;

use crate::api_call::{ApiRequest, ApiResponse};
use crate::control;
use crate::wechat::WeChat;

/// Above the largest upload, so that it is WeChat's API that refuses larger ones.
const MAX_BODY_BYTES: usize = 24 * 1024 * 1024;

/// A listener that answers as api.weixin.qq.com does.
pub struct SimServer {
    server: Server,
    address: SocketAddr,
}

/// What a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Serves {
    Api,
    ApiAndControl,
}

impl SimServer {
    /// Serves the API alone.
    pub fn api(listener: TcpListener, wechat: WeChat) -> io::Result<Self> {
        Self::bind(listener, wechat, Serves::Api)
    }

    /// Serves the API and the control API (see [`control`]). The listener should be on loopback;
    /// requests from pages in a browser are refused.
    pub fn with_control(listener: TcpListener, wechat: WeChat) -> io::Result<Self> {
        Self::bind(listener, wechat, Serves::ApiAndControl)
    }

    fn bind(listener: TcpListener, wechat: WeChat, serves: Serves) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let app = move || {
            App::new()
                .app_data(PayloadConfig::new(MAX_BODY_BYTES))
                .app_data(Data::new(wechat.clone()))
                .default_service(web::to(move |request, body, wechat| {
                    answer(request, body, wechat, serves)
                }))
        };
        let server = HttpServer::new(app).workers(1).shutdown_timeout(1).disable_signals();
        Ok(Self { server: server.listen(listener)?.run(), address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is ready.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let handle = self.server.handle();
        let stopping = async {
            stop.await;
            handle.stop(false).await;
            Ok(())
        };
        tokio::select! {
            served = self.server => served,
            stopped = stopping => stopped,
        }
    }
}

async fn answer(
    request: HttpRequest,
    body: Bytes,
    wechat: Data<WeChat>,
    serves: Serves,
) -> HttpResponse {
    if serves == Serves::ApiAndControl && request.path().starts_with(control::PREFIX) {
        return answer_control(&request, &body, &wechat).await;
    }
    let content_type = request.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let call = ApiRequest {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        content_type,
        body: body.to_vec(),
        remote_ip: request.peer_addr().map(|peer| peer.ip()),
    };
    wechat.api(call).await.map_or_else(|_| hang_up(), respond)
}

fn respond(response: ApiResponse) -> HttpResponse {
    let mut builder = HttpResponse::build(status(response.status));
    builder.insert_header((CONTENT_TYPE, response.content_type));
    if let Some(name) = response.file_name {
        let name = name.replace(['"', '\\', '\r', '\n'], "_");
        builder.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    }
    builder.body(response.body)
}

/// A body that fails at once, so that the connection breaks without an answer.
fn hang_up() -> HttpResponse {
    let reset: io::Result<Bytes> = Err(io::ErrorKind::ConnectionReset.into());
    let body = BodyStream::new(stream::iter([reset]));
    HttpResponse::Ok().force_close().body(BoxBody::new(body))
}

/// Only browsers send `Origin`, and their pages have no business here.
async fn answer_control(request: &HttpRequest, body: &[u8], wechat: &WeChat) -> HttpResponse {
    if request.headers().contains_key(ORIGIN) {
        return HttpResponse::Forbidden().finish();
    }
    let method = request.method().as_str();
    let response = control::handle(wechat, method, request.path(), body).await;
    HttpResponse::build(status(response.status)).json(response.body)
}

fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
