//! `dashcam tail`: exchanges as they end, without a hole or a double where the stream breaks.

mod ids;
mod missed;

use std::time::Duration;

use anyhow::Result;
use dashcam_views::dto::{Gap, Summary};
use dashcam_web_ui::dto::Position;
use tokio::time::sleep;

use crate::cli::TailArgs;
use crate::client::{Away, Client, with_filter};
use crate::commands::events::{Event, Events};
use crate::commands::rm::exchanges;
use crate::rows::Rows;
use crate::signals::Interrupt;
use crate::terminal::{columns, is_colored, print_json, print_line};
use ids::Ids;

/// The first wait for a dashcam that is away, and the longest: each is twice as long as the one before.
const WAIT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// Follows until interrupted, or the instance stops and nobody wants to wait for the next one.
pub(crate) async fn tail(client: &Client, args: TailArgs) -> Result<()> {
    let mut interrupt = Interrupt::new()?;
    let mut tail = Tail::new(client, args);
    tokio::select! {
        () = interrupt.came() => Ok(()),
        ended = tail.follow() => ended,
    }
}

struct Tail<'c> {
    client: &'c Client,
    args: TailArgs,
    has_heading: bool,
    /// Where the last stream began, and how much of the next one's beginning is known.
    began: Option<Position>,
    begins: Position,
    /// Exchanges that were shown, of those that had not ended where the last stream began.
    shown: Ids,
    is_cut_off: bool,
    /// The next wait, once dashcam is away.
    away: Option<Duration>,
}

impl<'c> Tail<'c> {
    fn new(client: &'c Client, args: TailArgs) -> Self {
        Self {
            client,
            has_heading: args.json,
            args,
            began: None,
            begins: Position::default(),
            shown: Ids::default(),
            is_cut_off: false,
            away: None,
        }
    }

    async fn follow(&mut self) -> Result<()> {
        let path = with_filter("/live?position=true", &self.args.filter);
        loop {
            self.begins = Position::default();
            let mut events = Events::default();
            let client = self.client;
            let streamed = client.stream(
                &path,
                || {},
                async |piece| {
                    for event in events.push(piece) {
                        self.hear(&event).await?;
                    }
                    Ok(false)
                },
            );
            match streamed.await {
                Ok(()) if std::mem::take(&mut self.is_cut_off) => continue,
                Ok(()) if !self.args.follow => return Ok(()),
                Err(error) if !self.args.follow || error.downcast_ref::<Away>().is_none() => {
                    return Err(error);
                }
                Ok(()) | Err(_) => self.wait().await,
            }
        }
    }

    async fn wait(&mut self) {
        if self.away.is_none() {
            eprintln!("dashcam: dashcam is away, waiting");
        }
        let wait = self.away.unwrap_or(WAIT.0);
        self.away = Some((wait * 2).min(WAIT.1));
        sleep(wait).await;
    }

    async fn hear(&mut self, event: &Event) -> Result<()> {
        match event.name.as_str() {
            "position" => {
                let position: Position = serde_json::from_str(&event.data)?;
                self.begins.last = position.last;
                self.begins.waiting.extend(position.waiting);
                if !position.more {
                    self.begin().await?;
                }
            }
            "finished" => self.show(&serde_json::from_str(&event.data)?)?,
            "gap" => {
                let gap: Gap = serde_json::from_str(&event.data)?;
                let reason = dashcam_exchange::GapReason::from(gap.reason);
                eprintln!("dashcam: {} exchanges were not stored ({reason})", gap.exchanges);
            }
            "missed" => self.is_cut_off |= event.is_cut_off(),
            _ => {}
        }
        Ok(())
    }

    /// Shows what ended between the last stream and this one, which has begun.
    async fn begin(&mut self) -> Result<()> {
        if self.away.take().is_some() {
            eprintln!("dashcam: dashcam is here again");
        }
        let begins = std::mem::take(&mut self.begins);
        let lost = match self.began.clone() {
            // In another recording numbers begin again.
            Some(began) if is_another(&began, begins.last) => {
                self.shown = Ids::default();
                self.show_missed(&Position::default(), begins.last).await?
            }
            Some(began) => self.show_missed(&began, begins.last).await?,
            // Some may have ended since it began.
            None => {
                self.show_missed(&begins, begins.last).await?;
                0
            }
        };
        if lost > 0 {
            let lost = exchanges(lost);
            eprintln!(
                "dashcam: {lost} of the time in between can't be shown: deleted by the bounds of the recording or by somebody, \
                 or never stored (`dashcam gaps`)"
            );
        }
        self.shown.keep(begins.last, &begins.waiting);
        self.began = Some(begins);
        Ok(())
    }

    /// Shows an exchange that has ended, once.
    fn show(&mut self, summary: &Summary) -> Result<()> {
        if !self.shown.insert(summary.id) {
            return Ok(());
        }
        if self.args.json {
            return print_json(&serde_json::to_string(summary)?);
        }
        let rows = Rows::new(columns(), is_colored(), summary.id);
        if !std::mem::replace(&mut self.has_heading, true) {
            print_line(&rows.heading())?;
        }
        print_line(&rows.row(summary))
    }
}

/// Returns whether `last` is the highest number of another recording than the one that `began` is of. Only numbers that
/// were not stored when dashcam was killed are given again.
fn is_another(began: &Position, last: i64) -> bool {
    (last + 1..=began.last).any(|id| !began.waiting.contains(&id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_begin_again_are_another_recording() {
        let began = Position { last: 9, waiting: vec![3, 8, 9], more: false };
        for (last, expect) in [(12, false), (9, false), (8, false), (7, false), (6, true), (0, true)] {
            assert_eq!(is_another(&began, last), expect, "{last}");
        }
    }
}
