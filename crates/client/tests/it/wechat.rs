//! A small WeChat in process: it gives tokens as section 7.1 says, and knows which are spent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use wxbot_client::{
    Client, HttpRequest, HttpResponse, Settings, Timeouts, TokenKind, Transport, TransportError,
};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;

pub(crate) const APP_ID: &str = "wx0123456789abcdef";
pub(crate) const APP_SECRET: &str = "canary-app-secret";
/// When tests begin, in Unix seconds.
pub(crate) const START: u64 = 1_735_689_600;

/// Something odd that WeChat does with the next call to a path.
pub(crate) enum Odd {
    Answer(&'static str),
    Status(u16),
    NotSent,
    Unclear,
    /// Does what it should, this much later.
    After(Duration),
    Never,
}

/// One side of the wire for any number of clients.
#[derive(Clone)]
pub(crate) struct WeChat(Arc<Mutex<State>>);

struct State {
    stable: Option<Given>,
    plain: Option<Given>,
    given: u32,
    last_forced: Option<Instant>,
    odd: VecDeque<(&'static str, Odd)>,
    always: Option<(&'static str, &'static str)>,
    hangs: bool,
    /// Calls that are being answered, and the most that ever were.
    running: usize,
    most_running: usize,
    calls: Vec<Seen>,
}

#[derive(Clone)]
struct Given {
    token: String,
    until: Instant,
    /// The one before it lives on until then.
    previous: Option<(String, Instant)>,
    revoked: bool,
}

/// A call as WeChat saw it.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) request: HttpRequest,
}

impl Seen {
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let mut query = self.request.query.iter();
        query.find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn body(&self) -> Value {
        serde_json::from_slice(&self.bytes()).expect("it brings JSON")
    }

    /// The body, which is in memory.
    pub(crate) fn bytes(&self) -> Bytes {
        let body = self.request.body.as_ref().expect("it is a POST");
        body.whole().now_or_never().expect("it is in memory").expect("it can be read")
    }

