//! The files of a new project: those in `templates/`, with what is in `{{…}}` filled in.

use std::fs;
use std::path::Path;

use anyhow::{Context, Error};

use super::name::{BotName, PluginName};
use super::packages::Packages;
use crate::cli::Shape;

/// A file, and where it is in the project.
pub(super) struct File {
    path: &'static str,
    text: String,
}

impl File {
    pub(super) fn write_in(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(self.path);
        let parent = path.parent().expect("it is in the folder");
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, &self.text))
            .with_context(|| format!("`{}` can't be written", path.display()))
    }
}

const GIT_IGNORES: &str = "/target\n";

pub(super) fn plugin(name: &PluginName, shape: Shape, packages: &Packages) -> Vec<File> {
    let library = match shape {
        Shape { dialog: true, .. } => include_str!("templates/plugin/dialog.rs.txt"),
        Shape { command: true, .. } => include_str!("templates/plugin/command.rs.txt"),
        _ => include_str!("templates/plugin/answer.rs.txt"),
    };
    let (camel_case, entry) = (name.in_camel_case(), entry(name, shape));
    let (sdk, testkit) = (packages.dependency("wxbot-sdk"), packages.dependency("wxbot-testkit"));
    let values = [
        ("name", name.as_str()),
        ("package", name.package()),
        ("library", &name.library()),
        ("Name", &camel_case),
        ("entry", entry.trim_end()),
        ("wxbot-sdk", &sdk),
        ("wxbot-testkit", &testkit),
    ];
    vec![
        file("Cargo.toml", include_str!("templates/plugin/manifest.toml"), &values),
        file("README.md", include_str!("templates/plugin/readme.md"), &values),
        file("src/lib.rs", library, &values),
        file(".gitignore", &format!("{GIT_IGNORES}/Cargo.lock\n"), &[]),
    ]
}

/// The plugin's entry in `bot.toml`.
pub(super) fn entry(name: &PluginName, shape: Shape) -> String {
    let name = name.as_str();
    let rest = match shape {
        Shape { dialog: true, .. } => {
            "when = { full = \"预约\" }\nconfig = { question = \"您的姓名？\" }\n"
        }
        Shape { command: true, .. } => "config = { forecast = \"晴\" }\n",
        _ => "config = { greeting = \"您好！\" }\n",
    };
    format!("[[chain]]\nplugin = \"{name}\"\n{rest}")
}

pub(super) fn bot(name: &BotName, packages: &Packages) -> Vec<File> {
    let dependency = |package| packages.dependency(package);
    let values = [
        ("name", name.package()),
        ("flags", &packages.flags()),
        ("wxbot", &dependency("wxbot")),
        ("wxbot-build", &dependency("wxbot-build")),
        ("wxbot-testkit", &dependency("wxbot-testkit")),
        ("wxbot-plugin-echo", &dependency("wxbot-plugin-echo")),
        ("wxbot-plugin-keywords", &dependency("wxbot-plugin-keywords")),
    ];
    vec![
        file("Cargo.toml", include_str!("templates/bot/manifest.toml"), &values),
        file("README.md", include_str!("templates/bot/readme.md"), &values),
        file("bot.toml", include_str!("templates/bot/bot.toml"), &values),
        file("build.rs", include_str!("templates/bot/build.rs.txt"), &values),
        file("src/main.rs", include_str!("templates/bot/main.rs.txt"), &values),
        file("tests/talk.rs", include_str!("templates/bot/talk.rs.txt"), &values),
        file(".gitignore", &format!("{GIT_IGNORES}/wxbot.env\n/wxbot-data\n"), &[]),
    ]
}

fn file(path: &'static str, template: &str, values: &[(&str, &str)]) -> File {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    File { path, text }
}
