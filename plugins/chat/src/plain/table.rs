//! A table on a phone: each row becomes a block of `column：cell`; with two columns, a line.

/// The cells so far.
#[derive(Default)]
pub(super) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    row: Vec<String>,
}

impl Table {
    pub(super) fn add(&mut self, cell: &str) {
        self.row.push(cell.to_owned());
    }

    pub(super) fn end_head(&mut self) {
        self.head = std::mem::take(&mut self.row);
    }

    pub(super) fn end_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
    }

    pub(super) fn to_text(&self) -> String {
        match self.head.len() {
            0..=2 => {
                let all = std::iter::once(&self.head).chain(&self.rows);
                let lines = all.map(|row| row.join("：")).filter(|line| line != "：");
                lines.collect::<Vec<_>>().join("\n")
            }
            _ => self.rows.iter().map(|row| self.block(row)).collect::<Vec<_>>().join("\n"),
        }
    }

    /// The first cell names the row.
    fn block(&self, row: &[String]) -> String {
        let mut cells = self.head.iter().zip(row);
        let mut text = cells.next().map(|(_, name)| format!("• {name}")).unwrap_or_default();
        for (column, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
            match column.is_empty() {
                true => text.push_str(&format!("\n  {cell}")),
                false => text.push_str(&format!("\n  {column}：{cell}")),
            }
        }
        text
    }
}
