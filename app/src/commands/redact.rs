//! `dashcam redact`: stored exchanges, redacted by a set: shown first, then rewritten, then nothing of the values is left in
//! the files.

mod own;
mod text;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use dashcam_exchange::ExchangeId;
use dashcam_views::dto::RedactionPart;
use dashcam_views::selection::Horizon;
use hyper::Method;
use serde_json::{Value, json};

use crate::access::Access;
use crate::choice::Choice;
use crate::chosen::Chosen;
use crate::cli::RedactArgs;
use crate::client::Client;
use crate::commands::rm::exchanges;
use crate::confirmation::confirm;
use crate::exit::INTERRUPTED;
use crate::home::Home;
use crate::signals::Interrupt;
use crate::terminal::{print, print_json, print_line};
use own::Own;

/// The sum of what was done, or would be.
#[derive(Debug, Default)]
struct Done {
    sum: RedactionPart,
    is_stopped: bool,
}

/// Redacts them, once that was confirmed; the exit code.
pub(crate) async fn redact(home: &Home, db: Option<PathBuf>, args: RedactArgs) -> Result<u8> {
    let is_all = args.choice.iter().all(|word| word.trim().is_empty());
    let choice = if is_all { Choice::all() } else { Choice::of(&args.choice)? };
    let chosen = Chosen::of(Access::of(home, db).await?, home, &choice).await?;
    let code = async {
        let own = match chosen.store() {
            Some(store) => Some(Own::of(home, store, args.set.as_deref()).await?),
            None => None,
        };
        run(&chosen, own.as_ref(), &args).await
    };
    let code = code.await;
    chosen.close().await;
    code
}

async fn run(chosen: &Chosen, own: Option<&Own>, args: &RedactArgs) -> Result<u8> {
    let mut interrupt = Interrupt::new()?;
    if !args.dry_run {
        let counted = &chosen.counted;
        if counted.exchanges == 0 {
            print_line("nothing to redact: no exchange that has ended is chosen")?;
            return Ok(0);
        }
        let facts = text::facts(counted, args.set.as_deref());
        let question = format!("Redact {}?", exchanges(counted.exchanges));
        if !args.yes && !confirm(&facts, &question).await? {
            print_line("nothing was redacted")?;
            return Ok(1);
        }
    }
    let mut done = all(chosen, own, args, &mut interrupt).await?;
    done.sum.open = done.sum.open.max(chosen.counted.open);
    // Values that an earlier pass rewrote may still be in the files as well.
    let is_clean = match args.dry_run || done.is_stopped {
        true => None,
        false => Some(scrub(chosen, own).await?),
    };
    if args.json {
        let mut sum = json!(done.sum);
        (sum["stopped"], sum["clean"]) = (json!(done.is_stopped), json!(is_clean));
        print_json(&sum.to_string())?;
    } else {
        print(text::report(&done.sum, args.dry_run, done.is_stopped, is_clean))?;
    }
    Ok(if done.is_stopped { INTERRUPTED } else { 0 })
}

/// Goes through all parts.
async fn all(
    chosen: &Chosen,
    own: Option<&Own>,
    args: &RedactArgs,
    interrupt: &mut Interrupt,
) -> Result<Done> {
    let mut done = Done::default();
    for piece in chosen.pieces() {
        let mut next = Some(None);
        while let Some(after) = next {
            if interrupt.has_come().await {
                done.is_stopped = true;
                return Ok(done);
            }
            let part = match (own, chosen.client(), &piece.own) {
                (Some(own), _, Some(selection)) => {
                    own.part((&piece.filter, selection), after, args.dry_run).await
                }
                (_, Some(client), _) => asked(client, args, (&piece.filter, piece.horizon, after)).await,
                _ => bail!("there is no recording to redact"),
            };
            let part = part.with_context(|| format!("stopped after {}", exchanges(done.sum.exchanges)))?;
            next = part.next_after.map(|id| Some(ExchangeId(id)));
            done.sum.add(part);
            if !args.json && !args.dry_run && next.is_some() {
                eprintln!(
                    "dashcam: {} so far, {} of them changed",
                    exchanges(done.sum.exchanges),
                    done.sum.changed
                );
            }
        }
    }
    Ok(done)
}

async fn asked(
    client: &Client,
    args: &RedactArgs,
    (filter, horizon, after): (&str, Horizon, Option<ExchangeId>),
) -> Result<RedactionPart> {
    let call = json!({
        "filter": filter,
        "up_to": horizon.up_to.0,
        "ended_by": horizon.ended_by.0,
        "after": after.map(|id| id.0),
        "set": args.set,
        "dry_run": args.dry_run,
    });
    Ok(serde_json::from_value(client.call(Method::POST, "/redactions", Some(call)).await?)?)
}

/// Leaves nothing of the values in the files. Says whether that is so now.
async fn scrub(chosen: &Chosen, own: Option<&Own>) -> Result<bool> {
    eprintln!("dashcam: writing the database once more, so that nothing of the values is left in its files");
    let failed = "the exchanges are redacted, but the old values may still lie in unused parts of the database's files: \
                  `dashcam redact` again goes on";
    match (own, chosen.client()) {
        (Some(own), _) => own.scrub().await.context(failed),
        (None, Some(client)) => {
            let answer = client.call(Method::POST, "/redactions/scrub", None).await.context(failed)?;
            Ok(answer["done"] == Value::Bool(true))
        }
        (None, None) => Ok(false),
    }
}
