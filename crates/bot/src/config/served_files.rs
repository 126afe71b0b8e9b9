//! `[server] files` are looked for beside the file that names them.

use std::path::Path;

use wxbot_sdk::settings::{Settings, Value};

/// Completes the names in `[server]` of this configuration file.
pub(super) fn find_beside(config: &str, server: &mut Settings) {
    let folder = Path::new(config).parent().unwrap_or(Path::new(""));
    let Some(files) = server.entries_mut().get_mut("files") else { return };
    let Value::List(files) = files.get_mut() else { return };
    for file in files {
        if let Value::Text(name) = file.get_mut() {
            *name = folder.join(&*name).display().to_string();
        }
    }
}
