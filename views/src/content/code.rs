//! Style sheets and JavaScript, of which the most are minified, with a line for each rule or statement. Only white space
//! is added, and changed at the beginning of lines.

use super::budget::{Budget, DEEPEST};
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Language, Shown};

/// Shows style sheets.
pub(super) const CSS: ViewSpec =
    ViewSpec { name: "css", title: "CSS", kind: "text", fits: fits_css, show: show_css };
/// Shows JavaScript.
pub(super) const JAVASCRIPT: ViewSpec = ViewSpec {
    name: "javascript",
    title: "JavaScript",
    kind: "text",
    fits: fits_javascript,
    show: show_javascript,
};

const JAVASCRIPT_TYPES: &[&str] = &[
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "application/ecmascript",
    "text/ecmascript",
    "application/jsonp",
];

fn fits_css(subject: &Subject) -> Option<Fit> {
    (subject.is(&["text/css"]) && !subject.trimmed().is_empty()).then_some(Fit::Named)
}

fn fits_javascript(subject: &Subject) -> Option<Fit> {
    (subject.is(JAVASCRIPT_TYPES) && !subject.trimmed().is_empty()).then_some(Fit::Named)
}

fn show_css(subject: &Subject, budget: &Budget) -> Option<Shown> {
    Some(Shown::text(Language::Css, laid_out(subject.text.as_deref()?, false, budget)))
}

fn show_javascript(subject: &Subject, budget: &Budget) -> Option<Shown> {
    Some(Shown::text(Language::Javascript, laid_out(subject.text.as_deref()?, true, budget)))
}

/// Code, with lines behind `{`, `}` and `;`. Strings, comments, templates and regular expressions stay as they are.
fn laid_out(text: &str, is_script: bool, budget: &Budget) -> String {
    let mut layout = Layout {
        text: String::with_capacity(text.len() + text.len() / 2),
        depth: 0,
        brackets: Vec::new(),
        is_new: false,
    };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if is_script { script_token(rest, layout.text.trim_end()) } else { sheet_token(rest) };
        let (token, behind) = rest.split_at(end);
        if !budget.take_text(end + layout.depth.min(DEEPEST)) {
            break;
        }
        layout.push(first, token, behind);
        rest = behind;
    }
    layout.text.truncate(layout.text.trim_end().len());
    layout.text
}

struct Layout {
    text: String,
    depth: usize,
    /// For each brace within round or square brackets, how many of these were open before it.
    brackets: Vec<usize>,
    /// True at the beginning of a line.
    is_new: bool,
}

impl Layout {
    fn push(&mut self, first: char, token: &str, behind: &str) {
        if first.is_whitespace() {
            // Line ends may be what ends a statement: they stay.
            match token.contains('\n') {
                true if !self.is_new => self.line(),
                false if !self.is_new => self.text.push_str(token),
                _ => {}
            }
            return;
        }
        let is_nested = self.brackets.last().is_some_and(|open| *open > 0);
        match first {
            '{' => {
                self.text.push('{');
                self.brackets.push(0);
                self.depth += 1;
                if !behind.starts_with('}') {
                    self.line();
                    return;
                }
            }
            '}' => {
                self.brackets.pop();
                self.depth = self.depth.saturating_sub(1);
                if self.is_new {
                    self.unindent();
                } else if !self.text.ends_with('{') {
                    self.line();
                }
                self.text.push('}');
                self.is_new = false;
                let goes_on = [";", ",", ")", "]", ".", "(", "}", " ", "\n", "?", ":", "`"];
                let has_word =
                    ["else", "catch", "finally", "while"].iter().any(|word| behind.starts_with(word));
                if !goes_on.iter().any(|next| behind.starts_with(next)) && !has_word {
                    self.line();
                    return;
                }
            }
            ';' if !is_nested => {
                self.text.push(';');
                self.line();
                return;
            }
            '(' | '[' => {
                self.text.push(first);
                match self.brackets.last_mut() {
                    Some(open) => *open += 1,
                    None => self.brackets.push(1),
                }
            }
            ')' | ']' => {
                self.text.push(first);
                if let Some(open) = self.brackets.last_mut() {
                    *open = open.saturating_sub(1);
                }
            }
            _ => self.text.push_str(token),
        }
        self.is_new = false;
    }

    fn line(&mut self) {
        let kept = self.text.trim_end_matches([' ', '\t']).len();
        self.text.truncate(kept);
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.extend(std::iter::repeat_n("  ", self.depth.min(DEEPEST)));
        self.is_new = true;
    }

