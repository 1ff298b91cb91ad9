//! Words without which no text passes a condition, so that they can be looked for in many texts at once.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

use crate::matching::dialect;
use crate::tree::Text;

/// The most words of one condition.
const MOST: usize = 16;

impl Text {
    /// Words of which every text in ASCII that passes has at least one, whatever the case of its letters. They are in
    /// lower case, and not empty. `None` if texts without such a word may pass.
    #[must_use]
    pub fn required(&self) -> Option<Vec<String>> {
        let words = match self {
            Self::Contains(word) | Self::Exact(word) => vec![word.to_ascii_lowercase()],
            Self::Glob(pieces) => vec![pieces.iter().max_by_key(|piece| piece.len())?.to_ascii_lowercase()],
            Self::Regex(source) => of_expression(source)?,
            Self::Number(_) | Self::Network(_) => return None,
        };
        (words.len() <= MOST && words.iter().all(|word| !word.is_empty())).then_some(words)
    }
}

/// The words of a regular expression. It is read as one that minds the case of letters, as only so are its words kept
/// together: in ASCII, what it finds whatever their case has the same words in some case.
fn of_expression(source: &str) -> Option<Vec<String>> {
    let mut parser = ParserBuilder::new().utf8(false).nest_limit(dialect::DEEPEST).build();
    of_part(&parser.parse(&dialect::translated(source)).ok()?)
}

fn of_part(part: &Hir) -> Option<Vec<String>> {
    match part.kind() {
        // A letter beyond ASCII may be found by one within it: the Kelvin sign by a k.
        HirKind::Literal(literal) => {
            let word = std::str::from_utf8(&literal.0).ok().filter(|word| word.is_ascii())?;
            Some(vec![word.to_ascii_lowercase()])
        }
        HirKind::Capture(capture) => of_part(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of_part(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(of_part).max_by_key(|words| shortest(words)),
        HirKind::Alternation(parts) => {
            let each = parts.iter().map(of_part).collect::<Option<Vec<_>>>()?;
            Some(each.into_iter().flatten().take(MOST + 1).collect())
        }
        _ => None,
    }
}

/// The length of the shortest of some words: the longer it is, the fewer texts have it.
fn shortest(words: &[String]) -> usize {
    words.iter().map(String::len).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_conditions() {
        let regex = |source: &str| Text::Regex(source.to_owned());
        let glob = |text: &str| Text::Glob(text.split('*').map(str::to_owned).collect());
        for (text, expect) in [
            (Text::Contains("Orders".to_owned()), Some("orders")),
            (Text::Contains(String::new()), None),
            (Text::Exact("A".to_owned()), Some("a")),
            (glob("a*bcd*"), Some("bcd")),
            (glob("*"), None),
            (regex("orders/[0-9]*7"), Some("orders/")),
            (regex("Orders\\/12[0-9]"), Some("orders/12")),
            (regex("(?:ab|cde)+x"), Some("ab,cde")),
            (regex("a|"), None),
            (regex("[0-9]+"), None),
            (regex("(?i)abc"), None),
            (regex("(x(yz){2,})?"), None),
            (regex("(x(yz){2,})"), Some("yz")),
            (regex("^/v1/\\w+$"), Some("/v1/")),
            (regex("\u{212a}elvin"), None),
            (regex("("), None),
            (Text::Network("10.0.0.0/8".parse().unwrap()), None),
        ] {
            let words = text.required().map(|words| words.join(","));
            assert_eq!(words.as_deref(), expect, "{text:?}");
        }
    }
}
