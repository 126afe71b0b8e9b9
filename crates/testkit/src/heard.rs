//! What a follower did, and what came of it: what a test asserts about.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;

use wxbot::rehearsal::Asked;
use wxbot_sim::{Act, Bubble, Exchange, NOTICE, Shown, Unseen, Verdict, Via};

use crate::exchange::took;
use crate::report::{report, trace};
use crate::shared::Person;

/// What a follower did, and what came of it. Each assertion returns it, for the next one; one that
/// fails shows everything that is known.
#[derive(Clone)]
pub struct Heard {
    pub(crate) who: Person,
    pub(crate) act: Act,
    pub(crate) exchange: Arc<Exchange>,
    /// How much the phone had shown before.
    pub(crate) shown: u64,
}

impl Heard {
    /// The follower sees exactly this text.
    #[track_caller]
    pub fn sees(self, text: &str) -> Self {
        let holds = self.text() == Some(text);
        self.expect(holds, format_args!("to see {text:?}"))
    }

    /// The follower sees a text with this in it.
    #[track_caller]
    pub fn sees_contains(self, part: &str) -> Self {
        let holds = self.text().is_some_and(|text| text.contains(part));
        self.expect(holds, format_args!("to see a text with {part:?} in it"))
    }

    /// The follower sees this picture.
    #[track_caller]
    pub fn sees_image(self, media_id: &str) -> Self {
        self.sees_bubble(&Bubble::Image { media_id: media_id.into() })
    }

    /// The follower hears this voice message.
    #[track_caller]
    pub fn sees_voice(self, media_id: &str) -> Self {
        self.sees_bubble(&Bubble::Voice { media_id: media_id.into() })
    }

    /// The follower sees this video, whatever is written below it.
    #[track_caller]
    pub fn sees_video(self, media_id: &str) -> Self {
        let is_it = |bubble: &Bubble| matches!(bubble, Bubble::Video { media_id: id, .. } if id == media_id);
        let holds = self.exchange.reply().is_some_and(is_it);
        self.expect(holds, format_args!("to see the video {media_id}"))
    }

    /// The follower sees cards with these headlines.
    #[track_caller]
    pub fn sees_news(self, titles: &[&str]) -> Self {
        let holds = match self.exchange.reply() {
            Some(Bubble::News(cards)) => {
                cards.iter().map(|card| &*card.title).eq(titles.iter().copied())
            }
            _ => false,
        };
        self.expect(holds, format_args!("to see cards with the headlines {titles:?}"))
    }

    /// The follower sees exactly this bubble.
    #[track_caller]
    pub fn sees_bubble(self, bubble: &Bubble) -> Self {
        let holds = self.exchange.reply() == Some(bubble);
        self.expect(holds, format_args!("to see {bubble}"))
    }

    /// The follower sees nothing, and nothing failed.
    #[track_caller]
    pub fn sees_nothing(self) -> Self {
        let verdict = &self.exchange.verdict;
        let holds = matches!(verdict, Verdict::Silence | Verdict::Nowhere(Unseen::Reply(_)));
        self.expect(holds, "to see nothing")
    }

    /// The follower sees WeChat's notice that the account is out of order.
    #[track_caller]
    pub fn sees_notice(self) -> Self {
        let holds = matches!(self.exchange.verdict, Verdict::Notice(_));
        self.expect(holds, format_args!("to see WeChat's notice ({NOTICE})"))
    }

    /// By WeChat's API, since then, came a text that is exactly this. Answers that take longer than
    /// WeChat waits come like this; [`TestBot::advance`](crate::TestBot::advance) lets them come.
    #[track_caller]
    pub fn sees_later(self, text: &str) -> Self {
        let holds = self.later().iter().any(|bubble| bubble.as_text() == Some(text));
        self.expect(holds, format_args!("to see {text:?} by WeChat's API later"))
    }

    /// By WeChat's API, since then, came a text with this in it.
    #[track_caller]
    pub fn sees_later_contains(self, part: &str) -> Self {
        let has_it = |bubble: &Bubble| bubble.as_text().is_some_and(|text| text.contains(part));
        let holds = self.later().iter().any(has_it);
        self.expect(holds, format_args!("to see a text with {part:?} in it by WeChat's API later"))
    }

    /// By WeChat's API nothing came since then.
    #[track_caller]
    pub fn sees_nothing_later(self) -> Self {
        let holds = self.later().is_empty();
        self.expect(holds, "to see nothing by WeChat's API later")
    }

    /// The link of this id gave the answer.
    #[track_caller]
    pub fn by(self, link: &str) -> Self {
        let asked = self.asked();
        let by = asked.as_ref().and_then(Asked::answered_by);
        let holds = by == Some(link);
        self.expect(holds, format_args!("an answer of the link `{link}`"))
    }

    /// No link answered, wherever an answer would have been seen.
    #[track_caller]
    pub fn by_nobody(self) -> Self {
        let asked = self.asked();
        let holds = asked.as_ref().and_then(Asked::answered_by).is_none();
        self.expect(holds, "an answer of no link")
    }

    /// What came since then: the answer, and what came by WeChat's API.
    pub fn bubbles(&self) -> Vec<Bubble> {
        self.exchange.reply().cloned().into_iter().chain(self.later()).collect()
    }

    /// How often WeChat delivered it, one to three times.
    pub fn deliveries(&self) -> usize {
        self.exchange.deliveries.len()
    }

    /// From the first delivery to the end of the last one.
    pub fn took(&self) -> Duration {
        took(&self.exchange)
    }

    /// The text that the follower sees.
    pub fn text(&self) -> Option<&str> {
        self.exchange.text()
    }

    /// Everything that went between WeChat and the bot.
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Every link that was asked, what it decided or how it failed, and how long that took, as the
    /// report of a failed assertion shows it.
    pub fn trace(&self) -> String {
        trace(self.asked().as_ref())
    }

    fn asked(&self) -> Option<Asked> {
        self.who.asked(&self.exchange)
    }

    fn later(&self) -> Vec<Bubble> {
        let (shown, _) = self.who.phone.phone_since(self.shown);
        let by_api = shown.iter().filter(|shown| shown.via == Via::Api);
        by_api.filter_map(Shown::bubble).cloned().collect()
    }

    #[track_caller]
    fn expect(self, holds: bool, expected: impl Display) -> Self {
        assert!(holds, "{}", report(&self.who, &self.act, &self.exchange, &expected));
        self
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard")
            .field("who", &self.who.name)
            .field("act", &self.act)
            .field("exchange", &self.exchange)
            .finish_non_exhaustive()
    }
}
