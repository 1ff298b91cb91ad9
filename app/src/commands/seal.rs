//! `dashcam seal`: sealed secrets, counted and deleted. Their values are never shown.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use dashcam_exchange::{SealId, Timestamp};
use dashcam_store::{ChosenSeals, Store};
use dashcam_views::dto::Time;
use dashcam_web_ui::Action;
use dashcam_web_ui::dto::{Seals, SealsRemoval};
use hyper::Method;
use serde_json::json;

use crate::access::Access;
use crate::cli::{SealCommand, SealRmArgs};
use crate::confirmation::confirm;
use crate::home::Home;
use crate::row::size;
use crate::terminal::{print_json, print_line};
use crate::{database, own_audit};

/// Does what the command says.
pub(crate) async fn seal(home: &Home, db: Option<PathBuf>, command: SealCommand) -> Result<()> {
    match command {
        SealCommand::Ls { json } => ls(home, db, json).await,
        SealCommand::Rm(args) => rm(home, db, args).await,
    }
}

async fn ls(home: &Home, db: Option<PathBuf>, json: bool) -> Result<()> {
    let reader = database::open(home, db).await?;
    let seals = Seals::from(reader.seals_info().await?);
    if json {
        return print_json(&serde_json::to_string(&seals)?);
    }
    let Seals { count, bytes, next_expiry, last_expiry } = seals;
    let (Some(next), Some(last)) = (next_expiry, last_expiry) else {
        return print_line("there are no sealed secrets");
    };
    print_line(&format!("{} in {}", secrets(count), size(bytes)))?;
    print_line(&format!("the next is forgotten at {}, the last at {}", text(next), text(last)))
}

async fn rm(home: &Home, db: Option<PathBuf>, args: SealRmArgs) -> Result<()> {
    let facts = "Nobody can open a deleted seal until the same secret passes again: exchanges with it can't be replayed as \
                 they were.";
    if !args.yes && !confirm(facts, &question(&args)).await? {
        return print_line("nothing was deleted");
    }
    let forgotten = match Access::of(home, db).await? {
        Access::Instance(client) => {
            let SealRmArgs { all, older_than, ids, .. } = args;
            let before = older_than.map(Time);
            let removal = SealsRemoval { all, before, ids: (!ids.is_empty()).then_some(ids) };
            let answer = client.call(Method::POST, "/seals/delete", Some(json!(removal))).await?;
            answer["forgotten"].as_u64().context("the running dashcam does not report how many went")?
        }
        Access::Own(store) => {
            let forgotten = match chosen(&args) {
                Ok(which) => forget(&store, which).await,
                Err(error) => Err(error),
            };
            store.close().await;
            forgotten?
        }
    };
    print_line(&format!(
        "{} deleted: their placeholders stay, and nobody can put them back until the same secrets pass again",
        secrets(forgotten)
    ))
}

/// Deletes them from a recording that no instance records to.
async fn forget(store: &Store, which: ChosenSeals) -> Result<u64> {
    let forgotten = store.admin().forget_seals(which.clone()).await?;
    own_audit::note(store, &Action::Seal { which, forgotten }).await?;
    Ok(forgotten)
}

fn question(args: &SealRmArgs) -> String {
    if args.all {
        return "Delete all sealed secrets?".to_owned();
    }
    match args.older_than {
        Some(time) => format!("Delete the secrets that were sealed before {}?", text(Time(time))),
        None => format!("Delete {}?", secrets(args.ids.len() as u64)),
    }
}

fn chosen(args: &SealRmArgs) -> Result<ChosenSeals> {
    if args.all {
        return Ok(ChosenSeals::All);
    }
    if let Some(time) = &args.older_than {
        return Ok(ChosenSeals::SealedBefore(Timestamp(time.as_microsecond())));
    }
    let read = |id: &String| {
        SealId::parse(id.as_bytes()).with_context(|| {
            format!(
                "{id} is no id of a seal: it has 24 digits, as in ~sealed.token.0123456789abcdef01234567~"
            )
        })
    };
    Ok(ChosenSeals::These(args.ids.iter().map(read).collect::<Result<_>>()?))
}

fn secrets(count: u64) -> String {
    if count == 1 { "1 sealed secret".to_owned() } else { format!("{count} sealed secrets") }
}

fn text(time: Time) -> String {
    time.0.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_choice_is_read() {
        let args = |all, ids: &[&str]| SealRmArgs {
            all,
            older_than: None,
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            yes: true,
        };
        assert_eq!(chosen(&args(true, &[])).unwrap(), ChosenSeals::All);
        let id = "0123456789abcdef01234567";
        let expect = ChosenSeals::These(vec![SealId::parse(id.as_bytes()).unwrap()]);
        assert_eq!(chosen(&args(false, &[id])).unwrap(), expect);
        assert!(chosen(&args(false, &["12"])).unwrap_err().to_string().contains("24 digits"));
    }
}
