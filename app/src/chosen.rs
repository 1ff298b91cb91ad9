//! Exchanges that were chosen, counted at one moment, and changed after that: nothing that comes or ends later is among
//! them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use dashcam_exchange::{ExchangeId, Timestamp};
use dashcam_store::Store;
use dashcam_views::dto::Selected;
use dashcam_views::search::Search;
use dashcam_views::selection::{Change, Changed, Horizon, Selection};
use hyper::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::access::Access;
use crate::choice::Choice;
use crate::client::Client;
use crate::home::Home;
use crate::signals::Interrupt;
use crate::{database, filter};

/// How long a part of the work takes on a database of our own; behind it the work can be stopped.
const PART: Duration = Duration::from_millis(500);

/// The exchanges that were chosen.
pub(crate) struct Chosen {
    access: Access,
    pieces: Vec<Piece>,
    /// How many, and how the filter was understood.
    pub(crate) counted: Counted,
}

/// How many exchanges were chosen.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Those that had ended.
    pub(crate) exchanges: u64,
    /// Bytes of their bodies, as they passed.
    pub(crate) bytes: u64,
    /// Those of them that are pinned.
    pub(crate) pinned: u64,
    /// Those that were under way, which are not among the others.
    pub(crate) open: u64,
}

/// A filter of a choice, as it was understood, and how far it chooses.
pub(crate) struct Piece {
    pub(crate) filter: String,
    pub(crate) horizon: Horizon,
    /// The same, where no instance runs that could be asked.
    pub(crate) own: Option<Selection>,
}

/// How a change ended.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// How many exchanges were changed.
    pub(crate) changed: u64,
    /// True if it was interrupted before all were.
    pub(crate) is_stopped: bool,
}

impl Chosen {
    /// Counts the exchanges that are chosen now.
    ///
    /// # Errors
    /// When a filter can't be read, or an exchange that was named is not there.
    pub(crate) async fn of(access: Access, home: &Home, choice: &Choice) -> Result<Self> {
        let mut chosen = Self { access, pieces: Vec::new(), counted: Counted::default() };
        for filter in choice.filters() {
            let piece = match &chosen.access {
                Access::Instance(client) => {
                    let first = selected(client, &filter, None).await?;
                    let horizon =
                        Horizon { up_to: ExchangeId(first.up_to), ended_by: Timestamp(first.ended_by) };
                    Piece { filter: first.filter, horizon, own: None }
                }
                Access::Own(store) => own(store, home, filter).await?,
            };
            chosen.count(&piece).await?;
            chosen.pieces.push(piece);
        }
        if let Choice::Ids(ids) = choice {
            let found = chosen.counted.exchanges + chosen.counted.open;
            if found < ids.len() as u64 {
                chosen.counted.open += chosen.look_for(ids.iter().copied()).await? - found;
            }
        }
        Ok(chosen)
    }

    /// The filter as it was understood.
    pub(crate) fn understood(&self) -> &str {
        self.pieces.first().map_or("", |piece| &piece.filter)
    }

    /// The filters, each with how far it chooses.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The instance that records to the recording, if one runs.
    pub(crate) fn client(&self) -> Option<&Client> {
        match &self.access {
            Access::Instance(client) => Some(client),
            Access::Own(_) => None,
        }
    }

    /// The store, if none runs.
    pub(crate) fn store(&self) -> Option<&Store> {
        match &self.access {
            Access::Instance(_) => None,
            Access::Own(store) => Some(store),
        }
    }

    /// Changes them in parts, until all are done or it is interrupted.
    ///
    /// # Errors
    /// When they can't be changed; earlier parts are then.
    pub(crate) async fn change(&self, change: Change, interrupt: &mut Interrupt) -> Result<Done> {
        let mut done = Done::default();
        for piece in &self.pieces {
            let mut next = Some(None);
            while let Some(after) = next {
                if interrupt.has_come().await {
                    done.is_stopped = true;
                    return Ok(done);
                }
                let stopped = || format!("stopped after {} exchanges", done.changed);
                let part = self.part(change, piece, after).await.with_context(stopped)?;
                done.changed += part.exchanges;
                next = part.next.map(Some);
            }
        }
        Ok(done)
    }

    /// Closes the database, if it was ours.
    pub(crate) async fn close(self) {
        if let Access::Own(store) = self.access {
            store.close().await;
        }
    }

