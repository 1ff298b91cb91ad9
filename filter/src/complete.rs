//! Completion: the names and values that could stand where somebody types.
//!
//! [`Place::at`] says which values it wants; whoever has a recording looks for them, and [`Place::offers`] joins both.

use dashcam_exchange::Level;

use crate::field::{self, FIELDS, Field, FieldName, Kind};
use crate::names;
use crate::offer::Offer;
use crate::parse::operators;
use crate::quote;

/// The most that is offered at once.
const MOST: usize = 50;

/// Values that a recording has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// Hosts of destinations.
    Hosts,
    /// Paths, without queries.
    Paths,
    /// Content types of responses, without parameters.
    Types,
    /// Methods.
    Methods,
    /// Statuses.
    Statuses,
    /// Names of headers, lower case, of both messages.
    HeaderNames,
    /// Clients' addresses, without ports.
    Clients,
    /// Names of the programs that opened connections.
    Programs,
    /// Names of the rules that decided.
    Rules,
    /// Names of snapshots.
    Snapshots,
    /// Names of kept filters.
    Presets,
}

/// The word that is being typed, and the things that it could become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The characters that an offer replaces: from this one on (from 0), up to the cursor.
    pub from: usize,
    /// The part that is typed already, without quotes.
    pub typed: String,
    /// The values that are wanted of a recording.
    pub source: Option<Source>,
    /// Texts before and behind each of those values.
    around: (&'static str, &'static str),
    known: Vec<Offer>,
}

impl Place {
    /// The place at the cursor, which is behind `cursor` characters of `text`.
    #[must_use]
    pub fn at(text: &str, cursor: usize) -> Self {
        let before: Vec<char> = text.chars().take(cursor).collect();
        let word = word(&before);
        let signs = before[word..].iter().take_while(|sign| matches!(sign, '!' | '-' | '&' | '|')).count();
        let from = word + signs;
        let typed: String = before[from..].iter().collect();
        if let Some(field) = argument(&before[..word]) {
            return Self::of_values(from, &typed, &field, None);
        }
        if typed.starts_with('~') {
            return Self::known(from, &typed, operators());
        }
        let Some((name, value)) = typed.split_once(':') else { return Self::of_names(from, &typed) };
        let behind = value.rsplit([',', '=']).next().unwrap_or_default();
        let from = from + typed.chars().count() - behind.chars().count();
        match field::find(&name.to_ascii_lowercase()) {
            Some(entry) => match entry.field() {
                Some((field, kind)) => Self::of_values(from, behind, &field, kind),
                None => Self::of_source(from, behind, Source::Presets),
            },
            None => Self::known(from, behind, std::iter::empty()),
        }
    }

    /// Offers that fit: the names that are known, and those of `values`, which the recording has.
    #[must_use]
    pub fn offers(&self, values: &[String]) -> Vec<Offer> {
        let (before, behind) = self.around;
        let values = values.iter().filter(|value| begins(value, &self.typed_value())).map(|value| Offer {
            text: format!("{before}{}{behind}", quoted(value)),
            meaning: String::new(),
        });
        self.known.iter().cloned().chain(values).take(MOST).collect()
    }

    /// The part of a value that is typed already.
    #[must_use]
    pub fn typed_value(&self) -> String {
        self.typed.strip_prefix(self.around.0).unwrap_or(&self.typed).trim_start_matches('"').to_owned()
    }

    fn known(from: usize, typed: &str, offers: impl Iterator<Item = Offer>) -> Self {
        let known = offers.filter(|offer| begins(&offer.text, typed)).collect();
        Self { from, typed: typed.to_owned(), source: None, around: ("", ""), known }
    }

    fn of_source(from: usize, typed: &str, source: Source) -> Self {
        Self { source: Some(source), ..Self::known(from, typed, std::iter::empty()) }
    }

    /// Names of fields. Where a header's name is typed, those of the recording.
    fn of_names(from: usize, typed: &str) -> Self {
        for prefix in ["header.", "req.header.", "res.header."] {
            if begins(typed, prefix) {
                return Self { around: (prefix, ":"), ..Self::of_source(from, typed, Source::HeaderNames) };
            }
        }
        let mut place = Self::known(from, typed, FIELDS.iter().map(FieldName::offer));
        // All names for a place where nothing is typed would hide the ones that are used.
        place.known.truncate(MOST);
        place
    }

    fn of_values(from: usize, typed: &str, of: &Field, kind: Option<Kind>) -> Self {
        let source = match of {
            Field::Host | Field::Domain | Field::Destination | Field::Sni => Some(Source::Hosts),
            Field::Path | Field::Url => Some(Source::Paths),
            Field::Type | Field::RequestType => Some(Source::Types),
            Field::Method => Some(Source::Methods),
            Field::Status => Some(Source::Statuses),
            Field::Client => Some(Source::Clients),
            Field::Program => Some(Source::Programs),
            Field::Rule => Some(Source::Rules),
            Field::Snapshot => Some(Source::Snapshots),
            _ => None,
        };
        let named = named(of, kind).into_iter().map(|(text, meaning)| Offer { text, meaning });
        Self { source, ..Self::known(from, typed, named) }
    }
}

/// The values of a field that have names, and examples where a value has a form of its own.
fn named(of: &Field, kind: Option<Kind>) -> Vec<(String, String)> {
    let plain = |names: Vec<&str>| names.into_iter().map(|name| (name.to_owned(), String::new())).collect();
    match (of, kind.unwrap_or_else(|| of.kind())) {
        (Field::Level, _) => plain(Level::ALL.map(Level::as_str).to_vec()),
        (Field::Fail, _) => {
            names::failures().map(|(side, stage)| (format!("{side}/{stage}"), String::new())).collect()
        }
        (_, Kind::Name) => plain(names::table(of).iter().map(|(name, _)| *name).collect()),
        (_, Kind::Status) => plain(vec!["2xx", "3xx", "4xx", "5xx"]),
        (_, Kind::Duration) => plain(vec![">100ms", ">500ms", ">1s", ">10s"]),
        (_, Kind::Size) => plain(vec![">10KB", ">100KB", ">1MB", ">10MB"]),
        (_, Kind::Time(_)) => plain(vec!["10m", "1h", "1d", "7d"]),
        _ => Vec::new(),
    }
}

impl FieldName {
    fn offer(&self) -> Offer {
        let text = if self.name.ends_with('.') { self.name.to_owned() } else { format!("{}:", self.name) };
        Offer { text, meaning: self.meaning.to_owned() }
    }
}

/// The beginning of the word that ends at the end of `before`, in characters.
fn word(before: &[char]) -> usize {
    let (mut start, mut quote) = (0, None);
    for (at, character) in before.iter().enumerate() {
        match (quote, *character) {
            (Some(open), closing) if open == closing => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(*character),
            (None, other) if other.is_whitespace() || matches!(other, '(' | ')' | '|') => start = at + 1,
            (None, _) => {}
        }
    }
    start
}

/// The field of the operator whose argument follows `before`.
fn argument(before: &[char]) -> Option<Field> {
    let before: String = before.iter().collect();
    let mut words = before.split(|character: char| character.is_whitespace() || "(|!&".contains(character));
    let last = words.rfind(|word| !word.is_empty())?;
    // Something between it and the word would be its argument.
    before.trim_end().ends_with(last).then(|| crate::parse::argument_of(last.strip_prefix('~')?)).flatten()
}

fn begins(text: &str, with: &str) -> bool {
    text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// A value as it is written.
fn quoted(value: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "._-:/@+%~;{}".contains(character);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = quote::write(&mut text, value);
    text
}
