//! WeChat behind a port, and bots that are processes.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::oneshot;
use tokio::task::block_in_place;
use wxbot_sim::{Account, Clock, Follower, HttpEndpoint, Kind, Options, SimServer, WeChat};
use wxbot_tests::http;
use wxbot_tests::program::{Program, Serving};

/// For what is only a matter of time: work that was cut off very often waits minutes.
const PATIENCE: Duration = Duration::from_secs(600);

/// `[late]`: an answer that takes a moment is promised, and follows.
pub(crate) const PROMISES_SOON: &str =
    "[late]\nwindow = '300ms'\ndeliveries = 1\ncustomer_service = true\n";

/// WeChat with one account, its API at a port of this machine.
pub(crate) struct Town {
    pub(crate) wechat: WeChat,
    api: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Town {
    /// Its followers' messages are delivered to this port.
    pub(crate) fn new(kind: Kind, port: u16) -> Self {
        Self::with_path(kind, port, "wechat")
    }

    /// The same at another path.
    pub(crate) fn with_path(kind: Kind, port: u16, path: &str) -> Self {
        let app_id = app_id(port, path);
        let account = Account { kind, app_id, ..Account::default() };
        let wechat = WeChat::with(account, Clock::real(), Options::default()).unwrap();
        let url = format!("http://127.0.0.1:{port}/{path}");
        wechat.connect(Arc::new(HttpEndpoint::new(url).unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = SimServer::api(listener, wechat.clone()).unwrap();
        let api = server.address();
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(server.run_until(async { drop(stopped.await) }));
        Self { wechat, api, _stop: stop }
    }

    /// `[[account]]` of `bot.toml`, ready for more keys.
    pub(crate) fn account(&self, id: &str, path: &str) -> String {
        let Account { token, app_id, app_secret, .. } = self.wechat.account();
        format!(
            "[[account]]\nid = '{id}'\npath = '/{path}'\ntoken = '{token}'\napp_id = '{app_id}'\n\
             app_secret = '{app_secret}'\napi_base = 'http://{}'\n",
            self.api
        )
    }
}

/// A bot of the plugin `scripted`, in a folder of its own; each time it is asked, that is noted in
/// the file `runs` there, or in the one that is named.
pub(crate) fn bot(port: u16, store: &str, rest: &str, runs: &str) -> Program {
    Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&format!(
        "[server]\nlisten = '127.0.0.1:{port}'\nworkers = 2\n[console]\nlisten = '127.0.0.1:0'\n\
         [store]\nurl = '{store}'\n{rest}\n\
         [[chain]]\nplugin = 'scripted'\nconfig = {{ runs = '{runs}' }}\n"
    ))
}

/// Starts it, and waits until it is ready.
pub(crate) fn serve(program: &Program) -> Serving {
    block_in_place(|| program.serve(&["run"]))
}

/// What is at a path of the operator's listener.
pub(crate) fn look(serving: &Serving, path: &str) -> String {
    block_in_place(|| http::get(serving.operator, path)).body
}

/// The bubbles on a phone.
pub(crate) fn bubbles(follower: &Follower) -> Vec<(u64, String)> {
    let phone = follower.phone();
    phone.iter().filter_map(|shown| Some((shown.at, shown.text()?.to_owned()))).collect()
}

/// Waits until something is so, with a bound that only a fault reaches.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "not so in {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until every late answer is given or waits for its follower, and none is given up.
pub(crate) async fn nothing_is_late(serving: &Serving) {
    until("nothing is late", || {
        let outbox = look(serving, "/outbox");
        assert!(!outbox.contains("given_up"), "{outbox}");
        outbox.matches("\"state\":").count() == outbox.matches("\"state\":\"waiting\"").count()
    })
    .await;
}

/// Chance, which can be had again.
pub(crate) fn chance() -> StdRng {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = std::env::var("WXBOT_SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
    println!("WXBOT_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// A number that the environment may say.
pub(crate) fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |number| number.parse().unwrap())
}

/// Runs a test in real time.
pub(crate) fn awake(test: impl Future<Output = ()>) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap().block_on(test);
}

/// Another one for each account, as its tokens are kept under it.
fn app_id(port: u16, path: &str) -> String {
    let bytes = path.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31) + u64::from(byte));
    format!("wx{:016x}", bytes << 16 | u64::from(port))
}
