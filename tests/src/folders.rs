//! What there is in the repository.

use std::path::Path;

/// The names of the plugins of this repository, in order.
pub fn plugins() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let folders = entries.map(|entry| entry.expect("the folder can be read").path());
    let crates = folders.filter(|path| path.join("Cargo.toml").is_file());
    let name = |path: std::path::PathBuf| Some(path.file_name()?.to_str()?.to_owned());
    let mut names: Vec<_> = crates.filter_map(name).collect();
    names.sort();
    names
}
