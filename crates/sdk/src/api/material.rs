//! A file that stays until it is deleted (protocol section 7.7).

use serde::Deserialize;

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
