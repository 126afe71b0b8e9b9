//! How wxbot's keys are called in Redis.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What would end the part of a key that decides on its node in a cluster.
const BRACES: AsciiSet = CONTROLS.add(b'{').add(b'}').add(b'%');

const ITEMS: &str = "}:items";
const DUE: &str = "}:due";
const TOKENS: &str = "}:tokens";

/// Names keys behind a prefix, and finds out what a key is.
pub(super) struct Keys {
    prefix: String,
}

/// What is under a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    Value(String),
    /// The items of a queue.
    Queue(String),
}

impl Keys {
    pub(super) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    pub(super) fn value(&self, key: &str) -> Vec<u8> {
        self.channel(key).into_bytes()
    }

    /// Where changes of a value are published: a channel of the same name.
    pub(super) fn channel(&self, key: &str) -> String {
        format!("{}v:{key}", self.prefix)
    }

    /// A queue's values, due times and fencing tokens: keys that a cluster keeps on one node.
    pub(super) fn queue(&self, queue: &str) -> [Vec<u8>; 3] {
        let queue = utf8_percent_encode(queue, &BRACES);
        let key = |end| format!("{}{{q:{queue}{end}", self.prefix).into_bytes();
        [key(ITEMS), key(DUE), key(TOKENS)]
    }

    /// Written to see whether the server takes writes.
    pub(super) fn ping(&self) -> Vec<u8> {
        format!("{}ping", self.prefix).into_bytes()
    }

    /// Of all keys, as a glob.
    pub(super) fn pattern(&self) -> String {
        beginning_with(&self.prefix)
    }

    /// Of all values whose keys begin with this.
    pub(super) fn pattern_of(&self, key: &str) -> String {
        beginning_with(&self.channel(key))
    }

    /// `None`: not a key of these, or one that goes with another.
    pub(super) fn name(&self, key: &[u8]) -> Option<Name> {
        let key = std::str::from_utf8(key).ok()?.strip_prefix(&self.prefix)?;
        if let Some(key) = key.strip_prefix("v:") {
            return Some(Name::Value(key.to_owned()));
        }
        let queue = key.strip_prefix("{q:")?.strip_suffix(ITEMS)?;
        Some(Name::Queue(percent_decode_str(queue).decode_utf8().ok()?.into_owned()))
    }
}

/// As a glob.
fn beginning_with(prefix: &str) -> String {
    let escaped = |letter: char| match letter {
        '*' | '?' | '[' | ']' | '\\' => format!("\\{letter}"),
        other => other.to_string(),
    };
    prefix.chars().map(escaped).chain(["*".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_what_it_is() {
        let keys = Keys::new("a*b:".into());
        for name in ["", "plain", "}", "{x}:items", "%7D", "微信", "\0\n", "v:x"] {
            assert_eq!(keys.name(&keys.value(name)), Some(Name::Value(name.into())));
            let queue = keys.queue(name);
            assert_eq!(keys.name(&queue[0]), Some(Name::Queue(name.into())));
            assert_eq!(keys.name(&queue[1]), None, "the due times go with the items");
            assert_eq!(keys.name(&queue[2]), None, "and so do the tokens");
        }
        assert_eq!(keys.name(b"other:v:x"), None);
        assert_eq!(keys.name(&keys.ping()), None);
        assert_eq!(keys.pattern(), r"a\*b:*");
    }

    #[test]
    fn the_keys_of_a_queue_have_one_hash_tag() {
        let tag = |key: &[u8]| {
            let key = std::str::from_utf8(key).unwrap();
            let (_, rest) = key.split_once('{').unwrap();
            rest.split_once('}').unwrap().0.to_owned()
        };
        for name in ["", "a", "}", "{", "a}b{c", "%"] {
            let keys = Keys::new("wxbot:".into()).queue(name);
            assert_eq!(tag(&keys[0]), tag(&keys[1]), "`{name}`");
            assert_eq!(tag(&keys[0]), tag(&keys[2]), "`{name}`");
            assert!(!tag(&keys[0]).is_empty());
        }
    }
}