    fn is_for_a_token(&self) -> bool {
        ["/cgi-bin/stable_token", "/cgi-bin/token"].contains(&self.request.path.as_str())
    }
}

impl WeChat {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            stable: None,
            plain: None,
            given: 0,
            last_forced: None,
            odd: VecDeque::new(),
            always: None,
            hangs: false,
            running: 0,
            most_running: 0,
            calls: Vec::new(),
        })))
    }

    /// The next call to `path` finds this.
    pub(crate) fn next(&self, path: &'static str, odd: Odd) {
        self.lock().odd.push_back((path, odd));
    }

    /// Every call to `path` finds this, from now on.
    pub(crate) fn always(&self, path: &'static str, answer: &'static str) {
        self.lock().always = Some((path, answer));
    }

    /// No call is answered from now on, but those for a token.
    pub(crate) fn hang(&self) {
        self.lock().hangs = true;
    }

    /// And now no longer.
    pub(crate) fn never_mind(&self) {
        let mut state = self.lock();
        (state.always, state.hangs) = (None, false);
    }

    /// The stable token is refused from now on; asking gives another.
    pub(crate) fn replace_token(&self) {
        self.lock().stable = None;
    }

    /// The stable token is refused from now on, and yet given out.
    pub(crate) fn revoke_token(&self) {
        self.lock().stable.as_mut().expect("there is one").revoked = true;
    }

    /// Every call but those for a token.
    pub(crate) fn calls(&self) -> Vec<Seen> {
        let calls = self.lock().calls.clone();
        calls.into_iter().filter(|call| !call.is_for_a_token()).collect()
    }

    /// How many calls were made at once, at most.
    pub(crate) fn most_running(&self) -> usize {
        self.lock().most_running
    }

    pub(crate) fn token_calls(&self) -> Vec<Seen> {
        let calls = self.lock().calls.clone();
        calls.into_iter().filter(Seen::is_for_a_token).collect()
    }

    pub(crate) fn client(&self, store: Arc<dyn Store>) -> Client {
        self.client_with(&settings(TokenKind::Stable), store)
    }

    pub(crate) fn client_with(&self, settings: &Settings, store: Arc<dyn Store>) -> Client {
        Client::new(settings, store, Clock::starting_at(START), Arc::new(self.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn odd(&self, path: &str) -> Option<Odd> {
        let mut state = self.lock();
        let at = state.odd.iter().position(|(odd, _)| *odd == path)?;
        state.odd.remove(at).map(|(_, odd)| odd)
    }
}

#[async_trait]
impl Transport for WeChat {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if let Some(body) = &request.body {
            body.whole().await?;
        }
        let odd = self.odd(&request.path);
        let call = Seen { at: Instant::now(), request };
        let hangs = self.lock().hangs && !call.is_for_a_token();
        self.lock().calls.push(call.clone());
        let _running = Running::begin(&self.0);
        match odd {
            None if hangs => std::future::pending().await,
            Some(Odd::Answer(text)) => return Ok(answer(200, text)),
            Some(Odd::Status(status)) => return Ok(answer(status, "<html>")),
            Some(Odd::NotSent) => return Err(TransportError::NotSent("connection refused".into())),
            Some(Odd::Unclear) => return Err(TransportError::Unclear("connection reset".into())),
            Some(Odd::Never) => std::future::pending().await,
            // What WeChat gives is decided when it is asked, however late it comes.
            Some(Odd::After(time)) => {
                let given = self.lock().answer(&call);
                sleep(time).await;
                return Ok(answer(200, &given));
            }
            None => {}
        }
        sleep(Duration::from_millis(50)).await;
        let given = self.lock().answer(&call);
        Ok(answer(200, &given))
    }
}

/// A call that is being answered, until it is dropped.
struct Running(Arc<Mutex<State>>);

impl Running {
    fn begin(state: &Arc<Mutex<State>>) -> Self {
        let mut locked = state.lock().unwrap();
        locked.running += 1;
        locked.most_running = locked.most_running.max(locked.running);
        Self(Arc::clone(state))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.lock().unwrap().running -= 1;
    }
}

impl State {
    fn answer(&mut self, call: &Seen) -> String {
        let path = call.request.path.as_str();
        if let Some((_, answer)) = self.always.filter(|(always, _)| *always == path) {
            return answer.to_owned();
        }
        match path {
            "/cgi-bin/stable_token" => self.stable_token(call.body()["force_refresh"] == true),
            "/cgi-bin/token" => self.plain_token(),
            _ => self.refusal(call.query("access_token")).unwrap_or(r#"{"errcode":0}"#).to_owned(),
        }
    }

    fn stable_token(&mut self, force: bool) -> String {
        let now = Instant::now();
        let apart = |last: Instant| now - last >= Duration::from_secs(30);
        let forced = force && self.last_forced.is_none_or(apart);
        let old = self.stable.clone().filter(|given| given.until > now);
        let left = old.as_ref().map(|given| given.until - now).unwrap_or_default();
        if forced {
            self.last_forced = Some(now);
            self.stable = Some(self.new_token(None));
        } else if left < Duration::from_secs(300) {
            self.stable = Some(self.new_token(old));
        }
        shown(self.stable.as_ref().expect("it was just given"))
    }

    fn plain_token(&mut self) -> String {
        let old = self.plain.clone().map(|mut old| {
            old.until = old.until.min(Instant::now() + Duration::from_secs(300));
            old
        });
        self.plain = Some(self.new_token(old));
        shown(self.plain.as_ref().expect("it was just given"))
    }

    fn new_token(&mut self, old: Option<Given>) -> Given {
        self.given += 1;
        Given {
            token: format!("canary-token-{}", self.given),
            until: Instant::now() + Duration::from_secs(7200),
            previous: old.map(|old| (old.token, old.until)),
            revoked: false,
        }
    }

    fn refusal(&self, token: Option<&str>) -> Option<&'static str> {
        let given = [&self.stable, &self.plain].into_iter().flatten();
        if given.into_iter().any(|given| given.takes(token.unwrap_or_default())) {
            return None;
        }
        Some(
            r#"{"errcode":40001,"errmsg":"invalid credential, access_token is invalid or not latest"}"#,
        )
    }
}

impl Given {
    fn takes(&self, token: &str) -> bool {
        let now = Instant::now();
        let previous = self.previous.as_ref();
        (self.token == token && self.until > now && !self.revoked)
            || previous.is_some_and(|(previous, until)| previous == token && *until > now)
    }
}

fn shown(given: &Given) -> String {
    let left = (given.until - Instant::now()).as_secs();
    json!({"access_token": given.token, "expires_in": left}).to_string()
}

pub(crate) fn answer(status: u16, body: &str) -> HttpResponse {
    HttpResponse {
        status,
        content_type: "application/json; encoding=utf-8".into(),
        content_disposition: String::new(),
        retry_after: None,
        body: body.to_owned().into(),
    }
}

pub(crate) fn settings(token: TokenKind) -> Settings {
    Settings {
        account: "main".into(),
        app_id: Some(APP_ID.into()),
        app_secret: Some(APP_SECRET.into()),
        token,
        timeouts: Timeouts::default(),
    }
}

pub(crate) fn memory() -> Arc<dyn Store> {
    wxbot_store::open("memory:").unwrap()
}
