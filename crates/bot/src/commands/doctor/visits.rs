//! The requests that WeChat makes, signed and sealed with what bot.toml has.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use wxbot_client::{Visit, VisitError, Visitor};
use wxbot_core::account::Mode as BotMode;
use wxbot_sim::{Account, Fresh, Mode, sign};

use crate::config::{AccountSettings, PublicUrl};

/// Longer than WeChat waits, so as to see how long it takes.
const PATIENCE: Duration = Duration::from_secs(8);
/// Whose event it is, and which: WeChat has neither.
const OPENID: &str = "oWXBOT_doctor_00000000000000";
const EVENT: &str = "wxbot_doctor";

/// Visits one account's URL.
pub(super) struct Visits {
    pub(super) url: PublicUrl,
    visitor: Visitor,
    account: Account,
    /// What the account takes, the way WeChat would send it.
    pub(super) modes: Vec<Mode>,
    /// Whether a plain message has to be refused.
    pub(super) refuses_plain: bool,
}

impl Visits {
    /// `None` where no connections can be made at all.
    pub(super) fn new(settings: &AccountSettings, url: &PublicUrl) -> Option<Self> {
        let secret = |secret: &Option<SecretString>| {
            secret.as_ref().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default()
        };
        let account = Account {
            token: settings.token.expose_secret().to_owned(),
            app_id: settings.app_id.clone().unwrap_or_default(),
            encoding_aes_key: secret(&settings.encoding_aes_key).trim().to_owned(),
            original_id: settings.original_id.clone().unwrap_or("gh_wxbot_doctor".into()),
            ..Account::default()
        };
        let modes = match settings.mode {
            BotMode::Plain => vec![Mode::Plain],
            BotMode::Compatible => vec![Mode::Compatible, Mode::Safe],
            BotMode::Safe => vec![Mode::Safe],
        };
        let refuses_plain = settings.mode == BotMode::Safe;
        let visitor = Visitor::new(PATIENCE).ok()?;
        Some(Self { url: url.clone(), visitor, account, modes, refuses_plain })
    }

    /// The handshake, at this path; the echostr, and what came back.
    pub(super) async fn handshake(&self, path: &str) -> (String, Result<Visit, VisitError>) {
        let echostr = echostr();
        let query = signed(&self.account.token, &fresh());
        let url = format!("{}?{query}&echostr={echostr}", self.url.with_path(path));
        (echostr, self.visitor.get(&url).await)
    }

    /// A handshake that the bot answers as late as this.
    pub(super) async fn late_handshake(
        &self,
        wait: Duration,
    ) -> (String, Result<Visit, VisitError>) {
        let echostr = echostr();
        let query = signed(&self.account.token, &fresh());
        let wait = wait.as_millis();
        let url = format!("{}?{query}&echostr={echostr}&wxbot_wait={wait}", self.url);
        (echostr, self.visitor.get(&url).await)
    }

    /// A handshake that somebody else signed.
    pub(super) async fn forged_handshake(&self) -> (String, Result<Visit, VisitError>) {
        let query = signed("not-the-token", &fresh());
        let echostr = echostr();
        let url = format!("{}?{query}&echostr={echostr}", self.url);
        (echostr, self.visitor.get(&url).await)
    }

    /// An event, sealed like this.
    pub(super) async fn message(&self, mode: Mode) -> Result<Visit, VisitError> {
        self.post(&Account { mode, ..self.account.clone() }).await
    }

    /// The same, signed by somebody else.
    pub(super) async fn forged_message(&self, mode: Mode) -> Result<Visit, VisitError> {
        let token = "not-the-token".to_owned();
        self.post(&Account { mode, token, ..self.account.clone() }).await
    }

    async fn post(&self, account: &Account) -> Result<Visit, VisitError> {
        let fresh = fresh();
        let body = event(&account.original_id, fresh.timestamp);
        let request = account.request(body, OPENID, &fresh);
        let request = request.map_err(|error| VisitError::Broken(error.to_string()))?;
        let url = format!("{}?{}", self.url, request.query);
        self.visitor.post(&url, "text/xml", request.body).await
    }
}

/// Plugins see an event of which they know nothing.
fn event(to: &str, now: u64) -> String {
    let nonce: u64 = rand::rng().random();
    let fields =
        [("ToUserName", to), ("FromUserName", OPENID), ("MsgType", "event"), ("Event", EVENT)];
    let fields = fields.map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>"));
    format!(
        "<xml>{}<CreateTime>{now}</CreateTime><EventKey>{nonce}</EventKey></xml>",
        fields.concat()
    )
}

fn fresh() -> Fresh {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let nonce = rand::rng().random_range(1_u32..1 << 31).to_string();
    Fresh { timestamp: now, nonce, random: rand::rng().random() }
}

fn echostr() -> String {
    rand::rng().random_range(1_u64 << 60..1 << 63).to_string()
}

fn signed(token: &str, fresh: &Fresh) -> String {
    let (timestamp, nonce) = (fresh.timestamp.to_string(), &fresh.nonce);
    let signature = sign(&[token, &timestamp, nonce]);
    format!("signature={signature}&timestamp={timestamp}&nonce={nonce}")
}
