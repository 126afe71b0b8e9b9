//! What a follower and the model said to each other so far.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use wxbot_sdk::context::Context;
use wxbot_sdk::message::Message;
use wxbot_sdk::store::{Change, StoreError};

use crate::config::{History, Over};

/// Under this key of the follower's session.
const KEY: &str = "conversation";

/// The turns of a conversation, the oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Conversation {
    turns: VecDeque<Turn>,
    /// What the model made of the turns before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    /// What the API calls it, where that remembers it, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Turn {
    /// Which message asked.
    msg_id: Option<u64>,
    pub(crate) asked: String,
    pub(crate) answered: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) picture: Option<Picture>,
}

/// A picture that a follower sent, by what WeChat calls it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Picture {
    pub(crate) media_id: String,
    pub(crate) url: String,
}

impl Conversation {
    /// Empty where there is none, or it can't be read: an answer without memory is better than none.
    pub(crate) async fn read(ctx: &Context) -> Self {
        match ctx.follower_store().get(KEY).await {
            Ok(conversation) => conversation.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "a conversation can't be read; answering without it");
                Self::default()
            }
        }
    }

    /// Keeps another turn until nothing was said for a while, and returns all that is kept. Turns
    /// that wait to be summed up stay there, up to as many again.
    pub(crate) async fn add(
        ctx: &Context,
        turn: Turn,
        name: Option<String>,
        history: &History,
    ) -> Option<Self> {
        if history.turns == 0 {
            return None;
        }
        let kept = match history.over {
            Over::Drop => history.clone(),
            Over::Summarize => history.times(2),
        };
        let add = |stored: Option<Self>| {
            let mut conversation = stored.unwrap_or_default();
            // Once, however often the message is worked on.
            conversation.turns.retain(|old| old.msg_id.is_none() || old.msg_id != turn.msg_id);
            conversation.turns.push_back(turn.clone());
            conversation.name.clone_from(&name);
            conversation.trim(&kept);
            Change::Put(conversation, history.idle)
        };
        match ctx.follower_store().update(KEY, add).await {
            Ok(conversation) => conversation,
            Err(error) => {
                tracing::warn!(%error, "a conversation can't be added to; it begins anew");
                let fresh = Self { turns: [turn].into(), name, summary: None };
                noted(ctx.follower_store().put(KEY, &fresh, history.idle).await);
                None
            }
        }
    }

    /// Puts a summary in the place of these turns, if they are still the oldest; without one they
    /// are forgotten as far as they are too many.
    pub(crate) async fn sum_up(
        ctx: &Context,
        turns: &[Turn],
        summary: Option<&str>,
        history: &History,
    ) {
        let change = |stored: Option<Self>| {
            let Some(mut conversation) = stored else { return Change::Keep };
            if !conversation.turns.iter().take(turns.len()).eq(turns) {
                return Change::Keep;
            }
            match summary {
                Some(summary) => {
                    conversation.turns.drain(..turns.len());
                    conversation.summary = Some(summary.to_owned());
                }
                None => conversation.trim(history),
            }
            Change::Put(conversation, history.idle)
        };
        noted(ctx.follower_store().update(KEY, change).await.map(drop));
    }

    /// The oldest turns, where there are more than fit: so many that half of what fits is left.
    pub(crate) fn oldest(&self, history: &History) -> Vec<Turn> {
        let kept = self.fitting(history);
        if kept == self.turns.len() {
            return Vec::new();
        }
        let half =
            History { turns: history.turns / 2, tokens: history.tokens / 2, ..history.clone() };
        self.turns.iter().take(self.turns.len() - self.fitting(&half)).cloned().collect()
    }

    pub(crate) fn summary(&self) -> Option<&str> {
        self.summary.as_deref()
    }

    /// Ends the conversation.
    pub(crate) async fn forget(ctx: &Context) {
        noted(ctx.follower_store().delete(KEY).await);
    }

    pub(crate) fn turns(&self) -> &VecDeque<Turn> {
        &self.turns
    }

    /// What this message was answered, where it was: its answer was made, and the process died
    /// before it was given.
    pub(crate) fn answer_to(&self, message: &Message) -> Option<&str> {
        let last = self.turns.back()?;
        (last.msg_id.is_some() && last.msg_id == message.msg_id).then_some(&last.answered)
    }

    /// Forgets the oldest turns that are too many, or too long.
    pub(crate) fn trim(&mut self, history: &History) {
        let fitting = self.fitting(history);
        self.turns.drain(..self.turns.len() - fitting);
    }

    /// How many of the newest turns are neither too many nor too long.
    fn fitting(&self, history: &History) -> usize {
        let (mut turns, mut tokens) = (0, 0);
        for turn in self.turns.iter().rev() {
            tokens += turn.tokens();
            if turns == history.turns || tokens > history.tokens {
                break;
            }
            turns += 1;
        }
        turns
    }
}

