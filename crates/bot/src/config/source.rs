//! The file itself: its name, and its text.

use std::fmt;
use std::path::Path;

use super::build::Components;
use super::data::Config;
use super::env_file::is_utf16;
use super::file;
use super::origin::ConfigError;

/// The file at the root of the repository: the manual, and what is used where there is no file.
pub const DEFAULT: &str = include_str!("../../../../bot.toml");
const DEFAULT_NAME: &str = "bot.toml";

/// A configuration file, by its name and what is in it.
#[derive(Clone)]
pub struct Source {
    /// For error texts.
    pub name: String,
    /// TOML.
    pub text: String,
}

impl Source {
    /// Reads the file; without one named, `bot.toml` in this folder; without that, the default.
    pub fn find(path: Option<&Path>) -> Result<Self, ConfigError> {
        let named = path.unwrap_or(Path::new(DEFAULT_NAME));
        let name = named.display().to_string();
        match std::fs::read_to_string(named) {
            Ok(text) if text.contains('\0') => Err(not_utf8(&name, named)),
            Ok(text) => Ok(Self { name, text }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.is_none() => {
                Ok(Self { name: "the built-in bot.toml".into(), text: DEFAULT.into() })
            }
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Err(not_utf8(&name, named))
            }
            Err(error) => Err(ConfigError::new(format!("`{name}` can't be read: {error}"))),
        }
    }

    /// Reads and checks what it says. `variable` looks up environment variables.
    pub fn read(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        match file::read(&self.name, &self.text, &variable) {
            (config, errors) if errors.is_empty() => Ok(config),
            (config, errors) => Err(config.origin.error(errors)),
        }
    }

    /// Reads it and builds everything it says, or shows every error of both at once.
    pub fn build(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Components, ConfigError> {
        let (config, mut errors) = file::read(&self.name, &self.text, &variable);
        if errors.is_empty() {
            return Components::new(config);
        }
        errors.extend(Components::errors(&config));
        Err(config.origin.error(errors))
    }
}

/// Which encoding it has instead, as far as that can be seen.
fn not_utf8(name: &str, path: &Path) -> ConfigError {
    let bytes = std::fs::read(path).unwrap_or_default();
    let encoding = match is_utf16(&bytes) {
        true => "it is UTF-16, which editors call Unicode",
        false => "it may be GBK, as on Windows",
    };
    let what = "can't be read: stream did not contain valid UTF-8";
    ConfigError::new(format!("`{name}` {what}; hint: save the file as UTF-8; {encoding}"))
}

/// Its text may hold secrets.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}
