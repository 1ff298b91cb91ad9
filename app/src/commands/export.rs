//! `dashcam export`: the recording as a file.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dashcam_views::export::{Export, Source};
use dashcam_views::unseal::{Counts, Unsealer};

use crate::cli::ExportArgs;
use crate::home::Home;
use crate::new_file::NewFile;
use crate::terminal::{escaped_json, print_bytes};
use crate::unsealing::Use;
use crate::{database, filter, unsealing};

/// Writes the file.
pub(crate) async fn export(home: &Home, db: Option<PathBuf>, args: ExportArgs) -> Result<()> {
    let to_stdout = args.output == Path::new("-");
    let file = if to_stdout { None } else { Some(NewFile::begin(&args.output, args.force)?) };
    let reader = database::open(home, db.clone()).await?;
    let filter = filter::read(&reader, &args.filter).await?;
    let (decoders, version) = (database::decoders(home, &reader)?, env!("CARGO_PKG_VERSION"));
    let unsealer = args.unseal.then(|| unsealing::unsealer(home, &reader)).transpose()?;
    if unsealer.is_some() {
        let filter = Some(filter.to_string()).filter(|_| !filter.is_all());
        // Nobody knows yet how many there are.
        let what = Use { exchange: None, filter, purpose: "export", counts: None };
        unsealing::note(home, db, &what).await?;
    }
    let source = Source { reader, decoders, version, unsealer: unsealer.clone() };
    let mut export = Export::new(args.format, source, filter);
    if let Some(file) = file {
        write(export, file.file()?).await.with_context(|| args.output.display().to_string())?;
        file.finish()?;
    } else {
        while let Some(piece) = export.next().await? {
            // Pieces are whole characters.
            print_bytes(escaped_json(&String::from_utf8_lossy(&piece)))?;
        }
    }
    eprintln!("dashcam: {}", report(unsealer.as_ref()));
    Ok(())
}

/// A line on the secrets in the file.
fn report(unsealer: Option<&Unsealer>) -> String {
    let Some(Counts { put_back, missing }) = unsealer.map(Unsealer::counts) else {
        return "secrets are as the recording has them: placeholders where they were redacted".to_owned();
    };
    let left = match missing {
        0 => String::new(),
        _ => format!("; {missing} can't be put back any more, and are placeholders"),
    };
    format!("the file has secrets in it: {put_back} sealed ones were put back{left}")
}

async fn write(mut export: Export, to: impl Write) -> Result<()> {
    let mut to = BufWriter::new(to);
    while let Some(piece) = export.next().await? {
        to.write_all(&piece)?;
    }
    Ok(to.flush()?)
}
