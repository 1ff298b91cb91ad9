//! `dashcam pin` and `dashcam unpin`: what the bounds of the recording leave alone.

use std::path::PathBuf;

use anyhow::Result;
use dashcam_views::selection::Change;
use hyper::Method;

use crate::access::Access;
use crate::choice::Choice;
use crate::chosen::Chosen;
use crate::cli::PinArgs;
use crate::commands::rm::exchanges;
use crate::exit::INTERRUPTED;
use crate::home::Home;
use crate::signals::Interrupt;
use crate::terminal::print_line;

/// Pins the exchanges, or unpins them; the exit code.
pub(crate) async fn pin(home: &Home, db: Option<PathBuf>, args: PinArgs, pinned: bool) -> Result<u8> {
    let choice = Choice::of(&args.choice)?;
    let access = Access::of(home, db).await?;
    if let (Access::Instance(client), Choice::Ids(ids)) = (&access, &choice)
        && let (1, Some(id)) = (ids.len(), ids.first())
    {
        // One that has only begun is waited for.
        let method = if pinned { Method::PUT } else { Method::DELETE };
        client.order(method, &format!("/exchanges/{id}/pin")).await?;
        print_line(&format!("exchange {id} is {}", if pinned { "pinned" } else { "not pinned" }))?;
        return Ok(0);
    }
    let chosen = Chosen::of(access, home, &choice).await?;
    let change = if pinned { Change::Pin { at: dashcam_recorder::now() } } else { Change::Unpin };
    let done = chosen.change(change, &mut Interrupt::new()?).await;
    let (all, open) = (chosen.counted.exchanges, chosen.counted.open);
    chosen.close().await;
    let done = done?;
    let verb = if pinned { "pinned" } else { "unpinned" };
    if done.is_stopped {
        print_line(&format!("stopped: {} {verb}, of {all} that match", exchanges(done.changed)))?;
        return Ok(INTERRUPTED);
    }
    let before = all.saturating_sub(done.changed);
    let mut others = match before {
        0 => String::new(),
        _ if pinned => format!("; {before} were pinned before"),
        _ => format!("; {before} were not pinned"),
    };
    if open > 0 {
        let command = if pinned { "pin" } else { "unpin" };
        others += &format!("; {open} under way stay as they are (`dashcam {command} ID` takes one of them)");
    }
    print_line(&format!("{} {verb}{others}", exchanges(done.changed)))?;
    Ok(0)
}
