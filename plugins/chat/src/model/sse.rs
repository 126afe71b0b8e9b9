//! Server-sent events: the `data` of each, from bytes in any pieces.

use std::mem::take;

/// What a server sent: its `data`, and what it calls that.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SentEvent {
    /// Empty unless the server named it.
    pub(crate) name: String,
    pub(crate) data: Vec<u8>,
}

/// Takes bytes, gives events.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    line: Vec<u8>,
    /// The last byte was a CR: an LF behind it ends no further line.
    after_cr: bool,
    event: SentEvent,
    has_data: bool,
}

impl Decoder {
    /// The events that these bytes complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<SentEvent> {
        let mut events = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' if take(&mut self.after_cr) => {}
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    events.extend(self.end_line());
                }
                _ => {
                    self.after_cr = false;
                    self.line.push(byte);
                }
            }
        }
        events
    }

    /// The event that the end completes: not every server ends with a blank line.
    pub(crate) fn finish(&mut self) -> Option<SentEvent> {
        self.end_line().or_else(|| self.end_event())
    }

    fn end_line(&mut self) -> Option<SentEvent> {
        let line = take(&mut self.line);
        if line.is_empty() {
            return self.end_event();
        }
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line);
        if let Some(value) = line.strip_prefix(b"data:") {
            if take(&mut self.has_data) {
                self.event.data.push(b'\n');
            }
            self.event.data.extend(value.strip_prefix(b" ").unwrap_or(value));
            self.has_data = true;
        } else if let Some(value) = line.strip_prefix(b"event:") {
            self.event.name = String::from_utf8_lossy(value).trim().to_owned();
        }
        None
    }

    fn end_event(&mut self) -> Option<SentEvent> {
        let event = take(&mut self.event);
        take(&mut self.has_data).then_some(event)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let mut decoder = Decoder::default();
        let mut events: Vec<_> = pieces.iter().flat_map(|piece| decoder.push(piece)).collect();
        events.extend(decoder.finish());
        let written = |event: SentEvent| event.name + &String::from_utf8(event.data).unwrap();
        events.into_iter().map(written).collect()
    }

    #[track_caller]
    fn check(stream: &str, expected: &[&str], why: &str) {
        assert_eq!(events(&[stream.as_bytes()]), expected, "{why}: {stream:?}");
    }

    #[test]
    fn the_data_of_each_event_comes_out() {
        check("data: a\n\ndata: b\n\n", &["a", "b"], "two events");
        check("data:a\r\n\r\ndata: b\r\r", &["a", "b"], "other line ends, no blank");
        check(": keep-alive\n\nid: 1\nretry: 5\ndata: a\n\n", &["a"], "other fields");
        check("event: x:\ndata: a\n\ndata: b\n\n", &["x:a", "b"], "a name");
        check("event: ping\n\ndata: a\n\n", &["a"], "a name alone");
        check("data: a\ndata: b\n\n", &["a\nb"], "two lines");
        check("\u{feff}data: a\n\n", &["a"], "a byte order mark");
        check("data: a", &["a"], "no line end");
        check("data: a\n", &["a"], "no blank line");
        check("data:\n\n", &[""], "empty data");
        check("\n\n\n", &[], "nothing");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn pieces_make_no_difference(
            stream in "(data: ?|event:|:|[a你]|\r|\n){0,30}",
            cuts in prop::collection::vec(0..200usize, 0..6),
        ) {
            let bytes = stream.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut % (bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();
            prop_assert_eq!(events(&pieces), events(&[bytes]));
        }
    }
}
