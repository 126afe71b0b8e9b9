//! What a typed call finds in WeChat's answer.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::ApiError;

/// The answer as a type, or a part of it.
pub(super) fn read<T: DeserializeOwned>(path: &str, answer: &Value) -> Result<T, ApiError> {
    T::deserialize(answer).map_err(|error| unclear(path, &error.to_string()))
}

/// One text of the answer.
pub(super) fn field(path: &str, answer: &Value, name: &str) -> Result<String, ApiError> {
    let text = answer[name].as_str().filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| unclear(path, &format!("the answer has no `{name}`")))
}

/// A number, or one that is written as a text.
pub(super) fn number(answer: &Value, name: &str) -> Option<u64> {
    let number = answer.get(name)?;
    number.as_u64().or_else(|| number.as_str()?.parse().ok())
}

/// WeChat took the call and answered something else than its pages say.
pub(super) fn unclear(path: &str, why: &str) -> ApiError {
    ApiError::Unclear { path: path.to_owned(), source: Arc::from(Box::from(why)) }
}
