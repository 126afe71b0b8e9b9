//! Real servers on free ports of this machine, each on a thread of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use wxbot::assembly::PluginRuntime;
use wxbot::config::Components;
use wxbot_client::{HttpSettings, Reqwest, Transport};
use wxbot_core::bot::Bot;
use wxbot_server::{ConsoleSettings, Server, ServerSettings};
use wxbot_sim::{SimServer, WeChat};

use crate::error::SetupError;

const ANYWHERE: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// A bot that serves until it is dropped.
#[derive(Debug)]
pub struct ServedBot {
    /// Where WeChat calls.
    pub endpoint: SocketAddr,
    /// Where the operator looks.
    pub operator: SocketAddr,
    _server: ServerThread,
}

/// What a bot of this configuration is served with, on free ports.
pub struct FreePorts {
    server: ServerSettings,
    console: ConsoleSettings,
    links: usize,
}

impl FreePorts {
    /// For a bot that is put together from this.
    pub fn of(Components { config, chain, .. }: &Components) -> Self {
        let (mut server, mut console) =
            (ServerSettings::clone(&config.server), ConsoleSettings::clone(&config.console));
        (server.listen, console.listen) = (ANYWHERE.into(), ANYWHERE.into());
        server.workers = 2;
        Self { server, console, links: chain.len() }
    }

    /// Serves the bot of what is built for this runtime, and hands that back.
    pub fn serve<T: Send + 'static>(
        self,
        build: impl FnOnce(&Handle) -> Result<T, SetupError> + Send + 'static,
        bot: impl FnOnce(&T) -> Arc<Bot> + Send + 'static,
    ) -> Result<(ServedBot, T), SetupError> {
        let started = ServerThread::start(move |ready, stopped| {
            let plugins = PluginRuntime::start(self.links)?;
            let built = build(plugins.handle())?;
            let bot = bot(&built);
            wxbot_server::block_on(async {
                let server = Server::bind(bot, &self.server, &self.console)?;
                let _ = ready.send((server.endpoint(), server.operator(), built));
                Ok(server.run_until(async { drop(stopped.await) }).await?)
            })
        });
        let (server, (endpoint, operator, built)) = started?;
        Ok((ServedBot { endpoint, operator, _server: server }, built))
    }
}

/// WeChat's API, and how a bot calls it.
pub(crate) fn api(wechat: &WeChat) -> Result<(ServerThread, Arc<dyn Transport>), SetupError> {
    let wechat = wechat.clone();
    let (server, address) = ServerThread::start(move |ready, stopped| {
        wxbot_server::block_on(async {
            let server = SimServer::api(TcpListener::bind(ANYWHERE)?, wechat)?;
            let _ = ready.send(server.address());
            Ok(server.run_until(async { drop(stopped.await) }).await?)
        })
    })?;
    let settings =
        HttpSettings { api_base: format!("http://{address}"), ..HttpSettings::default() };
    let transport = Reqwest::new(&settings).map_err(io::Error::other)?;
    Ok((server, Arc::new(transport)))
}

/// A server until it is dropped.
#[derive(Debug)]
pub(crate) struct ServerThread {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), SetupError>>>,
}

impl ServerThread {
    /// Runs this on a thread, and waits until it says that it is ready, or fails.
    fn start<T: Send + 'static>(
        work: impl FnOnce(mpsc::Sender<T>, oneshot::Receiver<()>) -> Result<(), SetupError>
        + Send
        + 'static,
    ) -> Result<(Self, T), SetupError> {
        let (stop, stopped) = oneshot::channel();
        let (ready, waiting) = mpsc::channel();
        let thread = thread::spawn(move || work(ready, stopped));
        let Ok(said) = waiting.recv() else {
            let ended = thread.join().unwrap_or(Ok(()));
            return Err(ended.err().unwrap_or(SetupError::Serve("the thread ended".into())));
        };
        Ok((Self { stop: Some(stop), thread: Some(thread) }, said))
    }
}

impl Drop for ServerThread {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            let ended = ended.expect("there is a thread").expect("the server ends without a panic");
            ended.expect("the server runs until it is stopped");
        }
    }
}