    async fn count(&mut self, piece: &Piece) -> Result<()> {
        let mut next = Some(None);
        while let Some(after) = next {
            let counted = &mut self.counted;
            let part = match (&self.access, &piece.own) {
                (_, Some(selection)) => {
                    let tally = selection.count(after, Instant::now() + PART).await?;
                    counted.add([tally.exchanges, tally.bytes, tally.pinned, tally.open]);
                    tally.next
                }
                (Access::Instance(client), None) => {
                    let part = selected(client, &piece.filter, Some((piece.horizon, after))).await?;
                    counted.add([part.exchanges, part.bytes, part.pinned, part.open]);
                    part.next_after.map(ExchangeId)
                }
                (Access::Own(_), None) => None,
            };
            next = part.map(Some);
        }
        Ok(())
    }

    async fn part(&self, change: Change, piece: &Piece, after: Option<ExchangeId>) -> Result<Changed> {
        match (&self.access, &piece.own) {
            (Access::Own(store), Some(selection)) => {
                Ok(selection.change(store.admin(), change, (after, Instant::now() + PART)).await?)
            }
            (Access::Instance(client), _) => {
                asked(client, change, &query(&piece.filter, piece.horizon, after)).await
            }
            (Access::Own(_), None) => Ok(Changed::default()),
        }
    }

    /// How many of `ids` there are; fails with the first that is not.
    async fn look_for(&self, ids: impl Iterator<Item = i64>) -> Result<u64> {
        let mut found = 0;
        for id in ids {
            match &self.access {
                Access::Instance(client) => drop(client.get(&format!("/exchanges/{id}")).await?),
                Access::Own(store) => drop(database::exchange(store.reader(), id).await?),
            }
            found += 1;
        }
        Ok(found)
    }
}

impl Counted {
    fn add(&mut self, [exchanges, bytes, pinned, open]: [u64; 4]) {
        self.exchanges += exchanges;
        self.bytes += bytes;
        self.pinned += pinned;
        self.open += open;
    }
}

async fn own(store: &Store, home: &Home, text: String) -> Result<Piece> {
    let reader = store.reader().clone();
    let horizon = Horizon { up_to: reader.last_ids().await?.exchange, ended_by: dashcam_recorder::now() };
    let (filter, decoders) = (filter::read(&reader, &[text]).await?, database::decoders(home, &reader)?);
    let understood = filter.to_string();
    let selection =
        Selection::new(Search { reader, decoders, filter }, horizon).map_err(|why| anyhow!(why))?;
    Ok(Piece { filter: understood, horizon, own: Some(selection) })
}

async fn selected(
    client: &Client,
    filter: &str,
    part: Option<(Horizon, Option<ExchangeId>)>,
) -> Result<Selected> {
    let query = match part {
        Some((horizon, after)) => query(filter, horizon, after),
        None => format!("filter={}", utf8_percent_encode(filter, NON_ALPHANUMERIC)),
    };
    let answer = client.get(&format!("/exchanges/selection?{query}")).await?;
    Ok(serde_json::from_value(answer)?)
}

async fn asked(client: &Client, change: Change, query: &str) -> Result<Changed> {
    let (method, path, name) = match change {
        Change::Delete { pinned } => {
            (Method::DELETE, format!("/exchanges?{query}&pinned={pinned}"), "deleted")
        }
        Change::Pin { .. } => (Method::PUT, format!("/exchanges/selection/pin?{query}"), "changed"),
        Change::Unpin => (Method::DELETE, format!("/exchanges/selection/pin?{query}"), "changed"),
    };
    let answer = client.call(method, &path, None).await?;
    let Some(exchanges) = answer[name].as_u64() else {
        bail!("the running dashcam does not report how many exchanges it changed");
    };
    Ok(Changed { exchanges, next: answer["next_after"].as_i64().map(ExchangeId) })
}

fn query(filter: &str, Horizon { up_to, ended_by }: Horizon, after: Option<ExchangeId>) -> String {
    let after = after.map(|id| format!("&after={id}")).unwrap_or_default();
    let filter = utf8_percent_encode(filter, NON_ALPHANUMERIC);
    format!("filter={filter}&up_to={up_to}&ended_by={}{after}", ended_by.0)
}
