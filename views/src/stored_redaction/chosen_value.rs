//! A value of an exchange that somebody wants to have redacted, by its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use dashcam_redact::{Chosen, Definitions, How, InvalidSet, On, Rule, Set, SetDefinition, Sets};

/// The name of sets that are made for one value.
const NAME: &str = "value";
/// A shorter value stands by chance in many places.
pub const SHORTEST: usize = 6;

/// The rule for a place such as `request.header:authorization`, `response.json:$.a.b`, `request.query:key`,
/// `request.cookie:sid` or `request.form:pin`.
///
/// # Errors
/// A sentence, for people.
pub fn rule(place: &str) -> Result<Rule, String> {
    let wrong = || {
        format!(
            "\u{201c}{place}\u{201d} is no place: write request or response, a dot, one of header, cookie, query, form and json, \
             a colon and the name, as in request.header:authorization or response.json:$.token."
        )
    };
    let (side, rest) = place.split_once('.').ok_or_else(wrong)?;
    let (kind, name) = rest.split_once(':').ok_or_else(wrong)?;
    let on = match side {
        "request" => On::Request,
        "response" => On::Response,
        "message" => On::Message,
        _ => return Err(wrong()),
    };
    if name.trim().is_empty() {
        return Err(wrong());
    }
    let name = Some(name.to_owned());
    let rule =
        Rule { on: Some(on), how: Some(How::Seal), kind: Some("chosen".to_owned()), ..Rule::default() };
    match kind {
        "header" => Ok(Rule { header: name, ..rule }),
        "cookie" => Ok(Rule { cookie: name, ..rule }),
        "query" => Ok(Rule { query: name, ..rule }),
        "form" => Ok(Rule { form: name, ..rule }),
        "json" => Ok(Rule { json: name, ..rule }),
        _ => Err(wrong()),
    }
}

/// The rule for a value, wherever it stands.
///
/// # Errors
/// A sentence, for people, without the value.
pub fn rule_of_value(value: &[u8]) -> Result<Rule, String> {
    let text = std::str::from_utf8(value)
        .map_err(|_| "The value is no text, and can't be searched for: redact it here alone.".to_owned())?;
    if text.len() < SHORTEST {
        return Err(format!(
            "The value is shorter than {SHORTEST} characters, and would be found in many places by chance: redact it here alone, \
             or from now on."
        ));
    }
    let regex = text.chars().fold(String::new(), |mut regex, character| {
        if r"\.+*?()|[]{}^$#&-~".contains(character) {
            regex.push('\\');
        }
        regex.push(character);
        regex
    });
    Ok(Rule { regex: Some(regex), how: Some(How::Seal), kind: Some("chosen".to_owned()), ..Rule::default() })
}

/// A set of these rules alone, with all else as `definitions` have it.
///
/// # Errors
/// When a rule makes no sense.
pub fn set_of(rules: Vec<Rule>, definitions: &Definitions) -> Result<Arc<Set>, InvalidSet> {
    let own = SetDefinition { rules, ..SetDefinition::default() };
    let definitions = Definitions {
        set: Chosen::Set(NAME.to_owned()),
        sets: BTreeMap::from([(NAME.to_owned(), own)]),
        added: Vec::new(),
        ..definitions.clone()
    };
    let sets = Sets::compile(&definitions)?;
    let set = sets.set(None).map(Arc::clone);
    set.ok_or_else(|| InvalidSet { place: NAME.to_owned(), fault: "it is not there".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_rules() {
        let header = rule("request.header:authorization").unwrap();
        assert_eq!((header.header.as_deref(), header.on), (Some("authorization"), Some(On::Request)));
        assert_eq!(rule("response.json:$.a.b").unwrap().json.as_deref(), Some("$.a.b"));
        assert_eq!(rule("request.query:api.key").unwrap().query.as_deref(), Some("api.key"));
        for wrong in ["", "header:a", "request.header", "request.header:", "request.body:a", "reply.header:a"]
        {
            assert!(rule(wrong).unwrap_err().contains("request.header:authorization"), "{wrong}");
        }
    }

    #[test]
    fn values_are_taken_literally() {
        let rule = rule_of_value(b"a.b+c/d$_-").unwrap();
        assert_eq!(rule.regex.as_deref(), Some(r"a\.b\+c/d\$_\-"));
        assert!(rule_of_value(b"12345").unwrap_err().contains("shorter"));
        assert!(rule_of_value(b"\xff\xfe\xff\xfe\xff\xfe").unwrap_err().contains("no text"));
    }
}
