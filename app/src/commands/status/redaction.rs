//! Redaction in `dashcam status`.

use dashcam_web_ui::dto::RedactionStatus;

use crate::row::duration;
use crate::terminal::{Color, paint};

/// The set of redaction that is in force, and what it has done.
pub(super) fn row(status: &RedactionStatus, is_colored: bool) -> String {
    let RedactionStatus { set, seal_for_s, has_key, has_other_seals, replaced, sealed: _, withheld, faults } =
        status;
    let Some(set) = set else {
        return paint("OFF: passwords and tokens are recorded as they pass", Color::Red, is_colored);
    };
    let seals = match seal_for_s {
        0 => "nothing is sealed".to_owned(),
        seconds => {
            let time = duration(i64::try_from(*seconds).unwrap_or(i64::MAX / 1_000_000) * 1_000_000);
            format!("sealed for {time}{}", if *has_key { "" } else { ", with a key that ends with dashcam" })
        }
    };
    let mut text = format!("{set}, {seals}; {replaced} values replaced");
    if *has_other_seals {
        text += &paint(
            "; some secrets were sealed with another key (see the log), and can't be put back",
            Color::Yellow,
            is_colored,
        );
    }
    if *withheld > 0 {
        text += &format!(", {withheld} bodies withheld");
    }
    if *faults > 0 {
        text += &paint(&format!(", {faults} faults: please report them"), Color::Red, is_colored);
    }
    text
}
