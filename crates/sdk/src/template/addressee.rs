//! What a template knows where no message is answered: to whom it goes, and when.

use std::collections::BTreeMap;

use minijinja::Value;

use super::values::Moment;

/// Who gets a text that answers nothing, such as one that is sent at a time.
#[derive(Debug, Clone, Copy)]
pub struct Addressee<'a> {
    /// The account's id in `bot.toml`.
    pub account: &'a str,
    /// The follower.
    pub openid: &'a str,
    /// When, in Unix seconds.
    pub now: u64,
}

impl Addressee<'_> {
    /// `account.id`, `follower.openid`, `time`, and the text's own.
    pub(super) fn root(self, own: &[(&'static str, &str)]) -> Value {
        let with = |name: &'static str, value: &str| {
            Value::from(BTreeMap::from([(name, Value::from(value))]))
        };
        let common = [
            ("account", with("id", self.account)),
            ("follower", with("openid", self.openid)),
            ("time", Value::from_object(Moment::in_beijing(self.now))),
        ];
        let own = own.iter().map(|(name, value)| (*name, Value::from(*value)));
        Value::from(common.into_iter().chain(own).collect::<BTreeMap<_, _>>())
    }
}