impl History {
    fn times(&self, times: u32) -> Self {
        let (turns, tokens) = (self.turns * times as usize, self.tokens * u64::from(times));
        Self { turns, tokens, ..self.clone() }
    }
}

impl Turn {
    pub(crate) fn new(message: &Message, asked: String, picture: Option<Picture>) -> Self {
        Self { msg_id: message.msg_id, asked, answered: String::new(), picture }
    }

    pub(crate) fn answered(self, answered: String) -> Self {
        Self { answered, ..self }
    }

    fn tokens(&self) -> u64 {
        tokens(&self.asked) + tokens(&self.answered)
    }
}

/// About how many tokens a text has: a Chinese character is nearly one, four letters are one.
pub(crate) fn tokens(text: &str) -> u64 {
    let quarters = text.chars().map(|c| if c.is_ascii() { 1 } else { 4 });
    quarters.sum::<u64>().div_ceil(4)
}

fn noted(done: Result<(), StoreError>) {
    if let Err(error) = done {
        tracing::warn!(%error, "a conversation can't be kept");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation(turns: &[(&str, &str)]) -> Conversation {
        let turn = |(asked, answered): &(&str, &str)| Turn {
            msg_id: None,
            asked: (*asked).into(),
            answered: (*answered).into(),
            picture: None,
        };
        Conversation { turns: turns.iter().map(turn).collect(), ..Conversation::default() }
    }

    #[track_caller]
    fn check(turns: usize, tokens: u64, expected: &[&str]) {
        let mut conversation =
            conversation(&[("一二三", "四五"), ("abcd", "efgh"), ("六", "七八九十")]);
        conversation.trim(&History { turns, tokens, ..History::default() });
        let asked: Vec<_> = conversation.turns.iter().map(|turn| &*turn.asked).collect();
        assert_eq!(asked, expected, "{turns} turns, {tokens} tokens");
    }

    #[test]
    fn the_oldest_turns_are_forgotten_first() {
        check(10, 100, &["一二三", "abcd", "六"]);
        check(2, 100, &["abcd", "六"]);
        check(0, 100, &[]);
        check(10, 12, &["一二三", "abcd", "六"]);
        check(10, 11, &["abcd", "六"]);
        check(10, 6, &["六"]);
        check(10, 4, &[]);
    }

    /// What earlier versions wrote.
    #[test]
    fn a_stored_conversation_is_read() {
        let stored = r#"{"turns":[{"msg_id":7,"asked":"a","answered":"b"},
            {"msg_id":null,"asked":"c","answered":"d","picture":{"media_id":"M","url":"u"}}]}"#;
        let read: Conversation = serde_json::from_str(stored).unwrap();
        let picture = read.turns[1].picture.as_ref().map(|picture| &*picture.media_id);
        assert_eq!(
            (read.turns[0].msg_id, &*read.turns[1].answered, picture),
            (Some(7), "d", Some("M"))
        );
        let stored = r#"{"turns":[],"name":"c1"}"#;
        assert_eq!(
            serde_json::to_string(&serde_json::from_str::<Conversation>(stored).unwrap()).unwrap(),
            stored
        );
    }

    #[test]
    fn tokens_are_estimated_by_script() {
        assert_eq!(["", "a", "abcd", "abcde", "你好", "你好ab"].map(tokens), [0, 1, 1, 2, 2, 3]);
    }
}
