//! Secrets behind their names in text: `password=…`, `"apiKey": "…"`, `DB_PASSWORD=…`, `pwd: …`, `--token …`.

use std::ops::Range;

use super::bytes::{is_random, run, run_back};
use super::commands;
use super::plausible::{is_blank, is_code, is_label, is_prose};
use crate::names::is_identifier;

/// Bytes of a name, at most.
const NAME: usize = 64;
/// Bytes of a value in quotes, at most.
const VALUE: usize = 8192;

/// A name, and the value that is given to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
    pub(super) form: Form,
}

/// How a value stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In quotes.
    Quoted,
    /// Behind `=`, without spaces.
    Tight,
    /// Behind `=` and a space, or a colon; it goes on behind the value.
    Loose,
    /// The same, and the line ends with the value.
    Line,
    /// The rest of a line that begins with a name in capitals and `=`.
    Environment,
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The assignment in whose name a word stands at `at`.
pub(super) fn find(text: &[u8], at: usize) -> Option<Assignment> {
    let name = name(text, at)?;
    let is_flag = text[name.start..].starts_with(b"--");
    let mut from = name.end;
    from += quote(&text[from..]).map_or(0, |quote| quote.length);
    from += usize::from(text.get(from) == Some(&b']'));
    let name = name.start + text[name.clone()].iter().take_while(|byte| matches!(byte, b'-' | b'.')).count()
        ..name.end;
    let separator = separator(text, from, (&name, is_flag)).or_else(|| argument(text, &name))?;
    if is_in_path(text, &name, separator.end) {
        return None;
    }
    let is_form = separator.is_escaped;
    let start = separator.end;
    let start = match &text[start..] {
        [b'b' | b'r' | b'u' | b'f' | b'@', b'"' | b'\'', ..] => start + 1,
        _ => start,
    };
    if let Some(quote) = quote(&text[start..]) {
        let value = quoted(text, start + quote.length, quote)?;
        return Some(Assignment { name, value, form: Form::Quoted });
    }
    let line_end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |end| start + end);
    let line = start..start + text[start..line_end].trim_ascii_end().len();
    if separator.is_tight && is_environment(text, &name) {
        let end = memchr::memmem::find(&text[line.clone()], b" #").map_or(line.end, |end| line.start + end);
        return Some(Assignment { name, value: line.start..end, form: Form::Environment });
    }
    let end = bare_end(text, start, is_form);
    let ends_line = end >= line.end || text[end..line.end] == *b"," || text[end..line.end].starts_with(b" #");
    let form = match (separator.is_tight, ends_line) {
        (true, _) => Form::Tight,
        (false, true) => Form::Line,
        (false, false) => Form::Loose,
    };
    Some(Assignment { name, value: start..end, form })
}

/// The name in which a word stands at `at`, without escapes before it.
fn name(text: &[u8], at: usize) -> Option<Range<usize>> {
    let mut start = run_back(text, at, NAME, is_name);
    let end = run(text, at, is_name);
    match (&text[..start], &text[start..at]) {
        ([.., b'%'], [_, _, ..]) => start += 2,
        ([.., b'\\'], [b'u', _, _, _, _, ..]) => start += 5,
        ([.., b'\\'], [b'n' | b'r' | b't', ..]) => start += 1,
        _ => {}
    }
    (end - start <= NAME).then_some(start..end)
}

/// A quotation mark, with the backslashes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Quote {
    mark: u8,
    length: usize,
}

fn quote(text: &[u8]) -> Option<Quote> {
    if text.starts_with(b"&quot;") {
        return Some(Quote { mark: b'&', length: 6 });
    }
    let slashes = text.iter().take(7).take_while(|byte| **byte == b'\\').count();
    let mark = *text.get(slashes)?;
    matches!(mark, b'"' | b'\'' | b'`').then_some(Quote { mark, length: slashes + 1 })
}

