//! `dashcam note`: a comment and tags that somebody writes down about exchanges.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use dashcam_exchange::ExchangeId;
use dashcam_store::Noted;
use dashcam_views::dto::{Note, NoteChange};
use hyper::Method;
use serde_json::json;

use crate::access::Access;
use crate::cli::NoteArgs;
use crate::home::Home;
use crate::terminal::{escaped, print_line};

/// Changes the notes of the exchanges, and shows them.
pub(crate) async fn note(home: &Home, db: Option<PathBuf>, args: NoteArgs) -> Result<()> {
    let access = Access::of(home, db).await?;
    let noted = change_all(&access, &args).await;
    if let Access::Own(store) = access {
        store.close().await;
    }
    noted
}

async fn change_all(access: &Access, args: &NoteArgs) -> Result<()> {
    for id in &args.ids {
        let note = change(access, *id, args).await?;
        print_line(&line(*id, &note))?;
    }
    Ok(())
}

async fn change(access: &Access, id: i64, args: &NoteArgs) -> Result<Note> {
    let (comment, tags, untag) = (args.comment.clone(), args.tag.clone(), args.untag.clone());
    let store = match access {
        Access::Instance(client) => {
            let change = json!({"comment": comment, "tags": tags, "untag": untag});
            let answer = client.call(Method::PATCH, &format!("/exchanges/{id}/note"), Some(change)).await?;
            return Ok(serde_json::from_value(answer)?);
        }
        Access::Own(store) => store,
    };
    let change = NoteChange { comment, tags: Some(tags), untag: Some(untag) };
    let change = change.checked().map_err(|why| anyhow!(why))?;
    match store.admin().note(ExchangeId(id), change, dashcam_recorder::now()).await? {
        Noted::Note(note) => Ok(note.into()),
        Noted::TooManyTags => bail!("exchange {id}: {}", NoteChange::TOO_MANY_TAGS),
        Noted::NoExchange => bail!("there is no exchange {id}: `dashcam ls` lists those there are"),
    }
}

/// The note of an exchange on a line.
fn line(id: i64, note: &Note) -> String {
    let tags: Vec<String> = note.tags.iter().map(|tag| format!("[{}]", escaped(tag))).collect();
    let parts: Vec<String> = std::iter::once(escaped(&note.comment)).chain(tags).collect();
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { format!("{id:>6}  no note") } else { format!("{id:>6}  {}", parts.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_a_line() {
        let note = |comment: &str, tags: &[&str]| Note {
            comment: comment.to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        };
        for (note, expect) in [
            (note("", &[]), "    42  no note"),
            (note("look\nhere", &["a", "b c"]), "    42  look\\u{a}here [a] [b c]"),
            (note("", &["a"]), "    42  [a]"),
        ] {
            assert_eq!(line(42, &note), expect);
        }
    }
}
