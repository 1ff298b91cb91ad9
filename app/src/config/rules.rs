//! `[[rules]]`: checked one by one, so that a fault is found in its line.

use std::collections::BTreeMap;
use std::path::Path;

use dashcam_control::{Rule, Settings};
use dashcam_filter::{Context, Filter};
use jiff::Zoned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigFault;

/// Checks `rules`, which `text` has.
pub(super) fn check(path: &Path, text: &str, rules: &[Rule]) -> Result<(), ConfigFault> {
    for count in 1..=rules.len() {
        let settings = Settings { rules: rules[..count].to_vec(), ..Settings::default() };
        if let Err(fault) = settings.clone().checked() {
            let start = start(text, count - 1, settings);
            return Err(ConfigFault::at(path, text, start.map(|start| start..start), &fault.to_string()));
        }
    }
    Ok(())
}

/// The offset of the fault of the rule `index`, which is the last of `settings`: of a filter, the place in it.
fn start(text: &str, index: usize, mut settings: Settings) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let table = document.get_ref().get("rules")?.get_ref().get(index)?;
    let value = |key: &str| table.get_ref().as_table()?.get(key);
    let rule = settings.rules.last_mut()?;
    let in_filter = value("match").and_then(|value| in_filter(text, &rule.filter, value));
    let at = in_filter.or_else(|| value(faulty_key(settings)).map(|value| value.span().start));
    at.or(Some(table.span().start))
}

/// The key of the last rule of `settings` without which they make sense.
fn faulty_key(mut settings: Settings) -> &'static str {
    let makes_sense = |settings: &Settings| settings.clone().checked().is_ok();
    if let Some(rule) = settings.rules.last_mut() {
        rule.filter.clear();
    }
    if makes_sense(&settings) {
        return "match";
    }
    if let Some(rule) = settings.rules.last_mut() {
        rule.body_limit = None;
    }
    if makes_sense(&settings) { "body_limit" } else { "name" }
}

/// The offset of the fault in `filter`, which stands at `value`; `None` if there is none, or it is written with escapes.
fn in_filter(text: &str, filter: &str, value: &Spanned<DeValue<'_>>) -> Option<usize> {
    let (now, presets) = (Zoned::now(), BTreeMap::new());
    let fault = Filter::parse(filter, &Context { now: &now, presets: &presets }).err()?;
    let begins = value.span().start + text.get(value.span())?.find(filter)?;
    Some(begins + filter.chars().take(fault.column - 1).map(char::len_utf8).sum::<usize>())
}