/// The value that begins at `start` in quotes.
fn quoted(text: &[u8], start: usize, quote: Quote) -> Option<Range<usize>> {
    let rest = &text[start..text.len().min(start + VALUE)];
    let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let rest = &rest[..line];
    if quote.mark == b'&' {
        return memchr::memmem::find(rest, b"&quot;").map(|end| start..start + end);
    }
    memchr::memchr_iter(quote.mark, rest).find_map(|at| {
        let slashes = rest[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        (slashes == quote.length - 1).then_some(start..start + at - slashes)
    })
}

struct Separator {
    end: usize,
    is_tight: bool,
    is_escaped: bool,
}

/// The comma between the two arguments of `define('DB_PASSWORD', '…')`, `headers.set("X-Api-Key", "…")`.
fn argument(text: &[u8], name: &Range<usize>) -> Option<Separator> {
    const CALLS: [&[u8]; 10] = [
        b"define",
        b"setenv",
        b"set",
        b"put",
        b"add",
        b"append",
        b"header",
        b"setHeader",
        b"addHeader",
        b"setProperty",
    ];
    let mark = quote(&text[name.end..])?;
    let open = name.start.checked_sub(mark.length)?;
    let before = text[..open].trim_ascii_end().strip_suffix(b"(")?;
    let call = run_back(before, before.len(), NAME, |byte| byte.is_ascii_alphanumeric());
    let at = run(text, name.end + mark.length, |byte| byte == b' ');
    let end = run(text, at + 1, |byte| byte == b' ');
    let is_call =
        CALLS.contains(&&before[call..]) && text.get(at) == Some(&b',') && quote(text.get(end..)?).is_some();
    is_call.then_some(Separator { end, is_tight: false, is_escaped: false })
}

/// Returns whether a name stands between two colons, as in `arn:aws:secretsmanager:…:secret:prod/db`.
fn is_in_path(text: &[u8], name: &Range<usize>, value: usize) -> bool {
    text[..name.start].ends_with(b":") && text[name.end..value] == *b":"
}

fn separator(text: &[u8], from: usize, (name, is_flag): (&Range<usize>, bool)) -> Option<Separator> {
    let is_white = |byte: u8| matches!(byte, b' ' | b'\t');
    let at = run(text, from, is_white);
    let (length, is_equals) = match &text[at..] {
        [b'=', b'=', ..] | [b':', b':', ..] => return None,
        [b'=', b'>', ..] | [b':', b'=', ..] => (2, false),
        [b'=', ..] => (1, true),
        [b':', ..] => (1, false),
        [b'%', b'3', b'D' | b'd', ..] => {
            return Some(Separator { end: at + 3, is_tight: true, is_escaped: true });
        }
        _ if is_flag && at > from => (0, true),
        _ if at > from && commands::has_argument(text, name, at) => {
            return Some(Separator { end: at, is_tight: true, is_escaped: false });
        }
        _ => return None,
    };
    let end = run(text, at + length, is_white);
    let is_tight = is_flag || is_equals && at == from && end == at + length;
    Some(Separator { end, is_tight, is_escaped: false })
}

/// Returns whether a name in capitals begins a line.
fn is_environment(text: &[u8], name: &Range<usize>) -> bool {
    let line = text[..name.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let before = text[line..name.start].trim_ascii();
    let is_begin = before.is_empty() || matches!(before, b"export" | b"set" | b"ENV" | b"-" | b"-e");
    is_begin
        && text[name.clone()]
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

fn bare_end(text: &[u8], start: usize, is_form: bool) -> usize {
    let ends = |(at, byte): (usize, &u8)| {
        byte.is_ascii_whitespace()
            || matches!(
                byte,
                b',' | b';' | b'&' | b'"' | b'\'' | b'<' | b'>' | b')' | b'}' | b']' | b'|' | b'\\' | b'`'
            )
            || *byte < 0x20
            || is_form && text[start + at..].starts_with(b"%26")
    };
    text[start..]
        .iter()
        .enumerate()
        .position(|(at, byte)| ends((at, byte)))
        .map_or(text.len(), |end| start + end)
}

impl Assignment {
    /// Returns whether the value looks like a secret there. `is_password`: of those that people think of.
    pub(super) fn is_plausible(&self, text: &[u8], is_password: bool) -> bool {
        let value = &text[self.value.clone()];
        let value = value.strip_suffix(b".").unwrap_or(value);
        let name = &text[self.name.clone()];
        if value.len() < 3 || is_blank(value) || is_label(name, value) || is_prose(value) {
            return false;
        }
        let next = text.get(self.value.end).copied();
        let has_digit = value.iter().any(u8::is_ascii_digit);
        let is_only_digits = value.iter().all(u8::is_ascii_digit);
        let is_alone = matches!(self.form, Form::Line | Form::Loose)
            || self.form == Form::Tight && value.contains(&b'_');
        let is_type = !is_password && is_alone && is_identifier(value);
        if is_type {
            return false;
        }
        let is_strong = is_random(value) || has_digit && value.len() >= 4 || has_signs(value);
        match self.form {
            Form::Quoted if value.contains(&b' ') => is_password && is_passphrase(value),
            Form::Quoted => is_strong || is_password && value.len() > 3,
            Form::Environment => !is_code(value, next) || has_digit,
            Form::Tight => {
                !is_code(value, next) && (is_strong || value.len() > 3 && (is_password || value.len() >= 8))
            }
            Form::Line => {
                !is_code(value, next)
                    && !value.ends_with(b":")
                    && (is_strong || is_password && value.len() > 4)
            }
            Form::Loose => {
                !is_code(value, next) && is_strong && (has_digit && !is_only_digits || value.len() >= 12)
            }
        }
    }
}

/// Returns whether it is a secret of several words, in lower case.
fn is_passphrase(value: &[u8]) -> bool {
    let is_small = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b' ';
    value.iter().filter(|byte| **byte == b' ').count() >= 3 && value.iter().all(is_small)
}

/// Returns whether there are signs inside that words don't have.
fn has_signs(value: &[u8]) -> bool {
    let inside = value.get(1..value.len().saturating_sub(1)).unwrap_or_default();
    inside.iter().any(|byte| matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'*' | b'+' | b'='))
}

#[cfg(test)]
mod tests;
