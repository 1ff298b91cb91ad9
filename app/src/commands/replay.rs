//! `dashcam replay`: recorded requests, sent again by the running instance, one after the other.

mod edits;
mod outcome;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};
use dashcam_views::dto::{State, Summaries, Summary};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::choice::Choice;
use crate::cli::ReplayArgs;
use crate::client::Client;
use crate::commands::rm::exchanges;
use crate::confirmation::confirm;
use crate::exit::INTERRUPTED;
use crate::rows::Rows;
use crate::signals::Interrupt;
use crate::terminal::{columns, escaped, is_colored, print_json, print_line};
use outcome::{News, follow, send};

/// Exchanges of one page of the API.
const PAGE: usize = 1000;

/// A request that is to be sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Request {
    id: i64,
    method: String,
}

/// The requests that were chosen, the oldest first.
#[derive(Debug, Default)]
struct Requests {
    requests: Vec<Request>,
    /// Chosen exchanges that have none that can be sent.
    left_out: u64,
}

impl Requests {
    /// Has each request so many times: all of them, then all of them again.
    fn repeat(&mut self, times: u16) {
        let once = self.requests.len();
        self.requests = self.requests.iter().cycle().take(once * usize::from(times)).cloned().collect();
    }
}

/// How many requests were sent again, and how many of them came to a whole response.
#[derive(Debug, Default)]
struct Sent {
    sent: usize,
    complete: usize,
}

/// Sends the requests and waits for their outcomes; the exit code is 1 when one failed.
pub(crate) async fn replay(client: &Client, args: ReplayArgs) -> Result<u8> {
    let choice = Choice::of(&args.choice)?;
    let edits = edits::edits(&args)?;
    let limit = args.limit.unwrap_or(usize::MAX);
    let mut chosen = match &choice {
        Choice::Ids(ids) => named(client, ids.iter().rev().take(limit).rev().copied()).await?,
        Choice::Filter(filter) => found(client, filter, limit).await?,
    };
    chosen.repeat(args.times);
    let requests = &chosen.requests;
    if requests.is_empty() {
        print_line(&format!("nothing to send: {}", facts(&chosen).trim_end().replace('\n', "; ")))?;
        return Ok(0);
    }
    let is_risky = requests.len() > 1
        || matches!(choice, Choice::Filter(_)) && requests.iter().any(|request| !is_safe(&request.method));
    let question = || format!("Send {} again?", number(requests.len()));
    if is_risky && !args.yes && !confirm(&facts(&chosen), &question()).await? {
        print_line("nothing was sent")?;
        return Ok(1);
    }
    let (news, mut sent, mut interrupt) = (News::default(), Sent::default(), Interrupt::new()?);
    let is_stopped = tokio::select! {
        ended = follow(client, &news) => {
            ended?;
            bail!("dashcam stopped after {} of {} were sent: `dashcam ls is:replay` shows them", sent.sent, number(requests.len()))
        }
        () = interrupt.came() => true,
        ended = send_all((client, &news), requests, &args, edits.as_ref(), &mut sent) => { ended?; false }
    };
    if requests.len() > 1 {
        eprintln!("dashcam: {}", report(&sent, requests.len(), is_stopped));
    }
    Ok(match is_stopped {
        true => INTERRUPTED,
        false => u8::from(sent.complete < requests.len()),
    })
}

/// Sends one after the other; a failure of one does not keep the next from being sent.
async fn send_all(
    (client, news): (&Client, &News),
    requests: &[Request],
    args: &ReplayArgs,
    edits: Option<&Value>,
    sent: &mut Sent,
) -> Result<()> {
    let mut has_heading = args.json;
    for Request { id, .. } in requests {
        let outcome = send(client, news, (*id, edits), Duration::from_secs(args.timeout)).await;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) if requests.len() == 1 => return Err(error),
            Err(error) => {
                eprintln!(
                    "dashcam: exchange {id} was not sent, or its outcome is not known: {}",
                    escaped(&error.to_string())
                );
                continue;
            }
        };
        sent.sent += 1;
        let summary: Summary = serde_json::from_value(outcome.clone())?;
        sent.complete += usize::from(summary.state == State::Complete);
        let rows = Rows::new(columns(), is_colored(), summary.id);
        if !std::mem::replace(&mut has_heading, true) {
            print_line(&rows.heading())?;
        }
        if args.json { print_json(&outcome.to_string())? } else { print_line(&rows.row(&summary))? }
    }
    Ok(())
}

