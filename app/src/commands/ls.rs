//! `dashcam ls`: what is recorded, from the database itself.

mod told;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use dashcam_filter::Parts;
use dashcam_store::Start;
use dashcam_views::dto::Summary;
use dashcam_views::search::Search;

use crate::cli::LsArgs;
use crate::exit::INTERRUPTED;
use crate::home::Home;
use crate::rows::Rows;
use crate::signals::Interrupt;
use crate::terminal::{columns, escaped, escaped_json, is_colored, print, print_line};
use crate::{database, filter};
use told::Told;

/// How many rows are read at once.
const PAGE: usize = 1000;
/// How long a step of a search takes, behind which it is told how far it came.
const STEP: Duration = Duration::from_millis(500);

/// Lists the newest, the last one at the end where the eye is; the exit code.
pub(crate) async fn ls(home: &Home, db: Option<PathBuf>, args: LsArgs) -> Result<u8> {
    let reader = database::open(home, db).await?;
    if args.explain {
        let sentence = filter::explained(&reader, &args.filter).await?.sentence;
        print_line(&escaped(&sentence))?;
        return Ok(0);
    }
    let filter = filter::read(&reader, &args.filter).await?;
    let decoders = database::decoders(home, &reader)?;
    let (newest, is_whole) = newest(&Search { reader, decoders, filter }, args.number).await?;
    let last = newest.first().map_or(0, |summary| summary.id);
    let rows = Rows::new(columns(), is_colored(), last).with_rules_of(&newest);
    let mut text = String::new();
    if !args.json {
        text = rows.heading() + "\n";
    }
    for summary in newest.iter().rev() {
        let line = if args.json { escaped_json(&serde_json::to_string(summary)?) } else { rows.row(summary) };
        text.push_str(&line);
        text.push('\n');
    }
    print(text)?;
    Ok(if is_whole { 0 } else { INTERRUPTED })
}

/// The newest `number` that match, or those that were found before the user interrupted the search, and whether it came to
/// its end. Its course is told on the terminal while it takes long.
async fn newest(search: &Search, number: u32) -> Result<(Vec<Summary>, bool)> {
    let mut rows: Vec<Summary> = Vec::new();
    let (number, mut next) = (number as usize, Some(Start::NEWEST));
    let mut told = Told::begin(search.filter.needs().intersects(Parts::CONTENTS));
    let mut interrupt = Interrupt::new()?;
    while let Some(start) = next.filter(|_| rows.len() < number) {
        let wanted = (number - rows.len()).min(PAGE);
        let page = search.page(start, wanted, Some(Instant::now() + STEP));
        let page = tokio::select! {
            page = page => page?,
            () = interrupt.came() => {
                told.interrupted();
                return Ok((rows, false));
            }
        };
        rows.extend(page.rows.into_iter().map(Summary::from));
        next = page.next;
        told.add(page.progress, rows.len());
    }
    told.end();
    Ok((rows, true))
}
