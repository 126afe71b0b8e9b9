//! `wxbot store`: everything in the store as lines of JSON, out and in.

use std::io;

use anyhow::{Error, bail};
use tokio::runtime::Builder;
use wxbot_store::{Limits, Place, export, import};

use super::input::config;
use crate::cli::{Cli, StoreCommand};

pub(crate) fn store(cli: &Cli, what: &StoreCommand) -> Result<(), Error> {
    let config = config(cli)?;
    if *config.store == Place::Memory {
        bail!("`memory:` is empty when no bot runs: there is nothing to export or import");
    }
    let store = config.store.open(&Limits::default())?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (entries, done) = match what {
        StoreCommand::Export => (runtime.block_on(export(&*store, &mut io::stdout()))?, "exported"),
        StoreCommand::Import => {
            (runtime.block_on(import(&*store, &mut io::BufReader::new(io::stdin())))?, "imported")
        }
    };
    eprintln!("{done} {entries} entries");
    Ok(())
}
