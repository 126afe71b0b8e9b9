//! A recording of a terminal, as an SVG that plays by itself and loops.

use std::collections::BTreeSet;
use std::fmt::Write;

/// As wide as text is wrapped, and as high as the window is before it scrolls.
const COLUMNS: usize = 104;
const ROWS: usize = 26;
const LINE: f32 = 20.0;
const MARGIN: f32 = 16.0;
const WIDTH: f32 = 912.0;
/// How long, in ms, a word takes to be typed, a line to be printed, and the end stays.
const WORD: u32 = 180;
const PRINTED: u32 = 50;
const REST: u32 = 6000;

const STYLE: &str = "\
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'Noto Sans Mono CJK SC',monospace;\
white-space:pre;fill:#e6edf3}.p,.good{fill:#3fb950}.note{fill:#d29922}.bad{fill:#f85149}\
@media(prefers-reduced-motion:reduce){*{animation:none!important}}\n";

/// What is on the screen, and when it comes there.
#[derive(Default)]
pub struct Cast {
    rows: Vec<Vec<Part>>,
    now: u32,
}

struct Part {
    at: u32,
    class: &'static str,
    text: String,
}

impl Cast {
    /// Somebody types a command, and it takes so long, in ms.
    pub fn types(&mut self, command: &str, takes: u32) {
        let mut parts = vec![self.part("p", "$")];
        for word in command.split(' ') {
            self.now += WORD;
            parts.push(self.part("", &format!(" {word}")));
        }
        let mut width = 0;
        self.rows.push(Vec::new());
        for part in parts {
            width += columns(&part.text);
            if width > COLUMNS {
                width = columns(&part.text);
                self.rows.push(Vec::new());
            }
            self.rows.last_mut().expect("one was pushed").push(part);
        }
        self.now += takes;
    }

    /// The program prints this.
    pub fn prints(&mut self, text: &str) {
        for row in text.lines().flat_map(wrapped) {
            self.now += PRINTED;
            let (class, mark) = mark(&row);
            let parts = [self.part(class, mark), self.part("", &row[mark.len()..])];
            self.rows.push(parts.into_iter().filter(|part| !part.text.is_empty()).collect());
        }
        self.now += 800;
    }

    fn part(&self, class: &'static str, text: &str) -> Part {
        Part { at: self.now, class, text: text.to_owned() }
    }

    /// The recording.
    pub fn svg(&self, title: &str) -> String {
        let total = self.now + REST;
        let height = ROWS as f32 * LINE + 2.0 * MARGIN;
        let seconds = total as f32 / 1000.0;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" role=\"img\" xml:space=\"preserve\">\n<title>{title}</title>\n\
             <style>{STYLE}text,tspan,#s{{animation:{seconds}s step-end infinite}}\n{}{}</style>\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" rx=\"8\" fill=\"#0d1117\"/>\n\
             <svg y=\"{MARGIN}\" width=\"{WIDTH}\" height=\"{}\"><g id=\"s\">\n",
            self.appearances(total),
            self.scrolling(total),
            height - 2.0 * MARGIN,
        );
        for (row, parts) in self.rows.iter().enumerate() {
            write_row(&mut svg, row, parts);
        }
        svg + "</g></svg>\n</svg>\n"
    }

    /// One animation for each moment at which something comes.
    fn appearances(&self, total: u32) -> String {
        let moments: BTreeSet<u32> = self.rows.iter().flatten().map(|part| part.at).collect();
        moments.into_iter().fold(String::new(), |style, at| {
            let percent = percent(at, total);
            style
                + &format!("@keyframes t{at}{{0%{{opacity:0}}{percent}%{{opacity:1}}}}")
                + &format!(".t{at}{{animation-name:t{at}}}\n")
        })
    }

    /// What does not move shows the end.
    fn scrolling(&self, total: u32) -> String {
        let up = |row: usize| LINE * (row + 1).saturating_sub(ROWS) as f32;
        let last = up(self.rows.len().saturating_sub(1));
        let mut frames = "0%{transform:none}".to_owned();
        for (row, parts) in self.rows.iter().enumerate().skip(ROWS) {
            let Some(part) = parts.first() else { continue };
            let (percent, up) = (percent(part.at, total), up(row));
            frames += &format!("{percent}%{{transform:translateY(-{up}px)}}");
        }
        format!("#s{{animation-name:s;transform:translateY(-{last}px)}}@keyframes s{{{frames}}}\n")
    }
}

/// What a line of the doctor begins with, and how it is coloured.
fn mark(row: &str) -> (&'static str, &str) {
    let marks = [("good", "✓"), ("note", "!"), ("bad", "✗")];
    marks.into_iter().find(|(_, mark)| row.starts_with(mark)).unwrap_or_default()
}

fn percent(at: u32, total: u32) -> f32 {
    (at as f32 * 10_000.0 / total as f32).round() / 100.0
}

fn write_row(svg: &mut String, row: usize, parts: &[Part]) {
    let y = row as f32 * LINE + 15.0;
    let spans = parts.iter().map(|Part { at, class, text }| {
        let class = format!("{class} t{at}");
        format!("<tspan class=\"{}\">{}</tspan>", class.trim(), escaped(text))
    });
    let spans: String = spans.collect();
    if !spans.is_empty() {
        writeln!(svg, "<text x=\"{MARGIN}\" y=\"{y}\">{spans}</text>")
            .expect("writing to memory does not fail");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A terminal gives a Chinese character two columns.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum()
}

/// The rows that a line takes.
fn wrapped(line: &str) -> Vec<String> {
    let mut rows = vec![String::new()];
    let mut width = 0;
    for c in line.chars() {
        let wide = columns(c.encode_utf8(&mut [0; 4]));
        if width + wide > COLUMNS {
            rows.push(String::new());
            width = 0;
        }
        width += wide;
        rows.last_mut().expect("there is one").push(c);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_takes_the_rows_of_its_columns() {
        assert_eq!(wrapped(""), [""]);
        assert_eq!(wrapped(&"微".repeat(53)), ["微".repeat(52), "微".into()]);
    }

    #[test]
    fn what_is_typed_comes_word_by_word_and_is_escaped() {
        let mut cast = Cast::default();
        cast.types("wxbot run 2>log &", 0);
        cast.prints("✓ good");
        let svg = cast.svg("title");
        assert!(svg.contains("<tspan class=\"t540\"> 2&gt;log</tspan>"), "{svg}");
        assert!(svg.contains("<tspan class=\"good t770\">✓</tspan>"), "{svg}");
        assert!(svg.contains("@keyframes t540{0%{opacity:0}"), "{svg}");
    }
}
