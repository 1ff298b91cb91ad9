//! `dashcam tail`: exchanges as they end.

use anyhow::Result;
use dashcam_views::dto::{Gap, Summary};

use crate::cli::TailArgs;
use crate::client::{Client, with_filter};
use crate::commands::events::{Event, Events};
use crate::row::{HEADING, row};
use crate::terminal::{Color, is_colored, paint, print_json, print_line};

/// Follows until interrupted, or the instance stops.
pub(crate) async fn tail(client: &Client, args: TailArgs) -> Result<()> {
    let is_colored = is_colored();
    let mut is_first = true;
    let mut is_cut_off = true;
    while std::mem::take(&mut is_cut_off) {
        let mut events = Events::default();
        client
            .stream(
                &with_filter("/live", &args.filter),
                || {},
                async |piece| {
                    for event in events.push(piece) {
                        if is_first && !args.json && event.name == "finished" {
                            print_line(&paint(HEADING, Color::Dim, is_colored))?;
                            is_first = false;
                        }
                        show(&event, args.json, is_colored)?;
                        is_cut_off |= event.is_cut_off();
                    }
                    Ok(false)
                },
            )
            .await?;
    }
    Ok(())
}

fn show(event: &Event, as_json: bool, is_colored: bool) -> Result<()> {
    match event.name.as_str() {
        "finished" if as_json => print_json(&event.data),
        "finished" => print_line(&row(&serde_json::from_str::<Summary>(&event.data)?, is_colored)),
        "gap" => {
            let gap: Gap = serde_json::from_str(&event.data)?;
            let reason = dashcam_exchange::GapReason::from(gap.reason);
            eprintln!("dashcam: {} exchanges were not stored ({reason})", gap.exchanges);
            Ok(())
        }
        "missed" => {
            eprintln!(
                "dashcam: this could not keep up: some exchanges are missing here (`dashcam ls` has them)"
            );
            Ok(())
        }
        _ => Ok(()),
    }
}
