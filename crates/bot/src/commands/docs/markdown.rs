//! Headings and tables.

/// With an empty line behind it.
pub(super) fn heading(level: usize, text: &str) -> String {
    format!("{} {text}\n\n", "#".repeat(level))
}

pub(super) fn table<const N: usize>(
    columns: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let lines = rows.map(|row| row_of(row.map(|cell| cell.replace('|', "\\|"))));
    let head = [columns.map(str::to_owned), [(); N].map(|()| "---".to_owned())].map(row_of);
    head.into_iter().chain(lines).collect()
}

fn row_of<const N: usize>(cells: [String; N]) -> String {
    let cells =
        cells.map(|cell| if cell.is_empty() { " ".to_owned() } else { format!(" {cell} ") });
    format!("|{}|\n", cells.join("|"))
}

/// `says back` as a sentence.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    let end = if words.ends_with(['.', '…']) { "" } else { "." };
    first.chain(letters).collect::<String>() + end
}
