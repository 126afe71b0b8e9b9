//! The language of what operators read on their first day.

use clap::ValueEnum;

/// Chinese, as WeChat's console has it, or English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Language {
    #[default]
    Zh,
    En,
}

impl Language {
    /// What stands there in this language.
    pub(crate) fn pick<T>(self, chinese: T, english: T) -> T {
        match self {
            Self::Zh => chinese,
            Self::En => english,
        }
    }
}
