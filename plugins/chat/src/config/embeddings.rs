//! `embeddings` of `chat`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

/// More texts are not taken by many, and are a long answer.
const MAX_BATCH: usize = 256;

/// A model that makes vectors of texts, by an API like OpenAI's `/embeddings`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingSettings {
    /// Its name there, such as `text-embedding-v4`. Needed.
    pub model: String,
    /// Where its API is, without `/embeddings`. Default: the same.
    pub base_url: Option<String>,
    /// The key there. Default: the same, where the API is the same, and otherwise none.
    #[schemars(with = "Option<String>")]
    pub key: Option<SecretString>,
    /// More headers there. Default: the same, where the API is the same, and otherwise none.
    pub headers: Option<BTreeMap<String, String>>,
    /// How many numbers a vector has, of models that let one choose. Default: the model's own.
    pub dimensions: Option<usize>,
    /// The most texts of one request. Default: 10, which all providers take.
    #[serde(default = "default_batch")]
    pub batch: usize,
}

impl EmbeddingSettings {
    /// What is wrong with it by itself.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.model.is_empty() {
            return Err("`model` has to name one of the API's models".into());
        }
        if !(1..=MAX_BATCH).contains(&self.batch) {
            return Err(format!("`batch` has to be from 1 to {MAX_BATCH}"));
        }
        match self.dimensions {
            Some(0) => Err("`dimensions` has to be 1 at least".into()),
            _ => Ok(()),
        }
    }
}

fn default_batch() -> usize {
    10
}
