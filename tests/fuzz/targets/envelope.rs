//! Any body: it is read or refused, and what was read can be asked for by name.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wxbot_core::receive::envelope;
use wxbot_sdk::fields::{Element, Fields};
use wxbot_sdk::message::Message;

fuzz_target!(|body: &[u8]| {
    let Ok((fields, _)) = envelope::read(body) else { return };
    for element in fields.children() {
        ask_for(&fields, "", element);
    }
    let Ok(message) = Message::read(fields) else { return };
    let _ = (message.text(), message.event_key(), message.event().map(|event| event.name()));
    assert!(!message.content.kind().is_empty());
});

/// The first element at a path is there, and is one of all that are.
fn ask_for(fields: &Fields, above: &str, element: Element<'_>) {
    let path = match above {
        "" => element.name().to_owned(),
        above => format!("{above}/{}", element.name()),
    };
    // JSON names may be anything, a slash among it; such a name can't be asked for.
    if !element.name().contains('/') && !element.name().is_empty() {
        let first = fields.get(&path).expect("what is in the tree can be asked for");
        let all = fields.all(&path);
        assert!(all.iter().any(|other| other.text() == first));
        assert!(all.iter().any(|other| other.text() == element.text()));
        for child in element.children() {
            ask_for(fields, &path, child);
        }
    }
}
