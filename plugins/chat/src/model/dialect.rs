//! What an API speaks: where it is asked, with what, and how its answer is read.

use serde_json::{Deserializer, Map, Value};

use super::completion::Completion;
use super::failure::Failure;
use super::question::Question;
use super::sse::SentEvent;
use super::{coze, dify, openai};
use crate::config::Api;

impl Api {
    /// Behind `base_url`.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Openai => openai::PATH,
            Self::Dify => dify::PATH,
            Self::Coze => coze::PATH,
        }
    }

    /// Whether the API has to be told a model.
    pub(super) fn needs_model(self) -> bool {
        self != Self::Dify
    }

    pub(super) fn request(
        self,
        question: &Question,
        model: &str,
        stream: bool,
    ) -> Map<String, Value> {
        match self {
            Self::Openai => openai::request(question, model, stream),
            Self::Dify => dify::request(question, stream),
            Self::Coze => coze::request(question, model),
        }
    }

    /// Takes one event of a stream, or a body. Several values may stand in one; what is no JSON,
    /// such as `[DONE]`, is none.
    pub(super) fn read(
        self,
        event: &SentEvent,
        completion: &mut Completion,
    ) -> Result<(), Failure> {
        for value in Deserializer::from_slice(&event.data).into_iter::<Value>() {
            let Ok(value) = value else { break };
            match self {
                Self::Openai => openai::read(&value, completion)?,
                Self::Dify => dify::read(&value, completion)?,
                Self::Coze => coze::read(&event.name, &value, completion)?,
            }
        }
        Ok(())
    }
}
