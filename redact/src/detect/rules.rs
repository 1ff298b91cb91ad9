//! The rules of a set about texts: which detectors look at them, and which expressions.

use regex::bytes::{Regex, RegexBuilder};

use super::detector::Detector;
use crate::definitions::{Keep, Rule};
use crate::how::{How, On};
use crate::names::Treatment;

/// Memory that one expression may take when it is compiled.
const EXPRESSION: usize = 1 << 20;

/// Rules about texts, the first that matches decides.
#[derive(Debug, Default)]
pub(crate) struct TextRules {
    rules: Vec<TextRule>,
    keeps: Vec<TextRule>,
    /// True if one of the rules is an expression.
    has_expressions: bool,
}

#[derive(Debug)]
struct TextRule {
    what: What,
    on: Option<On>,
    host: Option<String>,
    how: Option<How>,
    kind: Option<String>,
}

#[derive(Debug)]
enum What {
    Detector(Detector),
    Regex(Regex),
}

impl TextRules {
    /// Adds a rule, if it is about texts.
    ///
    /// # Errors
    /// Says what is wrong with its detector or expression.
    pub(crate) fn add_rule(&mut self, rule: &Rule) -> Result<(), String> {
        if let Some(what) = what(rule.detector.as_deref(), rule.regex.as_deref())? {
            self.has_expressions |= matches!(what, What::Regex(_));
            let (host, kind) = (rule.host.clone(), rule.kind.clone());
            self.rules.push(TextRule { what, on: rule.on, host, how: rule.how, kind });
        }
        Ok(())
    }

    /// Adds an exception, if it is about texts.
    ///
    /// # Errors
    /// Says what is wrong with its detector or expression.
    pub(crate) fn add_keep(&mut self, keep: &Keep) -> Result<(), String> {
        if let Some(what) = what(keep.detector.as_deref(), keep.regex.as_deref())? {
            let host = keep.host.clone();
            self.keeps.push(TextRule { what, on: keep.on, host, how: None, kind: None });
        }
        Ok(())
    }

    /// Adds all detectors.
    pub(crate) fn add_built_in(&mut self) {
        let detectors = super::detector::DETECTORS.iter().map(|(detector, _)| What::Detector(*detector));
        self.rules.extend(detectors.map(|what| TextRule {
            what,
            on: None,
            host: None,
            how: None,
            kind: None,
        }));
    }

    /// The rules for an exchange with `host`.
    pub(crate) fn for_host(&self, host: &str) -> Texts<'_> {
        let all = || self.rules.iter().chain(&self.keeps);
        let elsewhere = if all().any(|rule| rule.host.is_some()) {
            let matches = |rule: &TextRule| rule.host.as_ref().is_some_and(|glob| !is_host(glob, host));
            all().map(matches).collect()
        } else {
            Vec::new()
        };
        Texts { rules: self, elsewhere }
    }
}

fn what(detector: Option<&str>, regex: Option<&str>) -> Result<Option<What>, String> {
    if let Some(name) = detector {
        let names: Vec<&str> = super::detector::DETECTORS.iter().map(|(_, name)| *name).collect();
        let known = Detector::parse(name)
            .ok_or_else(|| format!("there is no detector `{name}`; there are {}", names.join(", ")))?;
        return Ok(Some(What::Detector(known)));
    }
    let Some(regex) = regex else { return Ok(None) };
    let compiled = RegexBuilder::new(regex).size_limit(EXPRESSION).build();
    compiled
        .map(|regex| Some(What::Regex(regex)))
        .map_err(|error| format!("`{regex}` is no expression: {}", fault(&error)))
}

