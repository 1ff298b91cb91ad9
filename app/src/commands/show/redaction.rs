//! The words of `dashcam show` on redaction.

use dashcam_exchange::{BodyRecord, Redaction, StoredAs};

use crate::terminal::escaped;

/// The redaction of an exchange in its overview.
pub(super) fn overview(redaction: &Redaction) -> String {
    let Redaction { set, replaced } = redaction;
    let values = if *replaced == 1 { "value" } else { "values" };
    format!("{replaced} {values}, set {}", escaped(set))
}

/// A sentence on a body of which nothing is stored.
pub(super) fn nothing_stored(record: &BodyRecord, is_open: bool) -> &'static str {
    match record.stored_as {
        StoredAs::Withheld => "The body is withheld: redaction could not read it.",
        _ if is_open => "Nothing of the body is stored yet.",
        _ => "The body is not stored.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overview_counts() {
        let redaction = |replaced| Redaction { set: "default@1a2b3c4d".into(), replaced };
        assert_eq!(overview(&redaction(3)), "3 values, set default@1a2b3c4d");
        assert_eq!(overview(&redaction(1)), "1 value, set default@1a2b3c4d");
    }
}
