//! `bot.toml`, in two steps: read, it is a [`Config`], which is data; built, it is the
//! [`Components`] of a bot.

mod source;
mod file; // reads
mod no_toml;
mod misplaced;
mod environment;
mod env_file;
mod listeners;
mod served_files;
mod public_url;
mod entropy;
mod limits;
mod account;
pub(crate) mod forms;
mod bounds;
mod line_breaks;
pub mod menu;
mod audience;
mod chain;
mod findings;
mod table;
mod data; // what was read
mod difference;
mod build; // builds
mod origin; // shows what is wrong
mod report;
mod schema; // says what may be written

pub use account::AccountSettings;
pub use build::{ClientConfig, Components};
pub use chain::LinkSettings;
pub use data::Config;
pub use difference::{Changes, Differences};
pub use env_file::EnvFile;
pub use limits::LimitSettings;
pub use origin::ConfigError;
pub use public_url::{PublicUrl, PublicUrlError};
pub use schema::schema;
pub use source::{DEFAULT, Source};
pub use table::Table;
