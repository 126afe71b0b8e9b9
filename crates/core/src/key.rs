//! The idempotency key of a message: the same for every delivery of it, and for no other message.

use std::hash::{Hash, Hasher};

use sha1::{Digest, Sha1};
use wxbot_sdk::fields::Fields;
use wxbot_sdk::message::{Content, Message};

/// What makes a message the same one, whichever delivery it comes with (protocol section 2.6).
///
/// For messages the account, the openid and the MsgId. For events, which have no id, everything
/// they say: two events of one second differ in something, and a repeat in nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MessageKey([u8; 20]);

impl MessageKey {
    pub(crate) fn of(account: &str, message: &Message) -> Self {
        let mut digest = FieldDigest(Sha1::new());
        digest.add(account);
        digest.add(&message.openid);
        match message.msg_id {
            Some(id) if !matches!(message.content, Content::Event(_)) => {
                digest.0.update(id.to_le_bytes());
            }
            _ => digest.add_all(message.fields()),
        }
        Self(digest.0.finalize().into())
    }

    pub(crate) fn to_hex(self) -> String {
        hex::encode(self.0)
    }

    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let mut key = [0; 20];
        hex::decode_to_slice(text, &mut key).ok()?;
        Some(Self(key))
    }

    /// A part of it that is no other message's.
    pub(crate) fn short(self) -> u64 {
        let (_, part) = self.0.split_last_chunk().expect("20 bytes hold 8");
        u64::from_le_bytes(*part)
    }
}

/// A part of what is a hash already.
impl Hash for MessageKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.short());
    }
}

/// A keyed hash of everything a message says: the same in every process, and nobody without the
/// secret can find two messages that have the same.
pub(crate) fn hash_of_fields(secret: &str, fields: &Fields) -> u64 {
    let mut digest = FieldDigest(Sha1::new());
    digest.add(secret);
    digest.add_all(fields);
    MessageKey(digest.0.finalize().into()).short()
}

/// Hashes texts so that none of them can pass for two, or two for one.
struct FieldDigest(Sha1);

impl FieldDigest {
    fn add(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    fn add_all(&mut self, fields: &Fields) {
        for (place, both) in fields.said() {
            self.0.update(place.depth.to_le_bytes());
            self.0.update(place.name.to_le_bytes());
            self.add(both);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::envelope;

    fn event(fields: &str) -> Message {
        let body = format!(
            "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName>\
             <CreateTime>1735689700</CreateTime><MsgType>event</MsgType><Event>x</Event>{fields}</xml>"
        );
        Message::read(envelope::read(body.as_bytes()).unwrap().0).unwrap()
    }

    #[track_caller]
    fn check(one: &str, other: &str, same: bool, why: &str) {
        let (one, other) = (event(one), event(other));
        assert_eq!(MessageKey::of("main", &one) == MessageKey::of("main", &other), same, "{why}");
        assert_ne!(MessageKey::of("main", &one), MessageKey::of("other", &one), "by account");
    }

    #[test]
    fn two_are_the_same_if_all_they_say_is() {
        check("<A>1</A>", "<A><![CDATA[1]]></A>", true, "written in another way");
        check("<A>1</A>", "<A>1</A><Encrypt>x</Encrypt>", true, "sealed anew each time");
        check("<A>1</A>", "<A>2</A>", false, "another text");
        check("<A>B1</A>", "<AB>1</AB>", false, "a letter of the text is one of the name");
        check("<A>1</A><B>2</B>", "<A>1B2</A>", false, "two elements or one");
        check("<A/><B>2</B>", "<A><B>2</B></A>", false, "beside it or in it");
    }
}
