//! Why a model gave no answer, as far as that decides what is done next.
//!
//! What an API wrote is not repeated, as it may quote the key or what was asked: its code is.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

/// Why there is no answer. Nothing was said in all of these cases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// No connection, or it broke before anything was said.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// Nothing came for `idle_timeout`.
    #[error("nothing came for too long")]
    Stalled,
    /// `timeout` is over.
    #[error("it took too long")]
    TimedOut,
    /// The question had no turn within `timeout`.
    #[error("too many questions at once")]
    Crowded,
    /// Too many requests.
    #[error("too many requests ({code})")]
    Busy {
        /// What the API calls it.
        code: String,
        /// When to come back.
        after: Option<Duration>,
    },
    /// The API is in trouble.
    #[error("the API is in trouble ({0})")]
    Trouble(String),
    /// A wrong key, model, or request, or nothing left to pay with.
    #[error("the API refused ({0}){cure}", cure = cure(.0))]
    Refused(String),
    /// Nothing is left to pay with, whatever is asked.
    #[error("the API refused ({0}): no balance or quota is left; top up at the provider")]
    Unpaid(String),
    /// The history is longer than the model takes.
    #[error("too long for the model ({0})")]
    TooLong(String),
    /// The API does not know the conversation any more.
    #[error("the API does not know the conversation ({0})")]
    Forgotten(String),
    /// The model wants `reasoning_content` of earlier answers.
    #[error("the API wants `reasoning_content`")]
    WantsReasoning,
    /// The provider's moderation refused question or answer.
    #[error("refused by moderation")]
    Moderated,
    /// An answer without a word.
    #[error("an empty answer")]
    Empty,
    /// A body that has no embeddings, or wrong ones.
    #[error("{0} (embeddings); is `base_url` right?")]
    NoVectors(String),
    /// More or fewer embeddings than texts: it is not known whose they are, whatever was asked.
    #[error("{came} came for {asked} texts (embeddings); is `base_url` right?")]
    Miscounted {
        /// Embeddings.
        came: usize,
        /// Texts.
        asked: usize,
    },
    /// `total_tokens_per_day`.
    #[error("the tokens of the day are used up")]
    UsedUp,
    /// A body that is no answer.
    #[error("the body is no chat completion; is `base_url` right?")]
    Unreadable,
}

/// Words in codes and messages of moderation, as several providers write them.
const MODERATION: [&str; 8] = [
    "content_filter",
    "content_policy",
    "data_inspection_failed",
    "datainspectionfailed",
    "sensitivecontent",
    "moderation",
    "content exists risk",
    "1301",
];
const TOO_LONG: [&str; 5] = [
    "context_length",
    "context length",
    "context window",
    "range of input length",
    "exceeded model token limit",
];
/// Nothing to pay with, under whatever status: OpenAI says 429, DashScope 400. It lasts.
const UNPAID: [&str; 4] = ["insufficient_quota", "exceeded_current_quota", "arrearage", "1113"];

impl Failure {
    /// What a status other than 200 means.
    pub(crate) fn of_status(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let code = match code(&body) {
            Some(code) => format!("{}, {code}", status.as_u16()),
            None => status.as_u16().to_string(),
        };
        let words = words(&body);
        let has = |known: &[&str]| known.iter().any(|word| words.contains(word));
        match status.as_u16() {
            429 if !has(&UNPAID) => Self::Busy { code, after: retry_after(headers) },
            408 | 500.. => Self::Trouble(code),
            400..500 if has(&MODERATION) => Self::Moderated,
            400..500 if has(&TOO_LONG) => Self::TooLong(code),
            400..500 if words.contains("conversation") && words.contains("not exist") => {
                Self::Forgotten(code)
            }
            400..500 if has(&UNPAID) => Self::Unpaid(code),
            400 if words.contains("reasoning_content") => Self::WantsReasoning,
            _ => Self::Refused(code),
        }
    }

    /// What an error means that came with status 200.
    pub(crate) fn of_error(body: &Value) -> Self {
        let words = words(body);
        let has = |known: &[&str]| known.iter().any(|word| words.contains(word));
        let code = code(body).unwrap_or_else(|| "200".into());
        if has(&MODERATION) {
            Self::Moderated
        } else if has(&["rate_limit", "429", "overloaded"]) {
            Self::Busy { code, after: None }
        } else {
            Self::Trouble(code)
        }
    }

    /// Whether the same may work in a moment.
    pub(crate) fn may_pass(&self) -> bool {
        use Failure::{Busy, Empty, Stalled, Trouble, Unreachable};
        matches!(self, Unreachable(_) | Stalled | Busy { .. } | Trouble(_) | Empty)
    }

    /// Whether another model may do better: not where the question is what is wrong.
    pub(crate) fn may_ask_another(&self) -> bool {
        !matches!(self, Self::Moderated | Self::TimedOut)
    }

    /// Whether it is about what was asked, so that another text may do better.
    pub(crate) fn is_of_the_text(&self) -> bool {
        match self {
            Self::Moderated | Self::TooLong(_) => true,
            Self::Refused(code) => {
                ["400", "413", "422"].iter().any(|status| code.starts_with(status))
            }
            _ => false,
        }
    }

    /// Whether what was asked may be why, or the API.
    pub(crate) fn may_be_of_the_text(&self) -> bool {
        matches!(self, Self::Trouble(_) | Self::NoVectors(_) | Self::Unreadable | Self::Stalled)
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { after, .. } => *after,
            _ => None,
        }
    }
}

/// What a refusal means, by the status in front of its code, and what to look at.
fn cure(code: &str) -> &'static str {
    match code.split(',').next() {
        Some("401") => ": the key is wrong or has expired; look at `key`",
        Some("402") => ": no balance or quota is left; top up at the provider",
        Some("403") => ": the key has no right to this model; look at `key` and `model`",
        Some("404") => ": there is no such address or model; look at `base_url` and `model`",
        _ => "",
    }
}

/// In seconds; dates are rare and not worth a clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// `error.code` or `error.type`, or without `error` around; only what looks like a code.
fn code(body: &Value) -> Option<String> {
    let error = body.get("error").filter(|error| error.is_object()).unwrap_or(body);
    let mut found = ["code", "type"].into_iter().filter_map(|key| match error.get(key)? {
        Value::String(code) => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    });
    let is_code = |code: &String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        (1..=48).contains(&code.len()) && code.chars().all(plain) && !code.starts_with("sk-")
    };
    found.find(is_code)
}

/// All that an error says, in lower case.
fn words(body: &Value) -> String {
    let error = body.get("error").unwrap_or(body);
    let text = |key: &str| match error.get(key) {
        Some(Value::String(text)) => text.to_lowercase(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let alone = error.as_str().map(str::to_lowercase).unwrap_or_default();
    let codes = format!("{} {}", text("code"), text("type"));
    format!("{alone} {codes} {} {}", text("message"), text("msg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_without_money_is_one_under_whatever_status() {
        for (status, code) in [(429, "insufficient_quota"), (400, "Arrearage"), (403, "1113")] {
            let status = StatusCode::from_u16(status).unwrap();
            let body = format!(r#"{{"error":{{"code":"{code}","message":"Access denied."}}}}"#);
            let failure = Failure::of_status(status, &HeaderMap::new(), body.as_bytes());
            let expected = format!("{}, {code}", status.as_u16());
            assert_eq!(failure, Failure::Unpaid(expected));
            assert!(!failure.is_of_the_text() && !failure.may_pass());
        }
    }
}