    /// The line begins one level further out.
    fn unindent(&mut self) {
        let kept = self.text.trim_end_matches(' ').len();
        self.text.truncate(kept);
        self.text.extend(std::iter::repeat_n("  ", self.depth.min(DEEPEST)));
    }
}

/// The length of the first token of a style sheet.
fn sheet_token(text: &str) -> usize {
    let first = text.chars().next().unwrap_or_default();
    match first {
        '"' | '\'' => quoted_end(text),
        '/' if text.starts_with("/*") => text.find("*/").map_or(text.len(), |end| end + 2),
        '\\' => 1 + text[1..].chars().next().map_or(0, char::len_utf8),
        // Text in url(…) needs no quotes, and may have a semicolon.
        'u' | 'U' if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("url(")) => {
            let is_quoted = text[4..].trim_start().starts_with(['"', '\'']);
            if is_quoted { 4 } else { text.find(')').map_or(text.len(), |end| end + 1) }
        }
        _ if first.is_whitespace() => space_end(text),
        _ => first.len_utf8(),
    }
}

/// The length of the first token of a script. The code before it tells division from regular expressions.
fn script_token(text: &str, before: &str) -> usize {
    let first = text.chars().next().unwrap_or_default();
    match first {
        '"' | '\'' => quoted_end(text),
        '`' => template_end(text),
        '/' if text.starts_with("//") => text.find('\n').unwrap_or(text.len()),
        '/' if text.starts_with("/*") => text.find("*/").map_or(text.len(), |end| end + 2),
        '/' if expects_value(before) => expression_end(text),
        _ if first.is_whitespace() => space_end(text),
        _ if is_word(first) => text.find(|character| !is_word(character)).unwrap_or(text.len()),
        _ => first.len_utf8(),
    }
}

/// Returns whether a value may follow, which a regular expression is.
fn expects_value(before: &str) -> bool {
    const WORDS: &[&str] =
        &["return", "typeof", "case", "in", "of", "delete", "void", "throw", "do", "else", "yield"];
    match before.chars().next_back() {
        None => true,
        Some(last) if is_word(last) => WORDS
            .iter()
            .any(|word| before.strip_suffix(word).is_some_and(|before| !before.ends_with(is_word))),
        Some(last) => "(,=:[!&|?{};+-*%<>~^".contains(last),
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

fn space_end(text: &str) -> usize {
    text.find(|character: char| !character.is_whitespace()).unwrap_or(text.len())
}

/// The end of a string, which a line's end ends as well.
fn quoted_end(text: &str) -> usize {
    let quote = text.chars().next().unwrap_or_default();
    until(text, |character| character == quote || character == '\n')
}

/// The end of a template. Templates within its expressions are part of it.
fn template_end(text: &str) -> usize {
    until(text, |character| character == '`')
}

fn until(text: &str, is_end: impl Fn(char) -> bool) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if is_end(character) => return at + character.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// The end of a regular expression; the slash alone, if none ends in this line.
fn expression_end(text: &str) -> usize {
    const LONGEST: usize = 4096;
    let (mut is_escaped, mut is_class) = (false, false);
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\n' => return 1,
            _ if at > LONGEST => return 1,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => is_class = true,
            ']' => is_class = false,
            '/' if !is_class => return at + 1,
            _ => {}
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, is_script: bool, expect: &str) {
        let found = laid_out(text, is_script, &Budget::begin());
        assert_eq!(found, expect, "{text}");
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(bare(&found), bare(text), "nothing but white space is changed");
    }

    #[test]
    fn style_sheets() {
        check(
            "a{b:c;d:url(data:x;y)}@media x{e{f:\"};\"}}/*;*/g{}",
            false,
            "a{\n  b:c;\n  d:url(data:x;y)\n}\n@media x{\n  e{\n    f:\"};\"\n  }\n}\n/*;*/g{}",
        );
    }

    #[test]
    fn scripts() {
        check(
            "function a(b){for(let i=0;i<b;i++){c(`;${d}`)}return/x;/.test(b)?1/2:{e:\"}\"}}var f=/[/;]/g;g()",
            true,
            "function a(b){\n  for(let i=0;i<b;i++){\n    c(`;${d}`)\n  }\n  return/x;/.test(b)?1/2:{\n    e:\"}\"\n  }\n}\n\
             var f=/[/;]/g;\ng()",
        );
        check("if(a){b()}else{c()}// d;e\nf()", true, "if(a){\n  b()\n}else{\n  c()\n}\n// d;e\nf()");
        check("a(function(){b;c})", true, "a(function(){\n  b;\n  c\n})");
    }
}
