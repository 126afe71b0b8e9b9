//! What wxbot is measured against: an actix-web that reads the body and always says the same.

use actix_web::{App, HttpResponse, HttpServer, rt, web};
use anyhow::Result;
use std::net::TcpListener;
use std::process::Command;

use crate::answer;
use crate::message::{ECHOSTR, Mode, PATH};
use crate::options::Options;

/// This program again, as a bare server on a free port.
pub(crate) fn command(options: &Options, mode: Mode) -> Result<(Command, u16)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut command = options.command(&std::env::current_exe()?);
    command.args(["--bench", "--bare", &port.to_string(), "--mode", &mode.to_string()]);
    Ok((command, port))
}

/// Serves until SIGTERM.
pub(crate) fn serve(mode: Mode, port: u16) -> Result<()> {
    let said = web::Bytes::from(answer::typical(mode)?);
    let server = HttpServer::new(move || {
        let said = said.clone();
        let answer = move |_body: web::Bytes| std::future::ready(xml(said.clone()));
        App::new()
            .route(PATH, web::get().to(|| async { ECHOSTR }))
            .route(PATH, web::post().to(answer))
    });
    let running = async { server.bind(("127.0.0.1", port))?.run().await };
    Ok(rt::System::new().block_on(running)?)
}

fn xml(said: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/xml; charset=utf-8").body(said)
}
