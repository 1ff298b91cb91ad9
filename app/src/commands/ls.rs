//! `dashcam ls`: what is recorded, from the database itself.

use std::path::PathBuf;

use anyhow::Result;
use dashcam_exchange::ExchangeId;
use dashcam_views::dto::Summary;
use dashcam_views::search::Search;

use crate::cli::LsArgs;
use crate::home::Home;
use crate::rows::Rows;
use crate::terminal::{columns, escaped_json, is_colored, print};
use crate::{database, filter};

/// How many rows are read at once.
const PAGE: usize = 1000;

/// Lists the newest, the last one at the end where the eye is.
pub(crate) async fn ls(home: &Home, db: Option<PathBuf>, args: LsArgs) -> Result<()> {
    let reader = database::open(home, db).await?;
    let filter = filter::read(&reader, &args.filter).await?;
    let decoders = database::decoders(home, &reader)?;
    let newest = newest(&Search { reader, decoders, filter }, args.number).await?;
    let last = newest.first().map_or(0, |summary| summary.id);
    let rows = Rows::new(columns(), is_colored(), last);
    let mut text = String::new();
    if !args.json {
        text = rows.heading() + "\n";
    }
    for summary in newest.iter().rev() {
        let line = if args.json { escaped_json(&serde_json::to_string(summary)?) } else { rows.row(summary) };
        text.push_str(&line);
        text.push('\n');
    }
    print(text)
}

async fn newest(search: &Search, number: u32) -> Result<Vec<Summary>> {
    let mut rows: Vec<Summary> = Vec::new();
    let number = number as usize;
    while rows.len() < number {
        let before = rows.last().map(|row| ExchangeId(row.id));
        let page = search.newest(before, (number - rows.len()).min(PAGE)).await?;
        if page.is_empty() {
            break;
        }
        rows.extend(page.into_iter().map(Summary::from));
    }
    Ok(rows)
}
