//! Access tokens: the plain kind and the stable kind, which know nothing of each other
//! (section 7.1).

use serde_json::{Value, json};

use super::Refused;
use super::call::{Answer, Call, text};
use super::quota::day;
use crate::wechat::WeChat;

const LIFETIME: u64 = 7200 * 1000;
/// How long an old token lives beside a new one.
const OVERLAP: u64 = 300 * 1000;
/// Between two forced refreshes.
const FORCED_APART: u64 = 30 * 1000;
const FORCED_A_DAY: u64 = 20;
/// Tokens are remembered beyond their death, to say why they are refused.
const KEPT: usize = 1000;

/// All tokens that were issued.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: Vec<Token>,
    count: u64,
    /// The last forced refresh, and how many there were on that day.
    forced: Option<(u64, u64)>,
}

#[derive(Debug)]
struct Token {
    value: String,
    kind: Kind,
    /// Unix milliseconds.
    expires: u64,
    /// When it is not the latest any more.
    spent: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Stable,
}

impl Token {
    fn check(&self, now: u64) -> Result<(), Refused> {
        if self.spent.is_some_and(|spent| now >= spent) {
            return Err(Refused::code(40001));
        }
        if now >= self.expires { Err(Refused::code(42001)) } else { Ok(()) }
    }
}

impl Tokens {
    /// Whether a call with this token is the account's.
    pub(super) fn check(&self, value: &str, now: u64) -> Result<(), Refused> {
        let token = self.issued.iter().find(|token| token.value == value);
        token.ok_or(Refused::code(40014))?.check(now)
    }

    /// How many there were so far.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// As when another process had new ones made.
    fn spend(&mut self, now: u64) {
        self.issued.iter_mut().for_each(|token| token.spend_at(now));
    }

    fn issue(&mut self, kind: Kind, value: String, now: u64) -> Value {
        let answer = json!({ "access_token": value, "expires_in": LIFETIME / 1000 });
        if self.issued.len() == KEPT {
            self.issued.remove(0);
        }
        self.issued.push(Token { value, kind, expires: now + LIFETIME, spent: None });
        self.count += 1;
        answer
    }

    fn of_kind(&mut self, kind: Kind) -> impl Iterator<Item = &mut Token> {
        self.issued.iter_mut().filter(move |token| token.kind == kind)
    }

    /// A plain token is new with each call, and the old one lives on for 5 minutes.
    fn plain(&mut self, value: String, now: u64) -> Value {
        self.of_kind(Kind::Plain).for_each(|token| token.spend_at(now + OVERLAP));
        self.issue(Kind::Plain, value, now)
    }

    /// A stable token is the same until its last 5 minutes.
    fn stable(&mut self, value: String, now: u64) -> Value {
        let good = |token: &&mut Token| token.check(now).is_ok() && token.expires > now + OVERLAP;
        if let Some(token) = self.of_kind(Kind::Stable).find(good) {
            let expires_in = (token.expires - now) / 1000;
            return json!({ "access_token": token.value, "expires_in": expires_in });
        }
        self.issue(Kind::Stable, value, now)
    }

    /// The old one dies at once; too soon after the last time nothing happens.
    fn forced(&mut self, value: String, now: u64) -> Result<Value, Refused> {
        let times = match self.forced {
            Some((last, _)) if now < last + FORCED_APART => return Ok(self.stable(value, now)),
            Some((last, times)) if day(last) == day(now) => times,
            _ => 0,
        };
        if times == FORCED_A_DAY {
            return Err(Refused::code(45009));
        }
        self.forced = Some((now, times + 1));
        self.of_kind(Kind::Stable).for_each(|token| token.spend_at(now));
        Ok(self.issue(Kind::Stable, value, now))
    }
}

impl Token {
    fn spend_at(&mut self, at: u64) {
        self.spent = Some(self.spent.map_or(at, |spent| spent.min(at)));
    }
}

pub(super) fn plain(call: &mut Call<'_>) -> Result<Answer, Refused> {
    call.let_in()?;
    let asked = ["grant_type", "appid", "secret"].map(|name| call.query(name));
    call.knows_the_secret(asked)?;
    let value = call.world.random_text(136);
    Ok(Answer::Data(call.world.tokens.plain(value, call.now)))
}

pub(super) fn stable(call: &mut Call<'_>) -> Result<Answer, Refused> {
    call.let_in()?;
    let body = call.json()?;
    call.knows_the_secret(["grant_type", "appid", "secret"].map(|name| text(&body, name)))?;
    let value = call.world.random_text(136);
    let forced = body["force_refresh"] == true;
    let tokens = &mut call.world.tokens;
    let answer = match forced {
        true => tokens.forced(value, call.now)?,
        false => tokens.stable(value, call.now),
    };
    Ok(Answer::Data(answer))
}

impl Call<'_> {
    /// The white list, where there is one.
    fn let_in(&self) -> Result<(), Refused> {
        match (&self.world.ip_whitelist, self.request.remote_ip) {
            (Some(allowed), Some(ip)) if !allowed.contains(&ip) => {
                Err(Refused::with(40164, format!("invalid ip {ip}, not in whitelist")))
            }
            _ => Ok(()),
        }
    }

    fn knows_the_secret(&self, asked: [Option<&str>; 3]) -> Result<(), Refused> {
        let [grant_type, app_id, secret] = asked;
        let app_id = app_id.ok_or(Refused::code(41002))?;
        let secret = secret.ok_or(Refused::code(41004))?;
        let rows = [
            (grant_type == Some("client_credential"), 40002),
            (app_id == self.account.app_id, 40013),
            (secret == self.account.app_secret, 40125),
        ];
        match rows.iter().find(|(right, _)| !right) {
            Some((_, errcode)) => Err(Refused::code(*errcode)),
            None => Ok(()),
        }
    }
}

impl WeChat {
    /// Spends all tokens, as when another process had new ones made: they are answered with
    /// 40001 from now on.
    pub fn spend_tokens(&self) {
        let now = self.clock().now_ms();
        self.world(|world| world.tokens.spend(now));
    }

    /// How many tokens were issued.
    pub fn tokens_issued(&self) -> u64 {
        self.world(|world| world.tokens.count())
    }
}
