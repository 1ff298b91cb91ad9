//! Notes: a comment and tags that users write down about an exchange.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The note of an exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Note {
    /// The comment; empty if there is none.
    pub comment: String,
    /// The tags, in their order.
    pub tags: Vec<String>,
}

/// A change of a note; what is absent or null stays.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteChange {
    /// The comment that it gets; an empty one removes it.
    pub comment: Option<String>,
    /// Tags that it gets.
    pub tags: Option<Vec<String>>,
    /// Tags that it loses.
    pub untag: Option<Vec<String>>,
}

/// The longest comment, and the longest tag, in bytes, and the most tags that one change adds.
const LONGEST: (usize, usize, usize) = (16 << 10, 200, 50);

impl From<dashcam_store::Note> for Note {
    fn from(note: dashcam_store::Note) -> Self {
        Self { comment: note.comment, tags: note.tags }
    }
}

impl NoteChange {
    /// The answer to a change that the store refuses as [`TooManyTags`](dashcam_store::Noted::TooManyTags).
    pub const TOO_MANY_TAGS: &'static str = "An exchange has at most 200 tags: remove some with untag first.";

    /// The change of the store's, if it is one that makes sense.
    ///
    /// # Errors
    /// The fault, and the way out of it.
    pub fn checked(self) -> Result<dashcam_store::NoteChange, String> {
        let (comment, tag, most) = LONGEST;
        let tags = self.tags.unwrap_or_default();
        if self.comment.as_ref().is_some_and(|text| text.len() > comment) {
            return Err("The comment is longer than 16 KiB: shorten it.".to_owned());
        }
        let is_tag =
            |text: &String| !text.trim().is_empty() && text.len() <= tag && !text.contains(char::is_control);
        if tags.len() > most || !tags.iter().all(is_tag) {
            return Err(
                "A tag has 1 to 200 bytes on one line, and a change adds at most 50: change them.".to_owned()
            );
        }
        Ok(dashcam_store::NoteChange { comment: self.comment, tags, untag: self.untag.unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_that_make_no_sense_are_refused() {
        let change = |tags: &[&str]| NoteChange {
            tags: Some(tags.iter().map(|tag| (*tag).to_owned()).collect()),
            ..NoteChange::default()
        };
        assert!(change(&["a", "b c"]).checked().is_ok() && NoteChange::default().checked().is_ok());
        for tags in [&[""][..], &[" "], &["a\nb"], &[&"x".repeat(201)], &["a"; 51]] {
            assert!(change(tags).checked().is_err(), "{tags:?}");
        }
        let long = NoteChange { comment: Some("x".repeat(20_000)), ..NoteChange::default() };
        assert!(long.checked().is_err());
    }
}
