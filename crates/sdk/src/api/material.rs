//! A file that stays until it is deleted (protocol section 7.7).

use serde::Deserialize;
use serde_json::json;

use super::form::Form;
use super::media::Upload;

/// Where material is added.
pub(super) const ADD: &str = "/cgi-bin/material/add_material";
/// Where it is fetched.
pub(super) const GET: &str = "/cgi-bin/material/get_material";

/// Material that was added.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Material {
    /// What messages and menus name it by.
    pub media_id: String,
    /// Where a picture is, for pages of Tencent's alone.
    #[serde(default)]
    pub url: Option<String>,
}

/// What followers read beside a permanent video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoText {
    /// Above it.
    pub title: String,
    /// Below it.
    pub introduction: String,
}

/// The form that adds it; a video has a part `description`.
pub(super) fn form(upload: Upload, video: Option<&VideoText>) -> Form {
    let form = upload.into_form();
    match video {
        None => form,
        Some(VideoText { title, introduction }) => {
            let text = json!({"title": title, "introduction": introduction});
            form.text("description", text.to_string())
        }
    }
}
