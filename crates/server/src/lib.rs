//! wxbot-server: the endpoint WeChat calls, and the operator's listener beside it.
//!
//! The only crate that knows actix-web. It binds first and serves after, so that a caller knows
//! the ports before the first request:
//!
//! ```no_run
//! # async fn serve(
//! #     bot: std::sync::Arc<wxbot_core::bot::Bot>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use wxbot_server::{ConsoleSettings, Server, ServerSettings};
//!
//! let server = Server::bind(bot, &ServerSettings::default(), &ConsoleSettings::default())?;
//! println!("WeChat calls {}", server.endpoint());
//! server.run_until(std::future::pending()).await?;
//! # Ok(())
//! # }
//! ```

mod endpoint;
mod files;
mod body;
mod error;
mod operator;
mod listener;
mod handler;
mod connection;
mod connections;
mod capacity;
mod settings;
mod published; // in the reference

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server as ActixServer, ServerHandle};
use wxbot_core::bot::Bot;

use self::capacity::Capacity;
use self::endpoint::Endpoint;
use self::listener::{Listener, Serving};
use self::operator::Operator;

pub use error::status_of;
pub use files::{FileError, ServedFile};
pub use listener::BindError;
pub use operator::console_routes;
pub use published::{ENDPOINT_ROUTES, PublishedRoute};
pub use settings::{ConsoleSettings, ServerSettings};

/// Open deliveries are answered within WeChat's window, so nothing is cut off by this.
const DRAIN: Duration = Duration::from_secs(6);
const CONSOLE_DRAIN: Duration = Duration::from_secs(1);

/// Both listeners, bound.
pub struct Server {
    endpoint: ActixServer,
    operator: ActixServer,
    endpoint_at: SocketAddr,
    operator_at: SocketAddr,
    bot: Arc<Bot>,
}

impl Server {
    /// Takes both ports. Requests wait until the server runs.
    pub fn bind(
        bot: Arc<Bot>,
        server: &ServerSettings,
        console: &ConsoleSettings,
    ) -> Result<Self, BindError> {
        let endpoint = Listener::bind("server", server.listen)?;
        let operator = Listener::bind("console", console.listen)?;
        let (endpoint_at, operator_at) = (endpoint.address, operator.address);
        let accounts = Endpoint::new(Arc::clone(&bot), server.files.clone());
        let console = Operator::new(Arc::clone(&bot), console);
        let capacity = Capacity::new(server.max_connections);
        let (workers, connections) = (server.workers, capacity.endpoint);
        let serving = Serving { workers, connections, drain: DRAIN };
        let endpoint = endpoint.serve(serving, async move || Ok(Arc::clone(&accounts)))?;
        let serving = Serving { workers: 1, connections: capacity.console, drain: CONSOLE_DRAIN };
        let operator = operator.serve(serving, async move || operator::app(&console).await)?;
        Ok(Self { endpoint, operator, endpoint_at, operator_at, bot })
    }

    /// Where WeChat's requests come in.
    pub fn endpoint(&self) -> SocketAddr {
        self.endpoint_at
    }

    /// Where the operator looks.
    pub fn operator(&self) -> SocketAddr {
        self.operator_at
    }

    /// Serves until `stop` is ready; then takes no new connection, answers what is open, and
    /// returns.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let handles = [self.endpoint.handle(), self.operator.handle()];
        let serving = futures_util::future::try_join(self.endpoint, self.operator);
        let stopping = async {
            stop.await;
            self.bot.begin_shutdown();
            for handle in &handles {
                drain(handle).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            served = serving => served.map(|_| ()),
            () = stopping => Ok(()),
        }
    }
}

async fn drain(handle: &ServerHandle) {
    handle.stop(true).await;
}

/// Runs a future on a runtime that [`Server`] can serve on.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}
