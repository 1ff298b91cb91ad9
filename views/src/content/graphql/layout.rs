//! A GraphQL document with a line for each selection. Only white space is changed, and commas that mean nothing.

use crate::content::budget::{Budget, DEEPEST};

/// A document, laid out.
pub(super) fn laid_out(text: &str, budget: &Budget) -> String {
    let mut layout = Layout { text: String::with_capacity(text.len() * 2), ..Layout::default() };
    let mut rest = text;
    while let Some((token, behind)) = next(rest) {
        if !budget.take_text(token.len() + layout.depth.min(DEEPEST) * 2 + 2) {
            break;
        }
        layout.push(token);
        rest = behind;
    }
    layout.text
}

#[derive(Default)]
struct Layout<'t> {
    text: String,
    /// Braces that are open, arguments aside.
    depth: usize,
    /// Brackets of arguments, lists and variables that are open.
    brackets: usize,
    /// Line ends that stand before the next token.
    lines: usize,
    last: &'t str,
    /// True behind `...`, `... on` and an alias: what follows is on the same line.
    is_bound: bool,
}

impl<'t> Layout<'t> {
    fn push(&mut self, token: &'t str) {
        let is_selection = self.brackets == 0;
        let was_bound = std::mem::replace(&mut self.is_bound, false);
        match token {
            "," if is_selection => return,
            "{" if is_selection => {
                self.write(token);
                self.depth += 1;
                self.lines = 1;
            }
            "}" if is_selection => {
                self.depth = self.depth.saturating_sub(1);
                self.lines = 1;
                self.write(token);
                self.lines = if self.depth == 0 { 2 } else { 1 };
            }
            "(" | "[" | "{" => {
                self.write(token);
                self.brackets += 1;
            }
            ")" | "]" | "}" => {
                self.brackets = self.brackets.saturating_sub(1);
                self.write(token);
            }
            _ if token.starts_with('#') => {
                self.write(token.trim_end());
                self.lines = self.lines.max(1);
            }
            _ => {
                let goes_on =
                    was_bound || matches!(token, ":" | "=" | "|" | "&" | "!") || token.starts_with('@');
                if is_selection && self.depth > 0 && !goes_on {
                    self.lines = 1;
                }
                self.write(token);
                self.is_bound = matches!(token, "..." | ":") || token == "on" && self.last == "...";
            }
        }
        self.last = token;
    }

    fn write(&mut self, token: &str) {
        let lines = std::mem::take(&mut self.lines);
        if lines > 0 && !self.text.is_empty() {
            self.text.extend(std::iter::repeat_n('\n', lines));
            self.text.extend(std::iter::repeat_n("  ", self.depth.min(DEEPEST)));
        } else if !self.is_glued(token) {
            self.text.push(' ');
        }
        self.text.push_str(token);
    }

    /// Returns whether no space stands between the last token and this one.
    fn is_glued(&self, token: &str) -> bool {
        let is_spread = self.last == "..." && token != "on" && token != "{" && !token.starts_with('@');
        let opens_object = self.last == "{" && self.brackets > 0;
        is_spread
            || opens_object
            || matches!(self.last, "" | "(" | "[")
            || matches!(token, ")" | "]" | "," | ":" | "!" | "(")
            || token == "}" && self.lines == 0
    }
}

/// The next token and what is behind it, without the white space before it.
fn next(text: &str) -> Option<(&str, &str)> {
    let text =
        text.trim_start_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    let first = text.chars().next()?;
    let name_end =
        |from: usize| from + text[from..].find(|character| !is_name(character)).unwrap_or(text.len() - from);
    let end = match first {
        '#' => text.find('\n').unwrap_or(text.len()),
        '"' if text.starts_with("\"\"\"") => block_end(text),
        '"' => string_end(text),
        '.' if text.starts_with("...") => 3,
        '$' | '@' => name_end(1),
        _ if is_name(first) => name_end(0),
        _ => first.len_utf8(),
    };
    Some(text.split_at(end))
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '+' | '.')
}

fn block_end(text: &str) -> usize {
    let mut at = 3;
    while let Some(found) = text[at..].find("\"\"\"") {
        let is_escaped = text[..at + found].ends_with('\\');
        at += found + 3;
        if !is_escaped {
            return at;
        }
    }
    text.len()
}

fn string_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' | '\n' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_selection_has_a_line() {
        let check = |text, expect: &str| assert_eq!(laid_out(text, &Budget::begin()), expect, "{text}");
        check("{a,b c{d}}", "{\n  a\n  b\n  c {\n    d\n  }\n}");
        check(
            "query A($b:[Int!]!=[1,2],$c:C={d:\"x, y\"}){e:f(g:$b,h:{i:1})@include(if:true){...F ... on T{j}}}fragment F on T{k}",
            "query A($b: [Int!]! = [1, 2], $c: C = {d: \"x, y\"}) {\n  e: f(g: $b, h: {i: 1}) @include(if: true) {\n    \
             ...F\n    ... on T {\n      j\n    }\n  }\n}\n\nfragment F on T {\n  k\n}",
        );
        check(
            "# hi\n{a #b\n on ... @skip(if:$x){c}}",
            "# hi\n{\n  a #b\n  on\n  ... @skip(if: $x) {\n    c\n  }\n}",
        );
        check("{a(b:\"\"\"x\n\"y\\\"\"\"z\"\"\")}", "{\n  a(b: \"\"\"x\n\"y\\\"\"\"z\"\"\")\n}");
        check("}}{(", "}\n}\n\n{\n  (");
    }
}