/// The requests of exchanges that were named. A single one is not looked at before.
async fn named(client: &Client, ids: impl ExactSizeIterator<Item = i64>) -> Result<Requests> {
    let mut chosen = Requests::default();
    let looks = ids.len() > 1;
    for id in ids {
        let exchange = if looks { client.get(&format!("/exchanges/{id}")).await? } else { Value::Null };
        let method = exchange["method"].as_str().unwrap_or_default().to_owned();
        chosen.requests.push(Request { id, method });
    }
    Ok(chosen)
}

/// The requests of the newest exchanges that match a filter, at most `limit`.
async fn found(client: &Client, filter: &str, limit: usize) -> Result<Requests> {
    let filter = utf8_percent_encode(filter, NON_ALPHANUMERIC);
    let (mut chosen, mut before) = (Requests::default(), String::new());
    while chosen.requests.len() < limit {
        let page = client.get(&format!("/exchanges?filter={filter}&limit={PAGE}{before}")).await?;
        let page: Summaries = serde_json::from_value(page)?;
        for row in page.exchanges {
            if matches!(row.state, State::Open | State::Refused) {
                chosen.left_out += 1;
            } else if chosen.requests.len() < limit {
                chosen.requests.push(Request { id: row.id, method: row.method });
            }
        }
        let Some(next) = page.next_before else { break };
        before = format!("&before={next}");
    }
    chosen.requests.reverse();
    Ok(chosen)
}

/// The requests that are to be sent, a fact a line.
fn facts(chosen: &Requests) -> String {
    let mut methods: BTreeMap<&str, usize> = BTreeMap::new();
    for request in &chosen.requests {
        *methods.entry(&request.method).or_default() += 1;
    }
    let list: Vec<String> =
        methods.iter().map(|(method, count)| format!("{count} {}", escaped(method))).collect();
    let list = if list.is_empty() { String::new() } else { format!(" ({})", list.join(", ")) };
    let mut facts = format!("{} would be sent again{list}\n", number(chosen.requests.len()));
    if methods.keys().any(|method| !is_safe(method)) {
        facts += "those that are not GET, HEAD, OPTIONS or TRACE may change something once more\n";
    }
    if chosen.left_out > 0 {
        facts += &format!("{} under way, or refused by dashcam, are left out\n", exchanges(chosen.left_out));
    }
    facts
}

/// Returns whether a request with this method changes nothing (RFC 9110, 9.2.1).
fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

fn report(sent: &Sent, all: usize, is_stopped: bool) -> String {
    let Sent { sent, complete } = sent;
    let stopped = if is_stopped { "stopped: " } else { "" };
    format!("{stopped}{sent} of {} sent again, {complete} complete", number(all))
}

fn number(requests: usize) -> String {
    if requests == 1 { "1 request".to_owned() } else { format!("{requests} requests") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_tells_what_may_be_changed() {
        let requests = |methods: &[&str], left_out| Requests {
            requests: methods.iter().map(|method| Request { id: 1, method: (*method).to_owned() }).collect(),
            left_out,
        };
        assert_eq!(
            facts(&requests(&["GET", "HEAD", "GET"], 0)),
            "3 requests would be sent again (2 GET, 1 HEAD)\n"
        );
        assert_eq!(
            facts(&requests(&["POST"], 1)),
            "1 request would be sent again (1 POST)\nthose that are not GET, HEAD, OPTIONS or TRACE may change \
             something once more\n1 exchange under way, or refused by dashcam, are left out\n"
        );
    }

    #[test]
    fn requests_repeat_in_turn() {
        let request = |id| Request { id, method: "GET".to_owned() };
        let mut chosen = Requests { requests: vec![request(1), request(2)], left_out: 0 };
        chosen.repeat(2);
        let ids: Vec<i64> = chosen.requests.iter().map(|request| request.id).collect();
        assert_eq!(ids, [1, 2, 1, 2]);
        chosen.repeat(1);
        assert_eq!(chosen.requests.len(), 4);
    }

    #[test]
    fn the_report_counts() {
        let sent = Sent { sent: 3, complete: 2 };
        assert_eq!(report(&sent, 4, false), "3 of 4 requests sent again, 2 complete");
        assert!(report(&sent, 4, true).starts_with("stopped: "));
    }
}
