//! Regular expressions in the dialect that people know from Python and JavaScript, compiled within bounds.
//!
//! They are searched in linear time; there is no looking around and no back reference.

use regex::bytes::{Regex, RegexBuilder};

use crate::field::Field;

/// The most memory of one compiled expression.
const LARGEST: usize = 512 << 10;
/// How deeply an expression may be nested.
pub(crate) const DEEPEST: u32 = 50;

/// Compiles an expression for `field`.
///
/// # Errors
/// When it is none, in words for the one who wrote it.
pub(crate) fn compile(source: &str, field: &Field) -> Result<Regex, String> {
    let source = translated(source);
    // As in mitmproxy, heads and bodies are bytes: a dot is any of them.
    let is_bytes =
        matches!(field, Field::Header(..) | Field::HeaderLines(_) | Field::Body(_) | Field::WebSocket);
    let build = |is_unicode: bool| {
        RegexBuilder::new(&source)
            .case_insensitive(true)
            .unicode(is_unicode)
            .dot_matches_new_line(matches!(field, Field::Body(_) | Field::WebSocket))
            .multi_line(matches!(field, Field::HeaderLines(_) | Field::Comment | Field::Meta))
            .crlf(matches!(field, Field::HeaderLines(_)))
            .size_limit(LARGEST)
            .dfa_size_limit(LARGEST)
            .nest_limit(DEEPEST)
            .build()
    };
    let as_bytes = (is_bytes && source.is_ascii()).then(|| build(false).ok()).flatten();
    as_bytes.map_or_else(|| build(true).map_err(|error| why(&error, &source)), Ok)
}

fn why(error: &regex::Error, source: &str) -> String {
    if ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|look| source.contains(look)) {
        return "it can't look ahead or behind: exclude with `-` instead".to_owned();
    }
    match error {
        regex::Error::CompiledTooBig(_) => "it is too large: repeat less".to_owned(),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.trim_start_matches("error: ").trim().to_owned()
        }
    }
}

/// Writes what the others' dialects take for itself so that ours does too: braces that repeat nothing, brackets within
/// brackets, `\<`, `\>`, `\/` and `\Z`.
pub(crate) fn translated(source: &str) -> String {
    let mut text = String::with_capacity(source.len() + 8);
    let mut class_start = None;
    let mut characters = source.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match (character, class_start) {
            ('\\', _) => {
                let escaped = characters.next().map(|(_, escaped)| escaped);
                match escaped {
                    Some('Z') if class_start.is_none() => text.push_str("\\z"),
                    Some(sign @ ('<' | '>' | '/' | '"' | '\'')) => text.push(sign),
                    Some(other) => text.extend(['\\', other]),
                    None => text.push('\\'),
                }
            }
            ('[', None) => {
                class_start = Some(at);
                text.push('[');
                if let Some((_, '^')) = characters.peek() {
                    characters.next();
                    text.push('^');
                }
                if let Some((_, ']')) = characters.peek() {
                    characters.next();
                    text.push_str("\\]");
                }
            }
            (']', Some(_)) => {
                class_start = None;
                text.push(']');
            }
            ('[' | '&' | '~', Some(_)) => text.extend(['\\', character]),
            ('{', None) if repeats(&source[at..]) && source[at..].starts_with("{,") => text.push_str("{0"),
            ('{', None) if !repeats(&source[at..]) => text.push_str("\\{"),
            (other, _) => text.push(other),
        }
    }
    text
}

/// Returns whether `text` begins with `{2}`, `{2,}`, `{,2}` or `{2,3}`.
fn repeats(text: &str) -> bool {
    let inside = text.strip_prefix('{').and_then(|text| text.split_once('}')).map(|(inside, _)| inside);
    inside.is_some_and(|inside| {
        let has_digit = inside.bytes().any(|byte| byte.is_ascii_digit());
        let commas = inside.bytes().filter(|byte| *byte == b',').count();
        has_digit && commas <= 1 && inside.bytes().all(|byte| byte.is_ascii_digit() || byte == b',')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_other_dialects() {
        for (source, text, expect) in [
            ("{\"a\": 1}", "{\"a\": 1}", true),
            ("a{2}", "aa", true),
            ("a{2}", "a{2}", false),
            ("a{,2}b", "aab", true),
            ("[[]x", "[x", true),
            ("[]a]", "]", true),
            ("[^]a]", "]", false),
            ("[a&&b]", "&", true),
            ("\\<b\\>", "<b>", true),
            ("a\\Z", "ba", true),
            ("a\\/b", "a/b", true),
            ("ABC", "xabc", true),
            ("(?-i)ABC", "xabc", false),
            ("\\[a", "[a", true),
            ("[\\]a]", "]", true),
        ] {
            let regex = compile(source, &Field::Url).unwrap();
            assert_eq!(regex.is_match(text.as_bytes()), expect, "{source} in {text}");
        }
    }

    #[test]
    fn bombs_and_nonsense_are_refused() {
        let deep = "(".repeat(200) + "a" + &")".repeat(200);
        for source in ["(", "a{5000}{5000}", "[", "\\", "(?=a)", "(?<!a)b", "(a)\\1", "*", deep.as_str()] {
            let error = compile(source, &Field::Url).unwrap_err();
            assert!(!error.is_empty() && !error.contains('\n'), "{source}: {error:?}");
        }
    }
}
