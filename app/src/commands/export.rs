//! `dashcam export`: the recording as a file.

use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use dashcam_exchange::TextFilter;
use dashcam_views::export::{Export, Source};

use crate::cli::ExportArgs;
use crate::database;
use crate::home::Home;
use crate::terminal::{escaped_json, print_bytes};

/// Writes the file; until it is whole it goes by another name, which nobody can foresee.
pub(crate) async fn export(home: &Home, db: Option<PathBuf>, args: ExportArgs) -> Result<()> {
    let to_stdout = args.output == Path::new("-");
    if !to_stdout && !args.force && args.output.symlink_metadata().is_ok() {
        return Err(there_already(&args.output));
    }
    let reader = database::open(home, db).await?;
    let filter = TextFilter::new(&args.filter.join(" "));
    let (decoders, version) = (database::decoders(home)?, env!("CARGO_PKG_VERSION"));
    let mut export = Export::new(args.format, Source { reader, decoders, version }, filter);
    if to_stdout {
        while let Some(piece) = export.next().await? {
            // Pieces are whole characters.
            print_bytes(escaped_json(&String::from_utf8_lossy(&piece)))?;
        }
        return Ok(());
    }
    let place = || args.output.display().to_string();
    let folder =
        args.output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Made by us alone, for us alone: it holds secrets that passed, as the database does. Deleted if anything fails.
    let file = tempfile::Builder::new().prefix(".dashcam-").suffix(".unfinished").tempfile_in(folder);
    let mut file = file.with_context(place)?;
    write(export, file.as_file_mut()).await.with_context(place)?;
    file.as_file().sync_all().with_context(place)?;
    if args.force && args.output.metadata().is_ok_and(|there| !there.is_file()) {
        bail!(
            "{} is not a file: choose another one with -o, or - for standard output",
            args.output.display()
        );
    }
    let put = if args.force { file.persist(&args.output) } else { file.persist_noclobber(&args.output) };
    match put {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(there_already(&args.output)),
        Err(error) => Err(error.error).with_context(place),
    }
}

fn there_already(path: &Path) -> anyhow::Error {
    anyhow!("{} already exists: choose another file with -o, or replace it with --force", path.display())
}

async fn write(mut export: Export, to: impl Write) -> Result<()> {
    let mut to = BufWriter::new(to);
    while let Some(piece) = export.next().await? {
        to.write_all(&piece)?;
    }
    Ok(to.flush()?)
}
