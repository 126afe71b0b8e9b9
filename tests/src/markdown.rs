//! A page of Markdown: its headings, tables, links and code blocks.

use std::path::{Path, PathBuf};

/// A page of the repository.
pub struct Page {
    /// From the root.
    pub path: String,
    text: String,
}

/// A fenced block of code, without the indentation of the list it stands in.
pub struct Block {
    /// What stands behind the fence: `toml`, `sh`, …
    pub kind: String,
    pub text: String,
}

/// A path that is given from the root of the repository.
pub fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the root").join(path)
}

impl Page {
    /// By its path from the root. Panics if it is not there.
    pub fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(in_repository(path));
        let text = text.unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text }
    }

    /// The levels of the headings.
    pub fn headings(&self) -> Vec<usize> {
        self.heading_lines().map(|line| line.chars().take_while(|c| *c == '#').count()).collect()
    }

    /// The names by which headings are linked, as GitHub makes them.
    pub fn anchors(&self) -> Vec<String> {
        let slug = |line: &str| -> String {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        };
        self.heading_lines().map(slug).collect()
    }

    fn heading_lines(&self) -> impl Iterator<Item = &str> {
        self.prose().filter(|line| line.starts_with('#'))
    }

    /// The code in the first column of all tables: commands, keys, metrics.
    pub fn code_of_tables(&self) -> Vec<&str> {
        let cells = self.rows().filter_map(|row| row.split('|').nth(1));
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
    }

    /// The number of columns of each row of each table.
    pub fn tables(&self) -> Vec<usize> {
        self.rows().map(|row| row.replace("\\|", "").matches('|').count() - 1).collect()
    }

    fn rows(&self) -> impl Iterator<Item = &str> {
        self.prose().filter(|line| line.starts_with('|'))
    }

    /// Where links and pictures lead, but for those to other sites.
    pub fn links(&self) -> Vec<String> {
        let ends = |text: &str| text.split(')').next().unwrap_or_default().to_owned();
        let links = self.prose().flat_map(|line| line.split("](").skip(1).map(ends));
        links.filter(|link| !link.contains("://")).collect()
    }

    /// The lines that are no code.
    fn prose(&self) -> impl Iterator<Item = &str> {
        let mut inside = false;
        self.text.lines().filter(move |line| {
            let is_fence = line.trim_start().starts_with("```");
            inside ^= is_fence;
            !inside && !is_fence
        })
    }

    /// All code, in order.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut lines = self.text.lines();
        while let Some(start) = lines.find(|line| line.trim_start().starts_with("```")) {
            let indent = start.len() - start.trim_start().len();
            let inside = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
            let inside = inside.map(|line| line.get(indent..).unwrap_or_default());
            blocks.push(Block {
                kind: start.trim_start().trim_start_matches('`').to_owned(),
                text: inside.fold(String::new(), |block, line| block + line + "\n"),
            });
        }
        blocks
    }
}

impl Block {
    /// The block without comments and empty lines.
    pub fn code(&self) -> String {
        let code = self.text.lines().map(|line| {
            let is_comment = ["# ", "//"].iter().any(|mark| line.trim_start().starts_with(mark));
            let trailing = [" # ", " // "].into_iter().filter_map(|mark| line.find(mark)).min();
            if is_comment { "" } else { line[..trailing.unwrap_or(line.len())].trim_end() }
        });
        code.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }
}
