//! `wxbot store`: everything in the store as lines of JSON, out and in. Out also while a bot runs.

use std::io;

use anyhow::{Error, bail};
use tokio::runtime::Builder;
use wxbot_store::{Limits, Place, backup, export, import};

use super::input::config;
use crate::cli::{Cli, StoreCommand};

pub(crate) fn store(cli: &Cli, what: &StoreCommand) -> Result<(), Error> {
    let config = config(cli)?;
    if *config.store == Place::Memory {
        bail!("`memory:` is empty when no bot runs: there is nothing to export, back up or import");
    }
    let (place, limits) = (&*config.store, Limits::default());
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (entries, done) = runtime.block_on(async {
        Ok::<_, Error>(match what {
            StoreCommand::Export { salvage: true } => (salvage(place).await?, "salvaged"),
            StoreCommand::Export { salvage: false } => {
                (export(&*place.contents(&limits)?, &mut io::stdout()).await?, "exported")
            }
            StoreCommand::Backup { file } => {
                (backup(&*place.contents(&limits)?, file).await?, "backed up")
            }
            StoreCommand::Import => {
                let mut lines = io::BufReader::new(io::stdin());
                (import(&*place.open(&limits)?, &mut lines).await?, "imported")
            }
        })
    })?;
    eprintln!("{done} {entries} entries");
    Ok(())
}

async fn salvage(place: &Place) -> Result<u64, Error> {
    let Some(salvage) = place.salvage()? else { bail!("only what is in a `file:` is salvaged") };
    let entries = export(&salvage, &mut io::stdout()).await?;
    salvage.left_out().iter().for_each(|what| eprintln!("left out: {what}"));
    Ok(entries)
}
