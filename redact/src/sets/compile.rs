//! Definitions made into sets.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use self::subject::{Subject, subject};
use super::{DEFAULT, InvalidSet, Set};
use crate::definitions::{Definitions, Keep, Rule, SetDefinition};
use crate::detect::rules::TextRules;
use crate::how::{How, On};
use crate::names::{Entry, MOST_STEPS, NameRules, Place, Scope, To, usual};
use crate::placeholder::is_kind;

mod subject;

/// The version of what is compiled in: names, detectors, how values are read. It is part of every set's hash, and
/// becomes another with each change of them.
const BUILT_IN: u32 = 1;

/// Rules and exceptions of one place in the definitions, in the order in which they decide.
struct Layer<'d> {
    place: String,
    keep: &'d [Keep],
    rules: &'d [Rule],
}

/// The set `name` of `definitions`.
pub(super) fn set(definitions: &Definitions, name: &str) -> Result<Set, InvalidSet> {
    let (layers, built_in) = layers(definitions, name)?;
    let (mut names, mut texts) = (NameRules::default(), TextRules::default());
    names.built_in = built_in;
    names.no_seal = definitions.no_seal || definitions.seal_for.is_zero();
    for layer in &layers {
        for (index, keep) in layer.keep.iter().enumerate() {
            let fault =
                |fault| InvalidSet { place: format!("{}, exception {}", layer.place, index + 1), fault };
            add_keep(&mut names, keep).and_then(|()| texts.add_keep(keep)).map_err(fault)?;
        }
        for (index, rule) in layer.rules.iter().enumerate() {
            let fault = |fault| InvalidSet { place: format!("{}, rule {}", layer.place, index + 1), fault };
            add_rule(&mut names, rule).and_then(|()| texts.add_rule(rule)).map_err(fault)?;
        }
    }
    if built_in {
        texts.add_built_in();
    }
    let label = label(definitions, name, (&layers, built_in)).into();
    Ok(Set { label, names, texts, too_large: definitions.too_large, body_limit: definitions.body_limit })
}

/// The layers of the set `name`, the one that decides first first; true if what is compiled in comes last.
fn layers<'d>(definitions: &'d Definitions, name: &str) -> Result<(Vec<Layer<'d>>, bool), InvalidSet> {
    let mut layers =
        vec![Layer { place: "redaction.added".to_owned(), keep: &[], rules: &definitions.added }];
    let (mut next, mut seen) = (name, Vec::new());
    while next != DEFAULT {
        let place = format!("redaction.sets.{next}");
        let invalid = |fault| InvalidSet { place: place.clone(), fault };
        if seen.contains(&next) {
            return Err(invalid(
                "it adds to itself: let the last of the sets have `from = \"default\"`".to_owned(),
            ));
        }
        seen.push(next);
        let (found, definition) = definitions.sets.get_key_value(next).ok_or_else(|| {
            let before = seen.iter().rev().nth(1).unwrap_or(&next);
            InvalidSet {
                place: format!("redaction.sets.{before}.from"),
                fault: unknown(definitions, next, ""),
            }
        })?;
        check_name(found).map_err(invalid)?;
        let SetDefinition { from, rules, keep } = definition;
        layers.push(Layer { place, keep, rules });
        match from {
            Some(from) => next = from,
            None => return Ok((layers, false)),
        }
    }
    if definitions.sets.contains_key(DEFAULT) {
        let fault = "this set is compiled in: give yours another name, and `from = \"default\"`".to_owned();
        return Err(InvalidSet { place: format!("redaction.sets.{DEFAULT}"), fault });
    }
    Ok((layers, true))
}

/// Says that there is no set `name`, and which there are.
pub(super) fn unknown(definitions: &Definitions, name: &str, or: &str) -> String {
    let names: Vec<&str> = definitions.sets.keys().map(String::as_str).chain([DEFAULT]).collect();
    format!("there is no set `{name}`; write one of {}{or}", names.join(", "))
}

fn check_name(name: &str) -> Result<(), String> {
    match name {
        "off" => Err("`off` turns redaction off: give the set another name".to_owned()),
        _ if is_kind(name) => Ok(()),
        _ => {
            Err("a set's name has lower-case letters, digits and hyphens, and begins with a letter"
                .to_owned())
        }
    }
}

