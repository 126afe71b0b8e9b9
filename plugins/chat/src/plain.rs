//! Markdown as plain text, as WeChat shows none of it.
//!
//! Lists keep their bullets, code its lines and indentation, links become `words URL`, and a table
//! becomes one block for each row: a phone is too narrow for columns.

mod html;
mod table;

use std::sync::LazyLock;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeStream};
use regex::Regex;

use self::html::without_tags;
use self::table::Table;

/// The text as a phone shows it. Of pictures that are sent by themselves, by their URLs, only the
/// words are left.
pub(crate) fn plain(markdown: &str, sent: &[String]) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer { sent, ..Writer::default() };
    for event in TextMergeStream::new(Parser::new_ext(markdown, options)) {
        writer.write(event);
    }
    writer.out.trim().to_owned()
}

#[derive(Default)]
struct Writer<'s> {
    sent: &'s [String],
    out: String,
    /// Line breaks before the next block; a heading stands close to what follows.
    gap: usize,
    /// The next number of each list around, none for bullets.
    lists: Vec<Option<u64>>,
    /// An item has begun, and nothing of it is written: its first block stands beside the bullet.
    item_is_empty: bool,
    in_code: bool,
    /// Where the words of each link around begin, and where it leads.
    links: Vec<(usize, String)>,
    /// A URL ends where a blank is.
    after_url: bool,
    table: Option<Table>,
}

impl Writer<'_> {
    fn write(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_code => self.push(&text),
            Event::Text(text) => self.push(&without_stars(&text)),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.push(&text);
            }
            Event::Html(text) | Event::InlineHtml(text) => self.push_html(&text),
            Event::SoftBreak | Event::HardBreak => self.break_line(),
            Event::TaskListMarker(done) => self.push(if done { "☑ " } else { "☐ " }),
            Event::Rule => self.gap = 2,
            Event::FootnoteReference(name) => self.push(&name),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::HtmlBlock => self.begin_block(2),
            Tag::CodeBlock(_) => {
                self.begin_block(2);
                self.in_code = true;
            }
            Tag::List(number) => self.lists.push(number),
            Tag::Item => self.begin_item(),
            Tag::Table(_) => self.table = Some(Table::default()),
            Tag::TableCell => self.links.push((self.out.len(), String::new())),
            Tag::Image { dest_url, .. } if self.sent.iter().any(|sent| **sent == *dest_url) => {
                self.links.push((self.out.len(), String::new()));
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.space_behind_url();
                self.links.push((self.out.len(), dest_url.into_string()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.gap = 1,
            TagEnd::CodeBlock => {
                self.in_code = false;
                self.out.truncate(self.out.trim_end().len());
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.item_is_empty = false;
            }
            TagEnd::TableCell => self.end_cell(),
            TagEnd::TableHead => self.table.iter_mut().for_each(Table::end_head),
            TagEnd::TableRow => self.table.iter_mut().for_each(Table::end_row),
            TagEnd::Table => self.end_table(),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    /// Within a list blocks follow each other closely.
    fn begin_block(&mut self, gap: usize) {
        if std::mem::take(&mut self.item_is_empty) {
            return;
        }
        let gap = if self.lists.is_empty() { gap } else { 1 };
        let gap = match std::mem::take(&mut self.gap) {
            0 => gap,
            wanted => wanted,
        };
        self.break_lines(gap);
        if !self.lists.is_empty() && !self.out.is_empty() {
            self.out.push_str(&"  ".repeat(self.lists.len()));
        }
    }

    fn begin_item(&mut self) {
        self.gap = 0;
        let is_first_of_inner = std::mem::take(&mut self.item_is_empty);
        if !is_first_of_inner {
            self.break_lines(1);
            self.out.push_str(&"  ".repeat(self.lists.len().saturating_sub(1)));
        }
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.out.push_str(&format!("{number}. "));
                *number += 1;
            }
            _ => self.out.push_str("• "),
        }
        self.item_is_empty = true;
        self.after_url = false;
    }

    fn push(&mut self, text: &str) {
        self.item_is_empty = false;
        let is_glued = text.starts_with(|c: char| !c.is_whitespace());
        if std::mem::take(&mut self.after_url) && is_glued {
            self.out.push(' ');
        }
        self.out.push_str(text);
    }

    fn push_html(&mut self, piece: &str) {
        match &*without_tags(piece) {
            "" => {}
            "\n" => self.break_line(),
            text => self.push(text),
        }
    }

    fn space_behind_url(&mut self) {
        if std::mem::take(&mut self.after_url) {
            self.out.push(' ');
        }
    }

    fn break_line(&mut self) {
        self.after_url = false;
        self.out.push('\n');
        self.out.push_str(&"  ".repeat(self.lists.len()));
    }

    /// So many line breaks, those that are there among them.
    fn break_lines(&mut self, count: usize) {
        self.after_url = false;
        self.out.truncate(self.out.trim_end().len());
        if !self.out.is_empty() {
            self.out.push_str(&"\n".repeat(count));
        }
    }

    /// The URL behind the words, unless they are the same.
    fn end_link(&mut self) {
        let Some((start, url)) = self.links.pop() else { return };
        let words = &self.out[start..];
        if url.is_empty() || url.starts_with('#') {
            return;
        }
        let shown = url.strip_prefix("mailto:").unwrap_or(&url);
        let is_same = words.trim_end_matches('/') == shown.trim_end_matches('/');
        if !is_same {
            let blank = if words.is_empty() { "" } else { " " };
            self.out.push_str(&format!("{blank}{shown}"));
        }
        self.item_is_empty = false;
        self.after_url = true;
    }

    fn end_cell(&mut self) {
        let Some((start, _)) = self.links.pop() else { return };
        let cell = self.out.split_off(start);
        self.after_url = false;
        self.table.iter_mut().for_each(|table| table.add(cell.trim()));
    }

    fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        self.begin_block(2);
        self.out.push_str(&table.to_text());
        self.gap = 2;
    }
}

/// Models write `**词：**词`, which is no emphasis to CommonMark, as Chinese has no blanks.
fn without_stars(text: &str) -> std::borrow::Cow<'_, str> {
    static STRONG: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = Regex::new(r"\*\*([^*\s](?:[^*\n]*[^*\s])?)\*\*");
        pattern.expect("the pattern is right")
    });
    if text.is_ascii() {
        return text.into();
    }
    STRONG.replace_all(text, "$1")
}

#[cfg(test)]
mod tests;
