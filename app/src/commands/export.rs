//! `dashcam export`: what is recorded, as a HAR file.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dashcam_exchange::TextFilter;
use dashcam_web_ui::har::{Export, Source};

use crate::cli::ExportArgs;
use crate::database;
use crate::home::Home;
use crate::terminal::print;

/// Writes the file; until it is whole it goes by another name.
pub(crate) async fn export(home: &Home, db: Option<PathBuf>, args: ExportArgs) -> Result<()> {
    let store = database::open(home, db).await?;
    let filter = TextFilter::new(&args.filter.join(" "));
    let (decoders, version) = (database::decoders(home)?, env!("CARGO_PKG_VERSION"));
    let mut export = Export::new(Source { store, decoders, version }, filter);
    if args.output == Path::new("-") {
        while let Some(piece) = export.next().await? {
            print(piece)?;
        }
        return Ok(());
    }
    let unfinished = unfinished(&args.output);
    let place = || unfinished.display().to_string();
    let written = match private(&unfinished) {
        Ok(file) => write(export, file).await,
        Err(error) => Err(error.into()),
    };
    if let Err(error) = written {
        // There may be nothing to delete.
        let _ = std::fs::remove_file(&unfinished);
        return Err(error).with_context(place);
    }
    std::fs::rename(&unfinished, &args.output).with_context(|| args.output.display().to_string())
}

async fn write(mut export: Export, to: impl Write) -> Result<()> {
    let mut to = BufWriter::new(to);
    while let Some(piece) = export.next().await? {
        to.write_all(&piece)?;
    }
    Ok(to.flush()?)
}

/// A file that only its owner can read: it holds secrets that passed, as the database does.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}
