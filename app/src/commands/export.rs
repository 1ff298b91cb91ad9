//! `dashcam export`: the recording as a file.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dashcam_views::export::{Export, Source};

use crate::cli::ExportArgs;
use crate::home::Home;
use crate::new_file::NewFile;
use crate::terminal::{escaped_json, print_bytes};
use crate::{database, filter};

/// Writes the file.
pub(crate) async fn export(home: &Home, db: Option<PathBuf>, args: ExportArgs) -> Result<()> {
    let to_stdout = args.output == Path::new("-");
    let file = if to_stdout { None } else { Some(NewFile::begin(&args.output, args.force)?) };
    let reader = database::open(home, db).await?;
    let filter = filter::read(&reader, &args.filter).await?;
    let (decoders, version) = (database::decoders(home, &reader)?, env!("CARGO_PKG_VERSION"));
    let mut export = Export::new(args.format, Source { reader, decoders, version, unsealer: None }, filter);
    let Some(file) = file else {
        while let Some(piece) = export.next().await? {
            // Pieces are whole characters.
            print_bytes(escaped_json(&String::from_utf8_lossy(&piece)))?;
        }
        return Ok(());
    };
    write(export, file.file()?).await.with_context(|| args.output.display().to_string())?;
    file.finish()
}

async fn write(mut export: Export, to: impl Write) -> Result<()> {
    let mut to = BufWriter::new(to);
    while let Some(piece) = export.next().await? {
        to.write_all(&piece)?;
    }
    Ok(to.flush()?)
}
