//! One link, one message, and the dialog between them: what is open, and what is to become of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::choices::Choices;
use super::state::DialogState;
use crate::message::Message;
use crate::plugin_error::HandlerError;
use crate::saved::Saved;
use crate::store::RecordError;

/// A question that waits for its answer, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    saved: Saved,
    takes_events: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    choices: Option<Choices>,
}

impl Question {
    pub(crate) fn new<S: DialogState>(
        state: &S,
        choices: Option<Choices>,
    ) -> Result<Self, RecordError> {
        let saved = Saved::of(S::VERSION, state)?;
        Ok(Self { saved, takes_events: state.takes_events(), choices })
    }

    /// Whether an event is an answer, too.
    pub fn takes_events(&self) -> bool {
        self.takes_events
    }
}

/// What is to become of a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialogChange {
    /// This question is open from now on.
    Ask(Question),
    /// The question that is open was not answered: one more try.
    Again,
    /// It is over.
    Close,
    /// It is over, as this version of the plugin can't read what was saved.
    Outdated,
}

/// For the chain: what a link is told of its dialog, and what it wants done with it.
#[derive(Debug, Clone)]
pub struct DialogTurn {
    open: Result<Option<Question>, Arc<str>>,
    has_links: bool,
    change: Option<DialogChange>,
}

impl DialogTurn {
    /// The question that the message answers, if one is open; or why nobody knows.
    pub fn new(open: Result<Option<Question>, Arc<str>>, has_links: bool) -> Self {
        Self { open, has_links, change: None }
    }

    /// What is to become of the dialog.
    pub fn into_change(self) -> Option<DialogChange> {
        self.change
    }

    pub(crate) fn state<S: DialogState>(&mut self) -> Result<Option<S>, HandlerError> {
        let Some(Question { saved, .. }) = self.open()? else { return Ok(None) };
        let state = saved.clone().read(S::VERSION, S::migrate);
        if state.is_none() {
            self.change = Some(DialogChange::Outdated);
            return Err("the dialog was saved by another version of the plugin".into());
        }
        Ok(state)
    }

    pub(crate) fn change(&mut self, change: DialogChange) {
        self.change = Some(change);
    }

    /// The question that is open.
    pub(crate) fn open(&self) -> Result<Option<&Question>, HandlerError> {
        match &self.open {
            Ok(open) => Ok(open.as_ref()),
            Err(why) => Err(format!("whether a dialog is open is not known: {why}").into()),
        }
    }

    /// Which of the choices a message is.
    pub(crate) fn chosen(&self, message: &Message) -> Option<usize> {
        self.choices()?.chosen(message)
    }

    pub(crate) fn choices(&self) -> Option<&Choices> {
        self.open.as_ref().ok()?.as_ref()?.choices.as_ref()
    }

    pub(crate) fn has_links(&self) -> bool {
        self.has_links
    }
}
