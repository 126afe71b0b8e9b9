//! Names and what they mean, side by side, as wide as the terminal.

use std::io;

/// Where nothing tells how wide the terminal is, and the most that is read well.
const WIDTH: usize = 100;
/// A name that is longer has a line of its own.
const LONGEST_NAME: usize = 28;

/// The lines of two columns; each line begins with two blanks.
pub(super) fn aligned(rows: &[(String, String)]) -> String {
    aligned_to(rows, width())
}

fn aligned_to(rows: &[(String, String)], width: usize) -> String {
    let names = rows.iter().map(|(name, _)| columns(name));
    let indent = names.filter(|name| *name <= LONGEST_NAME).max().unwrap_or(0) + 4;
    let mut lines = String::new();
    for (name, text) in rows {
        let mut line = format!("  {name}");
        for part in wrapped(text, width.saturating_sub(indent).max(20)) {
            if columns(&line) > indent - 2 {
                lines += &(std::mem::take(&mut line) + "\n");
            }
            line += &" ".repeat(indent - columns(&line));
            lines += &(std::mem::take(&mut line) + &part + "\n");
        }
    }
    lines
}

/// Lines of a text; one can end at a blank, and before and behind what is as wide as two letters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for piece in pieces(text) {
        if !line.is_empty() && columns(&line) + columns(piece.trim_end()) > width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        line += piece;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// What is never torn: words with the blank behind them, and single wide letters with the punctuation
/// behind them.
fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    let mut letters = text.char_indices().peekable();
    while let Some((_, letter)) = letters.next() {
        let Some((next_at, next)) = letters.peek().copied() else { break };
        let is_between = is_wide(letter) || is_wide(next);
        let is_end = letter == ' ' && next != ' ' || is_between && !CLOSING.contains(next);
        if is_end && !OPENING.contains(letter) {
            pieces.push(&text[start..next_at]);
            start = next_at;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

const CLOSING: &str = "，。、；：？！）」』”…~,.;:?!)]}\"`' ";
const OPENING: &str = "（「『“([{\"`'";

/// How many columns of a terminal a text takes.
fn columns(text: &str) -> usize {
    text.chars().map(|letter| if is_wide(letter) { 2 } else { 1 }).sum()
}

/// Chinese, its punctuation, and emoji.
fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
    let columns = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    columns.unwrap_or(WIDTH).min(WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, width: usize, expected: &[&str]) {
        assert_eq!(wrapped(text, width), expected);
    }

    #[test]
    fn lines_end_between_words_and_between_chinese_letters() {
        check("one two three", 8, &["one two", "three"]);
        check("好的，我们重新开始。", 10, &["好的，我们", "重新开始。"]);
        check("发送「继续」查看", 6, &["发送", "「继", "续」查", "看"]);
        check("a-word-that-is-too-long", 8, &["a-word-that-is-too-long"]);
        check("default: \"您好\"", 12, &["default: \"您", "好\""]);
        check("", 8, &[""]);
    }

    #[test]
    fn names_stand_beside_their_texts() {
        let row = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let long = "a.name.that.is.much.too.long.to.be.beside";
        let rows =
            [row("价格", "what it is"), row(long, "it"), row("a", "one two three four five")];
        let expected = "  价格  what it is\n  a.name.that.is.much.too.long.to.be.beside\n        it\n  \
                        a     one two three four\n        five\n";
        assert_eq!(aligned_to(&rows, 27), expected);
    }
}
