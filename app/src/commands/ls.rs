//! `dashcam ls`: what is recorded, from the database itself.

use std::path::PathBuf;

use anyhow::Result;
use dashcam_exchange::{ExchangeId, TextFilter};
use dashcam_store::Reader;
use dashcam_views::dto::Summary;

use crate::cli::LsArgs;
use crate::database;
use crate::home::Home;
use crate::row::{HEADING, row};
use crate::terminal::{Color, escaped_json, is_colored, paint, print};

/// How many rows are read at once.
const PAGE: u32 = 1000;

/// Lists the newest, the last one at the end where the eye is.
pub(crate) async fn ls(home: &Home, db: Option<PathBuf>, args: LsArgs) -> Result<()> {
    let reader = database::open(home, db).await?;
    let newest = newest(&reader, &TextFilter::new(&args.filter.join(" ")), args.number).await?;
    let rows = newest.into_iter().rev();
    let is_colored = is_colored();
    let mut text = String::new();
    if !args.json {
        text = paint(HEADING, Color::Dim, is_colored) + "\n";
    }
    for summary in rows {
        let line = if args.json {
            escaped_json(&serde_json::to_string(&summary)?)
        } else {
            row(&summary, is_colored)
        };
        text.push_str(&line);
        text.push('\n');
    }
    print(text)
}

async fn newest(reader: &Reader, filter: &TextFilter, number: u32) -> Result<Vec<Summary>> {
    let mut rows: Vec<Summary> = Vec::new();
    let mut missing = number;
    while missing > 0 {
        let before = rows.last().map(|row| ExchangeId(row.id));
        let page = reader.list(filter, before, missing.min(PAGE)).await?;
        if page.is_empty() {
            break;
        }
        missing = missing.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
        rows.extend(page.into_iter().map(Summary::from));
    }
    Ok(rows)
}
