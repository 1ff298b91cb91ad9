//! Media types, as far as they say how text is to be read.

/// How the text of a media type is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// HTML.
    Html,
    /// XML, with what is based on it.
    Xml,
    /// Style sheets.
    Css,
    /// Other text.
    Text,
    /// Types that say nothing of text, or none at all.
    Other,
}

impl Kind {
    /// The kind of a media type in lower case and without parameters.
    pub(super) fn of(media_type: &str) -> Self {
        let (main, sub) = media_type.split_once('/').unwrap_or_default();
        match (main, sub) {
            (_, "html") => Self::Html,
            (_, "xml") => Self::Xml,
            (_, sub) if sub.ends_with("+xml") => Self::Xml,
            ("text", "css") => Self::Css,
            ("text", _) => Self::Text,
            (_, "x-www-form-urlencoded" | "javascript" | "x-javascript" | "ecmascript" | "graphql") => {
                Self::Text
            }
            (_, "json" | "json-seq" | "x-ndjson" | "ndjson" | "jsonl" | "yaml" | "x-yaml" | "sql") => {
                Self::Text
            }
            (_, sub) if sub.ends_with("+json") || sub.ends_with("+yaml") => Self::Text,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let check = |media_type, expect| assert_eq!(Kind::of(media_type), expect, "{media_type}");
        check("text/html", Kind::Html);
        check("application/xhtml+xml", Kind::Xml);
        check("image/svg+xml", Kind::Xml);
        check("text/xml", Kind::Xml);
        check("text/css", Kind::Css);
        check("text/x-anything", Kind::Text);
        check("application/problem+json", Kind::Text);
        check("application/octet-stream", Kind::Other);
        check("image/png", Kind::Other);
        check("", Kind::Other);
    }
}
