//! CSV: a row for each question. With a heading the columns may stand in any order; without, they
//! are question, answer and other wordings.

use csv::{ReaderBuilder, StringRecord};

use crate::entry::Entry;

const QUESTION: [&str; 3] = ["question", "问题", "标准问题"];
const ANSWER: [&str; 4] = ["answer", "答案", "回答", "回复"];
const ALSO: [&str; 5] = ["also", "其他问法", "相似问法", "相似问题", "别的问法"];

/// Which column is which.
struct Columns {
    question: usize,
    answer: usize,
    also: Vec<usize>,
}

pub(super) fn read(text: &str) -> Result<Vec<Entry>, String> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut columns, mut entries) = (None, Vec::new());
    for (number, row) in reader.records().enumerate() {
        let row = row.map_err(|error| error.to_string())?;
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let Some(columns) = &columns else {
            let heading = Columns::of_heading(&row);
            if heading.is_none() {
                entries.push(Columns::without_heading().entry(number + 1, &row)?);
            }
            columns = Some(heading.unwrap_or(Columns::without_heading()));
            continue;
        };
        entries.push(columns.entry(number + 1, &row)?);
    }
    Ok(entries)
}

impl Columns {
    fn of_heading(row: &StringRecord) -> Option<Self> {
        let named = |names: &[&str]| -> Vec<usize> {
            let cells = row.iter().map(|cell| cell.trim().to_lowercase()).enumerate();
            cells.filter(|(_, cell)| names.contains(&cell.as_str())).map(|(at, _)| at).collect()
        };
        let (question, answer) = (named(&QUESTION), named(&ANSWER));
        Some(Self { question: *question.first()?, answer: *answer.first()?, also: named(&ALSO) })
    }

    fn without_heading() -> Self {
        Self { question: 0, answer: 1, also: vec![2] }
    }

    fn entry(&self, number: usize, row: &StringRecord) -> Result<Entry, String> {
        let cell = |at: usize| row.get(at).unwrap_or_default().trim();
        let (question, answer) = (cell(self.question), cell(self.answer));
        if question.is_empty() || answer.is_empty() {
            return Err(format!("row {number} has no question or no answer"));
        }
        let also = self.also.iter().flat_map(|at| cell(*at).split(['|', '｜', '\n']));
        let also = also.map(str::trim).filter(|wording| !wording.is_empty());
        let entry = Entry::new(question, also.map(str::to_owned).collect(), answer);
        entry.map_err(|problem| format!("the answer in row {number}: {problem}"))
    }
}
