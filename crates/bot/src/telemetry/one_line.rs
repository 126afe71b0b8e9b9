//! One event is one line, whatever is in it.

use std::fmt::Write;

/// The event with nothing in it that a terminal or a log reader would take for the end of a line, or
/// that would hide or reverse what a person reads.
pub(super) fn one_line(event: &[u8]) -> String {
    let event = String::from_utf8_lossy(event);
    let mut line = String::with_capacity(event.len() + 1);
    for character in event.trim_end_matches('\n').chars() {
        if character.is_control()
            || matches!(character, '\u{2028}' | '\u{2029}')
            || is_bidi(character)
        {
            let _ = write!(line, "\\u{:04x}", u32::from(character));
        } else {
            line.push(character);
        }
    }
    line.push('\n');
    line
}

/// Characters that reverse what a reader sees.
fn is_bidi(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_is_one_line() {
        let forged = "text=hi\nERROR forged\r\u{1b}[31m\u{2028}\u{85}\u{202e}\0\n";
        let line = one_line(forged.as_bytes());
        assert_eq!(
            line,
            "text=hi\\u000aERROR forged\\u000d\\u001b[31m\\u2028\\u0085\\u202e\\u0000\n"
        );
    }

    #[test]
    fn other_text_stays_as_it_is() {
        assert_eq!(one_line("你好 😀\n".as_bytes()), "你好 😀\n");
    }
}
