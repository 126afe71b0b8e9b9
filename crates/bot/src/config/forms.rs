//! What the values look like that WeChat gives out.
//!
//! A value of another form can be configured and never works: every request is refused then, or
//! every call.

/// The token of the built-in `bot.toml`. WeChat would not take it, so no real account has it.
pub(super) const DEMO_TOKEN: &str = "wxbot-demo-token";

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// Token (令牌)
    Token,
    /// AppID
    AppId,
    /// 原始ID
    OriginalId,
    /// AppSecret
    AppSecret,
    /// EncodingAESKey
    AesKey,
}

impl Form {
    /// What is wrong with a value, if anything is, as the end of a sentence. Secrets are described,
    /// not quoted.
    pub(crate) fn fault(self, value: &str) -> Option<String> {
        match self {
            Self::Token => fault_of_token(value),
            Self::AppId => fault_of_app_id(value),
            Self::OriginalId => fault_of_original_id(value),
            Self::AppSecret if value.is_empty() => Some("is empty".to_owned()),
            Self::AppSecret => residue(value).map(str::to_owned),
            // Blanks around a key do no harm, and the rest is for the cipher to say.
            Self::AesKey => residue(value.trim()).map(str::to_owned),
        }
    }
}

fn fault_of_token(token: &str) -> Option<String> {
    // An empty one is an error of its own.
    if token.is_empty() || token == DEMO_TOKEN {
        return None;
    }
    let fault = if let Some(residue) = residue(token) {
        residue.to_owned()
    } else if !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        "has characters other than a-z, A-Z and 0-9".to_owned()
    } else if !(3..=32).contains(&token.len()) {
        format!("has {} characters", token.len())
    } else {
        return None;
    };
    Some(format!("{fault}; a Token is 3 to 32 letters and digits"))
}

fn fault_of_app_id(app_id: &str) -> Option<String> {
    if is_app_id(app_id) {
        return None;
    }
    let looks = match app_id.starts_with("gh_") {
        true => ", which looks like an `original_id` (原始ID)",
        false => "",
    };
    Some(format!("is `{app_id}`{looks}; an AppID is `wx` and 16 hex digits"))
}

fn fault_of_original_id(original_id: &str) -> Option<String> {
    let rest = original_id.strip_prefix("gh_").unwrap_or_default();
    if !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let looks = match is_app_id(original_id) {
        true => ", which looks like an `app_id` (AppID)",
        false => "",
    };
    Some(format!(
        "is `{original_id}`{looks}; an original id (原始ID) is `gh_` and letters and digits"
    ))
}

fn is_app_id(text: &str) -> bool {
    let digits = text.strip_prefix("wx").unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What is left over of the file that a value was copied from.
pub(super) fn residue(value: &str) -> Option<&'static str> {
    let quoted =
        |quote: char| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if value.ends_with('\r') {
        return Some("ends with a carriage return, from a file with Windows line endings");
    }
    if quoted('"') || quoted('\'') {
        return Some("has quotation marks around it, which `docker run --env-file` keeps");
    }
    let blank = |character: char| character.is_whitespace() || character.is_control();
    value.contains(blank).then_some("has a blank or a control character in it")
}