fn add_rule(names: &mut NameRules, rule: &Rule) -> Result<(), String> {
    let Rule { on, host, how, kind, .. } = rule;
    if let Some(kind) = kind.as_deref().filter(|kind| !is_kind(kind)) {
        return Err(format!(
            "`{kind}` is no kind: write lower-case letters, digits and hyphens, as `customer-number`"
        ));
    }
    let subject = subject([
        &rule.header,
        &rule.cookie,
        &rule.query,
        &rule.form,
        &rule.json,
        &rule.regex,
        &rule.detector,
    ])?;
    let scope = scope(names, *on, host.as_deref())?;
    let name = match &subject {
        Subject::Name(place, name) => Some((*place, *name)),
        Subject::Path(path) => match &path[path.len() - 1].to {
            To::Member(name) => Some((Place::Json, name.as_str())),
            To::Element(_) | To::Any => None,
        },
        Subject::Text => return Ok(()),
    };
    let usual = name.and_then(|(place, name)| usual(place, name.as_bytes()));
    let (usual_kind, usual_how) = usual.unwrap_or(("secret", How::Seal));
    let replace = (kind.clone().unwrap_or_else(|| usual_kind.to_owned()), how.unwrap_or(usual_how));
    add(names, subject, Entry { scope, replace: Some(replace) })
}

fn add_keep(names: &mut NameRules, keep: &Keep) -> Result<(), String> {
    let subject = subject([
        &keep.header,
        &keep.cookie,
        &keep.query,
        &keep.form,
        &keep.json,
        &keep.regex,
        &keep.detector,
    ])?;
    let scope = scope(names, keep.on, keep.host.as_deref())?;
    add(names, subject, Entry { scope, replace: None })
}

fn add(names: &mut NameRules, subject: Subject<'_>, entry: Entry) -> Result<(), String> {
    let scope = entry.scope;
    match subject {
        Subject::Text => return Ok(()),
        Subject::Name(place, name) => {
            let entry = names.push(entry);
            names.name(place, name, entry);
        }
        Subject::Path(path) => {
            let entry = names.push(entry);
            // `$..name` is a name, wherever it stands.
            match path.as_slice() {
                [step] if step.anywhere => {
                    if let To::Member(name) = &step.to {
                        names.key(name, entry);
                        return Ok(());
                    }
                }
                _ => {}
            }
            if !names.paths_mut().add(path, scope, entry) {
                return Err(format!(
                    "the paths of a set have {MOST_STEPS} steps at most, together: write `$..name` where a name says enough"
                ));
            }
        }
    }
    Ok(())
}

fn scope(names: &mut NameRules, on: Option<On>, host: Option<&str>) -> Result<Scope, String> {
    let Some(host) = host else { return Ok(Scope { on, host: 0 }) };
    let is_part = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'*' | b':') || byte >= 0x80
    };
    if host.is_empty() || host.contains("//") || !host.bytes().all(is_part) {
        return Err(format!(
            "`{host}` is no host: write its name, with `*` for any characters, as `*.pay.example`"
        ));
    }
    let host =
        names.host(host).ok_or("a set's rules have 64 different hosts at most: use `*` for some of them")?;
    Ok(Scope { on, host })
}

/// The name, and 32 bits of the hash of all that the set says.
fn label(definitions: &Definitions, name: &str, (layers, built_in): (&[Layer<'_>], bool)) -> String {
    let layers: Vec<_> =
        layers.iter().map(|layer| serde_json::json!({"keep": layer.keep, "rules": layer.rules})).collect();
    let canonical = serde_json::json!({
        "body_limit": definitions.body_limit,
        "built_in": built_in.then_some(BUILT_IN),
        "layers": layers,
        "no_seal": definitions.no_seal || definitions.seal_for.is_zero(),
        "too_large": definitions.too_large,
    });
    let mut label = format!("{name}@");
    for byte in &Sha256::digest(canonical.to_string())[..4] {
        let _ = write!(label, "{byte:02x}");
    }
    label
}
