//! `dashcam db`: the recording as a whole, without an instance.

mod check;
mod info;
mod migrate;
mod repair;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use dashcam_store::maintenance;

use crate::cli::DbCommand;
use crate::config::Config;
use crate::exit::CannotStart;
use crate::home::Home;
use crate::options;
use crate::row::size;
use crate::terminal::print_line;

/// Does what `command` says with the database that `--db`, `config.toml` or the home names; the exit code.
pub(crate) async fn db(home: &Home, db: Option<PathBuf>, command: DbCommand) -> Result<u8> {
    let path = options::database(home, db, &Config::read(&home.config())?);
    match command {
        DbCommand::Info(args) => info::info(&path, args.json).map(|()| 0),
        // 1 means that it is not sound; where that cannot be told, 2.
        DbCommand::Check(args) => check::check(&path, &args).context(CannotStart),
        DbCommand::Repair => repair::repair(&path).await.map(|()| 0),
        DbCommand::Migrate => migrate::migrate(&path).await.map(|()| 0),
        DbCommand::Vacuum => {
            let vacuumed = maintenance::vacuum(&path)?;
            let freed = vacuumed.before.saturating_sub(vacuumed.after);
            let (freed, now) = (size(freed), size(vacuumed.after));
            print_line(&format!("{freed} given back: {} has {now} now", path.display())).map(|()| 0)
        }
    }
}
