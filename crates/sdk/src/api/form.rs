//! A form with files, as WeChat takes them.

use std::fmt;

use super::file_content::FileContent;

/// A form that brings files: `multipart/form-data`, sent with its length.
#[derive(Debug, Default)]
pub struct Form {
    /// In their order.
    pub parts: Vec<FormPart>,
}

/// One part of a form.
#[derive(Debug)]
pub struct FormPart {
    /// What WeChat finds it by: mostly `media`.
    pub name: String,
    /// Of a file; WeChat refuses one without a name (41005).
    pub file: Option<FileName>,
    /// What it is.
    pub content: FileContent,
}

/// What a file is called, and what is in it.
#[derive(Clone, PartialEq, Eq)]
pub struct FileName {
    /// With an ending that fits.
    pub filename: String,
    /// For example `image/png`.
    pub content_type: String,
}

impl Form {
    /// With a file.
    #[must_use]
    pub fn file(mut self, name: &str, file: FileName, content: FileContent) -> Self {
        self.parts.push(FormPart { name: name.to_owned(), file: Some(file), content });
        self
    }

    /// With a text.
    #[must_use]
    pub fn text(mut self, name: &str, text: String) -> Self {
        self.parts.push(FormPart { name: name.to_owned(), file: None, content: text.into() });
        self
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { filename, content_type } = self;
        write!(f, "{filename:?} ({content_type})")
    }
}
