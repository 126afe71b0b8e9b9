//! A port of this machine, and those who connect to it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::time::Duration;

use actix_http::{KeepAlive, ServiceConfig};
use actix_server::{GracefulShutdownSignal, Server};
use actix_web::dev::{Service, fn_factory, fn_service};
use actix_web::rt::net::TcpStream;
use futures_util::FutureExt;

use rustix::net::listen;
use rustix::net::sockopt::{set_socket_recv_buffer_size, set_socket_send_buffer_size};

use crate::connection;
use crate::connections::Connections;
use crate::handler::Handler;

/// What the system buffers for a connection, in either direction; left alone it takes up to 10 MB
/// for somebody who sends much, or reads nothing.
const SOCKET_BUFFER: usize = 64 * 1024;
/// Connections that wait for a place; beyond that the system drops what comes, and it comes again
/// only after a second. The system may have a lower limit (`net.core.somaxconn`).
const MOST_WAITING: i32 = 4096;
/// Connections of a worker, at least.
const LEAST: usize = 2;
/// One in so many places is for those who are leaving.
const SPARE: usize = 8;

/// A port that can't be had: which one, and why not.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address} (`[{section}] listen`){}", hint(source))]
pub struct BindError {
    section: &'static str,
    address: SocketAddr,
    source: io::Error,
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "; another wxbot may still run there",
        _ => "",
    }
}

/// Who serves a port.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Serving {
    /// Threads.
    pub(crate) workers: usize,
    /// Connections, of all workers together.
    pub(crate) connections: usize,
    /// For what is open when the server stops.
    pub(crate) drain: Duration,
}

/// A port that is taken. Who connects waits until it is served.
pub(crate) struct Listener {
    section: &'static str,
    socket: TcpListener,
    pub(crate) address: SocketAddr,
}

impl Listener {
    /// Takes the port that `[section] listen` names; `:0` is any free one.
    pub(crate) fn bind(section: &'static str, address: SocketAddr) -> Result<Self, BindError> {
        let bind = || {
            let socket = TcpListener::bind(address)?;
            listen(&socket, MOST_WAITING)?;
            // Every connection has the buffers of its listener.
            set_socket_recv_buffer_size(&socket, SOCKET_BUFFER)?;
            set_socket_send_buffer_size(&socket, SOCKET_BUFFER)?;
            let address = socket.local_addr()?;
            Ok(Self { section, socket, address })
        };
        bind().map_err(|source| BindError { section, address, source })
    }

    /// Serves it. Each thread has a handler of its own.
    pub(crate) fn serve<H: Handler>(
        self,
        serving: Serving,
        handler: impl AsyncFn() -> Result<H, ()> + Clone + Send + 'static,
    ) -> Result<Server, BindError> {
        let Self { section, socket, address } = self;
        let most = (serving.connections / serving.workers).max(LEAST);
        let server = Server::build()
            .workers(serving.workers)
            .max_concurrent_connections(most)
            .shutdown_timeout(serving.drain.as_secs())
            .disable_signals();
        let stopping = server.graceful_shutdown_signal();
        let server = server.listen(section, socket, move || {
            let (handler, stopping) = (handler.clone(), stopping.clone());
            fn_factory(move || worker(handler.clone(), most, stopping.clone()))
        });
        let server = server.map_err(|source| BindError { section, address, source })?;
        Ok(server.run())
    }
}

/// One thread with its connections.
async fn worker<H: Handler>(
    handler: impl AsyncFn() -> Result<H, ()>,
    most: usize,
    stopping: GracefulShutdownSignal,
) -> Result<impl Service<TcpStream, Response = (), Error = ()>, ()> {
    let handler = Rc::new(handler().await?);
    // Those who are to leave are still there when somebody takes their place.
    let connections = Connections::new(most - most / SPARE);
    actix_web::rt::spawn(Rc::clone(&connections).watch(stopping));
    // Of this, the codec needs no more than that connections may be kept alive.
    let config = ServiceConfig::new(KeepAlive::Os, Duration::ZERO, Duration::ZERO, false, None);
    Ok(fn_service(move |stream: TcpStream| {
        let slot = connections.admit();
        connection::serve(stream, slot, config.clone(), Rc::clone(&handler)).map(Ok)
    }))
}
