//! `dashcam db check`: whether a recording is sound.

use std::path::Path;

use anyhow::Result;
use dashcam_store::maintenance::{self, Problem};
use serde_json::json;

use crate::cli::CheckArgs;
use crate::terminal::{escaped, print_json, print_line};

/// Says what is wrong and what to do about it; 1 if anything is.
pub(super) fn check(path: &Path, args: &CheckArgs) -> Result<u8> {
    let checked = maintenance::check(path, args.thorough)?;
    let is_sound = checked.problems.is_empty();
    if args.json {
        let problem = |problem: &Problem| match problem {
            Problem::Damage(what) => json!({"kind": "damage", "what": what}),
            Problem::Books(what) => json!({"kind": "books", "what": what}),
        };
        let problems: Vec<_> = checked.problems.iter().map(problem).collect();
        print_json(&json!({"sound": is_sound, "problems": problems, "notes": checked.notes}).to_string())?;
        return Ok(u8::from(!is_sound));
    }
    for problem in &checked.problems {
        match problem {
            Problem::Damage(what) => print_line(&format!("damaged: {}", escaped(what)))?,
            Problem::Books(what) => print_line(&format!("wrong: {what}"))?,
        }
    }
    for note in &checked.notes {
        print_line(&format!("note: {note}"))?;
    }
    print_line(advice(is_sound, checked.is_damaged()))?;
    Ok(u8::from(!is_sound))
}

fn advice(is_sound: bool, is_damaged: bool) -> &'static str {
    match (is_sound, is_damaged) {
        (true, _) => "sound",
        (_, true) => {
            "The file is damaged. Stop the dashcam that records to it, if one does, and run `dashcam db repair`: it copies \
            what can be read to a new file and keeps the damaged one. Then look after the disk."
        }
        _ => {
            "Rows do not agree with each other; the file itself is readable. Stop the dashcam that records to it, if one \
            does, and run `dashcam db repair`, which mends them in place."
        }
    }
}
