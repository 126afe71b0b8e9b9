//! CSV: a row for each question. With a heading the columns may stand in any order; without, they
//! are question, answer and other wordings.

use csv::{Reader, ReaderBuilder, StringRecord};

use super::content::Content;
use crate::entry::Entry;

const QUESTION: [&str; 5] = ["question", "问题", "标准问题", "问", "提问"];
const ANSWER: [&str; 6] = ["answer", "答案", "回答", "回复", "答", "答复"];
const ALSO: [&str; 6] = ["also", "其他问法", "相似问法", "相似问题", "别的问法", "其它问法"];

/// What is between two cells, the likeliest first where there is no heading.
const SEPARATORS: [u8; 3] = *b"\t,;";

/// Which column is which.
struct Columns {
    question: usize,
    answer: usize,
    also: Vec<usize>,
    /// How many there are, those with other names among them.
    count: usize,
}

pub(super) fn read(whole: &str) -> Result<Content, String> {
    let (separator, text) = match told_separator(whole) {
        Some((separator, text)) => (separator, text),
        None => (separator_of(whole), whole),
    };
    let start = whole.len() - text.len();
    if let Some(quote) = unclosed_quote(text, separator) {
        let line = line_at(whole, start + quote);
        return Err(format!(
            "line {line}: the quote `\"` is not closed, so all that follows would be in this cell"
        ));
    }
    let (mut columns, mut entries, mut too_long) = (None, Vec::new(), Vec::new());
    for (number, row) in reader(text, separator).records().enumerate() {
        let row = row.map_err(|error| error.to_string())?;
        if is_blank(&row) {
            continue;
        }
        if columns.is_none() {
            columns = Columns::of_heading(&row)?;
            if columns.is_some() {
                continue;
            }
        }
        let columns = columns.get_or_insert_with(Columns::without_heading);
        entries.push(columns.entry(number + 1, &row)?);
        if columns.lack_a_cell_of(&row) {
            too_long.extend(row.position().map(|position| start + position.byte() as usize));
        }
    }
    let first = too_long.first().map(|byte| line_at(whole, *byte));
    let warnings = first.map(|line| lost_cells(line, too_long.len())).into_iter().collect();
    Ok(Content { entries, warnings })
}

fn lost_cells(line: usize, rows: usize) -> String {
    let more = if rows > 1 { format!(" (and in {} more rows)", rows - 1) } else { String::new() };
    format!(
        "line {line}{more}: there are more cells than columns, and those behind the last one are not \
         read: other wordings are separated by `|`, and a cell with a separator in it is put in \
         quotes `\"`"
    )
}

/// Where a quoted cell begins that ends with the file, or at the first quote of a cell further down.
fn unclosed_quote(text: &str, separator: u8) -> Option<usize> {
    /// Where in a cell it is; of quoted ones, where they begin.
    enum At {
        Start,
        Plain,
        Quoted(usize),
        Closed(usize),
    }
    let mut at = At::Start;
    for (place, byte) in text.bytes().enumerate() {
        let is_end = byte == separator || matches!(byte, b'\n' | b'\r');
        at = match at {
            At::Quoted(begin) if byte == b'"' => At::Closed(begin),
            At::Quoted(begin) => At::Quoted(begin),
            At::Closed(begin) if byte == b'"' => At::Quoted(begin),
            At::Start if byte == b'"' => At::Quoted(place),
            _ if is_end => At::Start,
            At::Closed(begin) if byte == b' ' => At::Closed(begin),
            At::Closed(begin) if text[begin..place].contains('\n') => return Some(begin),
            _ => At::Plain,
        };
    }
    match at {
        At::Quoted(begin) => Some(begin),
        _ => None,
    }
}

/// The line of what begins there, but for blank lines.
fn line_at(text: &str, byte: usize) -> usize {
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let rest = text.as_bytes().iter().skip(byte);
    let begin = byte + rest.take_while(|byte| is_break(byte)).count();
    1 + text.bytes().take(begin).filter(|byte| *byte == b'\n').count()
}

fn reader(text: &str, separator: u8) -> Reader<&[u8]> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes())
}

fn is_blank(row: &StringRecord) -> bool {
    row.iter().all(|cell| cell.trim().is_empty())
}

/// `sep=;` in the first line, as Excel writes and reads it, and the rest.
fn told_separator(text: &str) -> Option<(u8, &str)> {
    let (first, rest) = text.split_once('\n')?;
    match first.trim_end_matches('\r').strip_prefix("sep=")?.as_bytes() {
        [separator] => Some((*separator, rest)),
        _ => None,
    }
}

/// That by which the first row is a heading, or else has several cells: the cells of a spreadsheet that
/// are copied have tabs, and where commas are for decimals it saves semicolons.
fn separator_of(text: &str) -> u8 {
    let first = |separator: u8| {
        let mut rows = reader(text, separator).into_records().filter_map(Result::ok);
        rows.find(|row| !is_blank(row)).unwrap_or_default()
    };
    let is_heading =
        |separator: &u8| matches!(Columns::of_heading(&first(*separator)), Ok(Some(_)));
    let splits = |separator: &u8| first(*separator).len() > 1;
    let found = SEPARATORS.into_iter().find(is_heading);
    found.or(SEPARATORS.into_iter().find(splits)).unwrap_or(b',')
}

impl Columns {
    /// `None` for a row that is none. Half a heading is an error: it would be a question.
    fn of_heading(row: &StringRecord) -> Result<Option<Self>, String> {
        let named = |names: &[&str]| -> Vec<usize> {
            let cells = row.iter().map(|cell| cell.trim().to_lowercase()).enumerate();
            cells.filter(|(_, cell)| names.contains(&cell.as_str())).map(|(at, _)| at).collect()
        };
        let (question, answer) = (named(&QUESTION), named(&ANSWER));
        let lacks = |what: &str, names: &[&str]| {
            let names = names.join(", ");
            Err(format!("the heading has no column for the {what}: call it one of {names}"))
        };
        match (question.first(), answer.first()) {
            (Some(&question), Some(&answer)) => {
                Ok(Some(Self { question, answer, also: named(&ALSO), count: row.len() }))
            }
            (Some(_), None) => lacks("answer", &ANSWER),
            (None, Some(_)) => lacks("question", &QUESTION),
            (None, None) => Ok(None),
        }
    }

    fn without_heading() -> Self {
        Self { question: 0, answer: 1, also: vec![2], count: 3 }
    }

    /// Whether there is anything behind the last column.
    fn lack_a_cell_of(&self, row: &StringRecord) -> bool {
        row.iter().skip(self.count).any(|cell| !cell.trim().is_empty())
    }

    fn entry(&self, number: usize, row: &StringRecord) -> Result<Entry, String> {
        let cell = |at: usize| row.get(at).unwrap_or_default().trim();
        let (question, answer) = (cell(self.question), cell(self.answer));
        if question.is_empty() || answer.is_empty() {
            let is_chinese = row.len() == 1 && question.contains('，');
            let hint = if is_chinese { ": between cells is an ASCII comma, not `，`" } else { "" };
            return Err(format!("row {number} has no question or no answer{hint}"));
        }
        let also = self.also.iter().flat_map(|at| cell(*at).split(['|', '｜', '\n']));
        let also = also.map(str::trim).filter(|wording| !wording.is_empty());
        let entry = Entry::new(question, also.map(str::to_owned).collect(), answer);
        entry.map_err(|problem| format!("the answer in row {number}: {problem}"))
    }
}
