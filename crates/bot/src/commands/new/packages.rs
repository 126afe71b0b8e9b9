//! Where the packages of wxbot come from that a new project depends on.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::cli::Origin;
use crate::commands::input::WrongInput;

/// A dependency of each of them can be written.
pub(super) enum Packages {
    /// A checkout.
    Folder(PathBuf),
    /// The URL of a repository.
    Git(String),
    /// A registry, in this program's version.
    Registry,
}

impl Packages {
    pub(super) fn from(origin: &Origin) -> Result<Self, WrongInput> {
        if let Some(url) = &origin.git {
            return Ok(Self::Git(url.clone()));
        }
        let Some(path) = &origin.path else { return Ok(Self::Registry) };
        let folder = fs::canonicalize(path).ok();
        let folder = folder.filter(|folder| folder.join("crates/sdk/Cargo.toml").is_file());
        folder.map(Self::Folder).ok_or_else(|| {
            let path = path.display();
            WrongInput(format!(
                "`{path}` is no checkout of wxbot: it has no `crates/sdk/Cargo.toml`"
            ))
        })
    }

    /// What is behind `NAME =` in `[dependencies]`.
    pub(super) fn dependency(&self, package: &str) -> String {
        match self {
            Self::Folder(root) => {
                let folder = root.join(folder_of(package));
                format!("{{ path = {} }}", quoted(&folder.display().to_string()))
            }
            Self::Git(url) => format!("{{ git = {} }}", quoted(url)),
            Self::Registry => quoted(env!("CARGO_PKG_VERSION")),
        }
    }

    /// What to do where nobody has published them yet, or this version of them.
    pub(super) fn note(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        match self {
            Self::Registry => format!(
                "  Its Cargo.toml takes wxbot {version} from the registry. If Cargo finds none there, delete the\n  \
                 folder and make it again with --path DIR (a checkout of wxbot) or --git URL.\n"
            ),
            Self::Folder(_) | Self::Git(_) => String::new(),
        }
    }

    /// What chooses the same for the next project.
    pub(super) fn flags(&self) -> String {
        match self {
            Self::Folder(root) => format!(" --path {}", quoted(&root.display().to_string())),
            Self::Git(url) => format!(" --git {}", quoted(url)),
            Self::Registry => String::new(),
        }
    }
}

/// Where a package is in a checkout.
fn folder_of(package: &str) -> String {
    match package.strip_prefix("wxbot-plugin-") {
        Some(plugin) => format!("plugins/{plugin}"),
        None => format!("crates/{}", package.strip_prefix("wxbot-").unwrap_or("bot")),
    }
}

/// A string of JSON is one of TOML.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
