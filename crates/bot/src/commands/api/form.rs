//! The form of `wxbot api --file`.

use std::path::Path;

use wxbot_sdk::api::{FileContent, FileName, Form};

use crate::cli::Api;

/// What WeChat takes, by how the name ends.
const CONTENT_TYPES: [(&str, &str); 10] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("bmp", "image/bmp"),
    ("mp3", "audio/mpeg"),
    ("amr", "audio/amr"),
    ("wav", "audio/wav"),
    ("wma", "audio/x-ms-wma"),
    ("mp4", "video/mp4"),
];

/// The files and texts of the command line. The files are only looked at.
pub(super) async fn of(api: &Api) -> Result<Form, String> {
    let mut form = Form::default();
    for file in &api.files {
        let (name, path) = pair(file, "--file media=photo.jpg")?;
        let path = Path::new(path);
        let content = FileContent::file(path).await;
        let content =
            content.map_err(|error| format!("`{}` can't be read: {error}", path.display()))?;
        form = form.file(name, name_of(path), content);
    }
    for field in &api.fields {
        let (name, text) = pair(field, "--field description=TEXT")?;
        form = form.text(name, text.to_owned());
    }
    Ok(form)
}

fn pair<'a>(argument: &'a str, example: &str) -> Result<(&'a str, &'a str), String> {
    let pair = argument.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.ok_or_else(|| format!("`{argument}` has no name; write it like {example}"))
}

fn name_of(path: &Path) -> FileName {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let known = CONTENT_TYPES.iter().find(|(known, _)| *known == ending);
    let content_type = known.map_or("application/octet-stream", |(_, content_type)| content_type);
    FileName {
        filename: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        content_type: content_type.to_owned(),
    }
}
