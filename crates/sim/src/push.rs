//! One thing that WeChat tells the bot, the same in every delivery.

use std::time::Duration;

use crate::account::settings::Format;
use crate::body::{self, Preamble};
use crate::content::PushContent;
use crate::header::Header;

/// A message or an event on its way to the bot.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    /// The follower it is about; in the body and in the query.
    pub(crate) openid: String,
    /// The number of the follower's act.
    pub(crate) act: Option<u64>,
    pub(crate) msg_id: Option<u64>,
    /// Before encryption.
    pub(crate) body: String,
    pub(crate) kind: PushKind,
}

/// Decides what WeChat does with the answer (sections 2.5, 4 and 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PushKind {
    /// A message: the answer has one article at most.
    Message,
    /// An event whose answer the follower sees.
    ChatEvent,
    /// An event without a chat to show an answer or a notice in.
    BackgroundEvent,
}

/// How long a scheduled event takes.
pub(crate) const EVENT_DELAY: Duration = Duration::from_secs(1);

/// An event that follows from a call or an act, a little later.
pub(crate) struct ScheduledEvent {
    pub(crate) openid: String,
    pub(crate) content: PushContent,
}

/// Events that are answered in the chat (section 4).
const CHAT_EVENTS: &[&str] = &[
    "subscribe",
    "scan",
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
    "location",
];

impl Push {
    pub(crate) fn new(preamble: &Preamble<'_>, content: &PushContent, format: Format) -> Self {
        let body = body::write(preamble, content, format);
        let kind = match content {
            PushContent::Message { .. } => PushKind::Message,
            PushContent::Event { name, .. } => PushKind::of_event(name),
        };
        Self { openid: preamble.from.to_owned(), act: None, msg_id: None, body, kind }
    }

    /// A body that was written by hand.
    pub(crate) fn raw(openid: &str, body: &str) -> Self {
        let kind = PushKind::of_body(body);
        Self { openid: openid.to_owned(), act: None, msg_id: None, body: body.to_owned(), kind }
    }
}

impl PushKind {
    fn of_event(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        match CHAT_EVENTS.contains(&name.as_str()) {
            true => Self::ChatEvent,
            false => Self::BackgroundEvent,
        }
    }

    fn of_body(body: &str) -> Self {
        let Header { msg_type, event, .. } = Header::read(body);
        match msg_type.as_deref() {
            Some("event") => Self::of_event(&event.unwrap_or_default()),
            _ => Self::Message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_raw_body_decide_what_becomes_of_the_answer() {
        let rows = [
            ("<xml><MsgType>text</MsgType></xml>", PushKind::Message),
            ("<xml><MsgType>event</MsgType><Event>SCAN</Event></xml>", PushKind::ChatEvent),
            ("<xml><MsgType>event</MsgType><Event>VIEW</Event></xml>", PushKind::BackgroundEvent),
            (r#"{"MsgType":"event","Event":"unsubscribe"}"#, PushKind::BackgroundEvent),
            ("broken", PushKind::Message),
        ];
        for (body, kind) in rows {
            assert_eq!(PushKind::of_body(body), kind, "{body}");
        }
    }
}