/// The fault in an expression, in a line: the crate regex draws a picture before it.
fn fault(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// Returns whether `host` matches `glob`, in which `*` stands for any characters.
fn is_host(glob: &str, host: &str) -> bool {
    fn matches(glob: &[u8], host: &[u8]) -> bool {
        match glob {
            [] => host.is_empty(),
            [b'*', rest @ ..] => (0..=host.len()).any(|skipped| matches(rest, &host[skipped..])),
            [first, rest @ ..] => {
                host.first().is_some_and(|byte| byte.eq_ignore_ascii_case(first)) && matches(rest, &host[1..])
            }
        }
    }
    matches(glob.as_bytes(), host.as_bytes())
}

/// The rules about texts for one exchange.
#[derive(Debug)]
pub(crate) struct Texts<'s> {
    rules: &'s TextRules,
    /// Rules, and keeps behind them, that are for other hosts; empty if none name a host.
    elsewhere: Vec<bool>,
}

impl<'s> Texts<'s> {
    fn rules(&self, on: On) -> impl Iterator<Item = &'s TextRule> {
        let is_here = |index: usize| !self.elsewhere.get(index).is_some_and(|elsewhere| *elsewhere);
        let rules = self.rules.rules.iter().enumerate();
        rules
            .filter(move |(index, rule)| rule.on.is_none_or(|only| only == on) && is_here(*index))
            .map(|(_, rule)| rule)
    }

    fn keeps(&self, on: On) -> impl Iterator<Item = &'s TextRule> {
        let before = self.rules.rules.len();
        let is_here =
            move |index: usize| !self.elsewhere.get(before + index).is_some_and(|elsewhere| *elsewhere);
        let keeps = self.rules.keeps.iter().enumerate();
        keeps
            .filter(move |(index, rule)| rule.on.is_none_or(|only| only == on) && is_here(*index))
            .map(|(_, rule)| rule)
    }

    /// The way to replace what `detector` finds; `None` if it does not look there.
    pub(super) fn detector(&self, on: On, detector: Detector, kind: &'s str) -> Option<Treatment<'s>> {
        let is = |rule: &&TextRule| matches!(rule.what, What::Detector(own) if own == detector);
        if self.keeps(on).any(|keep| is(&keep)) {
            return None;
        }
        let rule = self.rules(on).find(is)?;
        let how = rule.how.unwrap_or(detector.how());
        Some(Treatment::new(rule.kind.as_deref().unwrap_or(kind), how))
    }

    /// Returns whether an exception says that this text stays.
    pub(super) fn keeps_text(&self, on: On, text: &[u8]) -> bool {
        self.keeps(on).any(|keep| match &keep.what {
            What::Regex(regex) => regex.find(text).is_some_and(|found| found.range() == (0..text.len())),
            What::Detector(_) => false,
        })
    }

    /// The expressions, with the way to replace what they match.
    pub(super) fn expressions(&self, on: On) -> impl Iterator<Item = (&'s Regex, Treatment<'s>)> {
        self.rules(on).filter_map(|rule| match &rule.what {
            What::Regex(regex) => {
                let kind = rule.kind.as_deref().unwrap_or("match");
                Some((regex, Treatment::new(kind, rule.how.unwrap_or(How::Seal))))
            }
            What::Detector(_) => None,
        })
    }

    /// Returns whether there are expressions: then no text can be passed over.
    #[inline]
    pub(crate) fn has_expressions(&self) -> bool {
        self.rules.has_expressions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert!(is_host("*.pay.example", "api.pay.example"));
        assert!(!is_host("*.pay.example", "pay.example"));
        assert!(is_host("pay.example", "PAY.example"));
    }

    #[test]
    fn faults() {
        let rule = |detector: Option<&str>, regex: Option<&str>| Rule {
            detector: detector.map(str::to_owned),
            regex: regex.map(str::to_owned),
            ..Rule::default()
        };
        let add = |rule: Rule| TextRules::default().add_rule(&rule);
        assert!(add(rule(Some("card"), None)).is_ok());
        assert!(add(rule(Some("cards"), None)).unwrap_err().contains("url-credential"));
        assert!(add(rule(None, Some("("))).is_err());
    }
}
