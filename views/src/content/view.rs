//! A way to show a body, as data.

use crate::decode::Scanned;

/// A way to show a body.
#[derive(Debug)]
pub(super) struct ViewSpec {
    /// Its name.
    pub(super) name: &'static str,
    /// The media types that it takes, in lower case; `text/*` stands for all of a kind, and `*/*` for all, bodies that
    /// name none among them.
    pub(super) media_types: &'static [&'static str],
    /// Makes text of decoded bytes; `None` where they are not what the view shows. They may be the beginning of a body
    /// only (`truncated`).
    pub(super) render: fn(&Scanned) -> Option<String>,
}

impl ViewSpec {
    /// Returns whether it takes bodies of `media_type`, which is in lower case and without parameters.
    pub(super) fn takes(&self, media_type: &str) -> bool {
        self.media_types.iter().any(|taken| match taken.strip_suffix('*') {
            Some("*/") => true,
            Some(kind) => media_type.starts_with(kind),
            None => media_type == *taken,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types() {
        let view = |media_types| ViewSpec { name: "a", media_types, render: |_| None };
        let check = |media_types, media_type, expect| {
            assert_eq!(view(media_types).takes(media_type), expect, "{media_types:?} and {media_type}");
        };
        check(&["*/*"], "", true);
        check(&["*/*"], "image/png", true);
        check(&["application/json", "text/*"], "text/html", true);
        check(&["application/json", "text/*"], "application/json", true);
        check(&["application/json", "text/*"], "application/json-seq", false);
        check(&["text/*"], "", false);
    }
}
