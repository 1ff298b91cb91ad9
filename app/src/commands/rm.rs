//! `dashcam rm`: exchanges that are deleted by their ids, or by a filter.

use std::path::PathBuf;

use anyhow::{Result, bail};
use dashcam_views::selection::Change;

use crate::access::Access;
use crate::choice::Choice;
use crate::chosen::{Chosen, Counted, Done};
use crate::cli::RmArgs;
use crate::confirmation::confirm;
use crate::exit::INTERRUPTED;
use crate::home::Home;
use crate::row::size;
use crate::signals::Interrupt;
use crate::terminal::{escaped, print_line};

/// Deletes them, once that was confirmed; the exit code.
pub(crate) async fn rm(home: &Home, db: Option<PathBuf>, args: RmArgs) -> Result<u8> {
    if !args.all && args.choice.iter().all(|word| word.trim().is_empty()) {
        bail!("nothing says which exchanges to delete: give ids or a filter, or --all for every exchange");
    }
    let choice = if args.all { Choice::all() } else { Choice::of(&args.choice)? };
    let chosen = Chosen::of(Access::of(home, db).await?, home, &choice).await?;
    let code = delete(&chosen, &choice, &args).await;
    chosen.close().await;
    code
}

async fn delete(chosen: &Chosen, choice: &Choice, args: &RmArgs) -> Result<u8> {
    let counted = &chosen.counted;
    let doomed = if args.pinned { counted.exchanges } else { counted.exchanges - counted.pinned };
    let facts = facts(counted, args.pinned, matches!(choice, Choice::Filter(_)).then(|| chosen.understood()));
    if doomed == 0 {
        print_line(&format!("nothing to delete: {}", facts.trim_end().replace('\n', "; ")))?;
        return Ok(0);
    }
    if !args.yes && !confirm(&facts, &format!("Delete {}?", exchanges(doomed))).await? {
        print_line("nothing was deleted")?;
        return Ok(1);
    }
    let done = chosen.change(Change::Delete { pinned: args.pinned }, &mut Interrupt::new()?).await?;
    print_line(&report(&done, doomed, counted, args.pinned))?;
    Ok(if done.is_stopped { INTERRUPTED } else { 0 })
}

/// The exchanges that were chosen, a fact a line.
fn facts(counted: &Counted, pinned: bool, understood: Option<&str>) -> String {
    let mut facts = understood.map(|filter| format!("{} matches\n", escaped(filter))).unwrap_or_default();
    facts += &format!("{} with {} of bodies\n", exchanges(counted.exchanges), size(counted.bytes));
    if counted.pinned > 0 {
        let fate = if pinned { "go as well" } else { "stay (--pinned deletes them)" };
        facts += &format!("{} of them pinned, which {fate}\n", counted.pinned);
    }
    if counted.open > 0 {
        facts += &format!("{} more under way, which stay\n", counted.open);
    }
    facts
}

fn report(done: &Done, doomed: u64, counted: &Counted, pinned: bool) -> String {
    if done.is_stopped {
        return format!("stopped: {} of {} deleted", done.changed, exchanges(doomed));
    }
    let stay = match counted.pinned {
        0 => String::new(),
        _ if pinned => String::new(),
        number => format!("; {number} pinned stay (--pinned deletes them)"),
    };
    format!("{} deleted{stay}", exchanges(done.changed))
}

/// A number of exchanges, in words.
pub(crate) fn exchanges(number: u64) -> String {
    if number == 1 { "1 exchange".to_owned() } else { format!("{number} exchanges") }
}
