//! `dashcam tail`: exchanges as they end, without a hole or a double where the stream breaks.

mod missed;
mod shown;

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
use shown::Shown;

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
    /// The last position, and how much of the next one is known.
    at: Option<Position>,
    next: Option<Position>,
    /// The stream has told no position yet.
    is_new: bool,
    /// Exchanges that were shown, of those that had not ended, or were not stored, at the last position.
    shown: Shown,
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
            at: None,
            next: None,
            is_new: true,
            shown: Shown::default(),
            is_cut_off: false,
            away: None,
        }
    }

    async fn follow(&mut self) -> Result<()> {
        let path = with_filter("/live?position=true", &self.args.filter);
        loop {
            (self.next, self.is_new) = (None, true);
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
            "position" => self.reach(serde_json::from_str(&event.data)?).await?,
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

    /// Takes in a position, or a part of it. What came before it is known then, and is forgotten.
    async fn reach(&mut self, part: Position) -> Result<()> {
        let position = match self.next.take() {
            Some(mut begun) => {
                begun.waiting.extend(part.waiting);
                Position { more: part.more, ..begun }
            }
            None => part,
        };
        if position.more {
            self.next = Some(position);
            return Ok(());
        }
        if std::mem::take(&mut self.is_new) {
            self.begin(&position).await?;
        }
        self.shown.keep(&position);
        self.at = Some(position);
        Ok(())
    }

    /// Shows what ended between the last stream and this one, which has begun at `position`.
    async fn begin(&mut self, position: &Position) -> Result<()> {
        if self.away.take().is_some() {
            eprintln!("dashcam: dashcam is here again");
        }
        let Some(at) = self.at.take() else {
            // Some may have ended since it began.
            return self.show_missed(position, position.last).await.map(drop);
        };
        let from = since(at, position);
        // The stream may break off before all are shown.
        self.at = Some(from.clone());
        let lost = self.show_missed(&from, position.last).await?;
        if lost > 0 {
            let lost = exchanges(lost);
            eprintln!(
                "dashcam: {lost} of the time in between can't be shown: deleted by the bounds of the recording or by somebody, \
                 not kept by the rules, or never stored (`dashcam gaps`)"
            );
        }
        Ok(())
    }

    /// Shows an exchange that has ended, once.
    fn show(&mut self, summary: &Summary) -> Result<()> {
        if !self.shown.insert(summary.id, summary.started_at) {
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

/// Where to look from for those that ended up to `position`, of all since `at`. Numbers that an earlier dashcam gave are given
/// again from the `first` of the next one on.
fn since(at: Position, position: &Position) -> Position {
    if at.started_at == position.started_at {
        return at;
    }
    let Position { started_at, first, .. } = *position;
    let mut waiting = at.waiting;
    waiting.retain(|id| *id < first);
    Position { started_at, first, last: at.last.min(first - 1), waiting, more: false }
}

#[cfg(test)]
mod tests {
    use dashcam_views::dto::Time;

    use super::*;

    /// A position of the run that gives numbers from `first` on.
    fn position(first: i64, last: i64, waiting: &[i64]) -> Position {
        let started_at = Time(jiff::Timestamp::from_second(first).unwrap());
        Position { started_at, first, last, waiting: waiting.to_vec(), more: false }
    }

    #[test]
    fn numbers_of_another_run_are_looked_at_from_its_first_on() {
        let at = position(2, 9, &[3, 8, 9]);
        for (next, expect) in [
            (position(2, 20, &[]), position(2, 9, &[3, 8, 9])),
            (position(15, 20, &[]), position(15, 9, &[3, 8, 9])),
            (position(9, 20, &[]), position(9, 8, &[3, 8])),
            (position(8, 7, &[]), position(8, 7, &[3])),
            (position(1, 50, &[]), position(1, 0, &[])),
        ] {
            assert_eq!(since(at.clone(), &next), expect, "{next:?}");
        }
    }
}
