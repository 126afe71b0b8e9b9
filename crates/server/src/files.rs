//! `[server] files`: small texts at the root, such as those that prove to WeChat who owns a domain.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use serde::Deserialize;

/// WeChat's have 16 bytes.
const MOST_BYTES: usize = 4096;
const MOST_CHARACTERS: usize = 64;

/// A file that is served at `/NAME`. It was read with the configuration, so no request reads a disk.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PathBuf")]
pub struct ServedFile {
    name: String,
    content: Bytes,
}

/// Why a file is not served.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Another name could be a path, or of a kind that browsers run.
    #[error("`{0}` is no name like `MP_verify_….txt`: letters, digits, `_` and `-`, then `.txt`")]
    Name(String),
    /// It can't be read.
    #[error("`{0}` can't be read: {1}")]
    Unreadable(String, io::Error),
    /// Not what this is for.
    #[error("`{0}` has more than 4096 bytes")]
    Large(String),
}

impl ServedFile {
    /// Reads a file, which is served under its own name.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let shown = || path.display().to_string();
        let name = path.file_name().and_then(|name| name.to_str()).filter(|name| is_harmless(name));
        let name = name.ok_or_else(|| FileError::Name(shown()))?.to_owned();
        let unreadable = |error| FileError::Unreadable(shown(), error);
        let file = File::open(path).map_err(unreadable)?;
        let mut content = Vec::new();
        file.take(MOST_BYTES as u64 + 1).read_to_end(&mut content).map_err(unreadable)?;
        match content.len() > MOST_BYTES {
            true => Err(FileError::Large(shown())),
            false => Ok(Self { name, content: content.into() }),
        }
    }

    /// What it is served as.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl TryFrom<PathBuf> for ServedFile {
    type Error = FileError;

    fn try_from(path: PathBuf) -> Result<Self, FileError> {
        Self::read(&path)
    }
}

fn is_harmless(name: &str) -> bool {
    let stem = name.strip_suffix(".txt").unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !stem.is_empty() && name.len() <= MOST_CHARACTERS && stem.chars().all(fits)
}

/// The answer, if one of these files was asked for.
pub(crate) fn answer(files: &[ServedFile], path: &str, method: &Method) -> Option<HttpResponse> {
    let name = path.strip_prefix('/')?;
    let file = files.iter().find(|file| file.name == name)?;
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Some(HttpResponse::MethodNotAllowed().insert_header(("Allow", "GET")).finish());
    }
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::plaintext());
    response.insert_header(("X-Content-Type-Options", "nosniff"));
    Some(response.body(file.content.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path_and_no_page() {
        for name in ["MP_verify_aBcDeF0123456789.txt", "a.txt", "a-b_c.txt"] {
            assert!(is_harmless(name), "{name}");
        }
        let long = format!("{}.txt", "a".repeat(61));
        for name in
            ["", ".txt", "a.html", "a.TXT", "../a.txt", "a/b.txt", "a.b.txt", "é.txt", &long]
        {
            assert!(!is_harmless(name), "{name}");
        }
    }
}
