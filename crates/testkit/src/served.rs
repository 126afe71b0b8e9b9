//! Real servers on free ports of this machine, each on a thread of its own.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;
use wxbot::assembly::Assembly;
use wxbot::config::Components;
use wxbot_client::{HttpSettings, Reqwest, Transport};
use wxbot_core::bot::Bot;
use wxbot_server::Server;
use wxbot_sim::{SimServer, WeChat};

use crate::setup::SetupError;

const ANYWHERE: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// A server until it is dropped.
#[derive(Debug)]
pub(crate) struct Served {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            ended.expect("there is a thread").expect("the server ends without a panic");
        }
    }
}

type Stopped = oneshot::Receiver<()>;

/// Runs this on a thread, and waits for the first thing that it has to say.
fn serve<T: Send + 'static>(
    work: impl FnOnce(mpsc::Sender<Result<T, SetupError>>, Stopped) + Send + 'static,
) -> Result<(Served, T), SetupError> {
    let (stop, stopped) = oneshot::channel();
    let (ready, waiting) = mpsc::channel();
    let thread = thread::spawn(move || work(ready, stopped));
    let served = Served { stop: Some(stop), thread: Some(thread) };
    let said = waiting.recv().map_err(|_| SetupError::Serve("the thread ended".into()))??;
    Ok((served, said))
}

/// WeChat's API.
pub(crate) fn api(wechat: &WeChat) -> Result<(Served, SocketAddr), SetupError> {
    let wechat = wechat.clone();
    serve(move |ready, stopped| {
        wxbot_server::block_on(async {
            let bound = TcpListener::bind(ANYWHERE);
            match bound.and_then(|listener| SimServer::api(listener, wechat)) {
                Err(error) => drop(ready.send(Err(error.into()))),
                Ok(server) => {
                    drop(ready.send(Ok(server.address())));
                    let _ = server.run_until(async { drop(stopped.await) }).await;
                }
            }
        });
    })
}

/// How a bot calls an API that is served here.
pub(crate) fn transport(api: SocketAddr) -> Result<Arc<dyn Transport>, SetupError> {
    let settings = HttpSettings { api_base: format!("http://{api}"), ..HttpSettings::default() };
    let transport = Reqwest::new(&settings);
    Ok(Arc::new(transport.map_err(|error| SetupError::Serve(error.to_string()))?))
}

/// A bot: it, and where WeChat calls.
pub(crate) fn bot(
    mut components: Components,
) -> Result<(Served, Arc<Bot>, SocketAddr), SetupError> {
    let config = &mut components.config;
    config.server.listen = ANYWHERE.into();
    config.server.workers = 2;
    config.console.listen = ANYWHERE.into();
    let (server, console) = (config.server.clone(), config.console.clone());
    let (served, (bot, endpoint)) = serve(move |ready, stopped| {
        let assembly = match Assembly::new(components) {
            Ok(assembly) => assembly,
            Err(error) => {
                let error = SetupError::Serve(error.to_string());
                return drop(ready.send(Err(error)));
            }
        };
        wxbot_server::block_on(async {
            match Server::bind(assembly.bot.clone(), &server, &console) {
                Err(error) => drop(ready.send(Err(error.into()))),
                Ok(server) => {
                    drop(ready.send(Ok((assembly.bot.clone(), server.endpoint()))));
                    let _ = server.run_until(async { drop(stopped.await) }).await;
                }
            }
        });
    })?;
    Ok((served, bot, endpoint))
}
