//! The schema of rules of redaction: they are written as in `config.toml`.

use utoipa::ToSchema;

/// How a secret is replaced.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum RedactionHow {
    /// Nothing stands in its place.
    Remove,
    /// Its kind and about how long it was.
    Mask,
    /// A name made of it with a key: equal secrets have the same.
    Pseudonym,
    /// The same name, under which it is kept encrypted for a while.
    Seal,
}

/// Part of an exchange in which a rule of redaction holds.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum RedactionOn {
    /// The request's head and body.
    Request,
    /// The response's head and body.
    Response,
    /// Messages, both ways.
    Message,
}

/// A rule of redaction: one of the first seven says where the values stand.
#[derive(Debug, ToSchema)]
pub struct RedactionRule {
    /// Values of headers of this name.
    pub header: Option<String>,
    /// Values of cookies of this name.
    pub cookie: Option<String>,
    /// Values of parameters of this name in URLs.
    pub query: Option<String>,
    /// Values of fields of this name in forms.
    pub form: Option<String>,
    /// Values at this path in JSON: `$.user.password`, `$..card`.
    pub json: Option<String>,
    /// Texts that match; only the first group where the expression has one.
    pub regex: Option<String>,
    /// Texts that this detector finds.
    pub detector: Option<String>,
    /// Only in these parts of exchanges.
    pub on: Option<RedactionOn>,
    /// Only for hosts that match, as `*.pay.example`.
    pub host: Option<String>,
    /// How they are replaced; the kind's usual way where nothing is said.
    pub how: Option<RedactionHow>,
    /// The kind that stands in placeholders.
    pub kind: Option<String>,
}

/// An exception from rules of redaction: one of the first seven says where values stand that are left as they are.
#[derive(Debug, ToSchema)]
pub struct RedactionKeep {
    /// Values of headers of this name.
    pub header: Option<String>,
    /// Values of cookies of this name.
    pub cookie: Option<String>,
    /// Values of parameters of this name in URLs.
    pub query: Option<String>,
    /// Values of fields of this name in forms.
    pub form: Option<String>,
    /// Values at this path in JSON.
    pub json: Option<String>,
    /// Texts that match as a whole, where a detector has found them.
    pub regex: Option<String>,
    /// The detector is switched off.
    pub detector: Option<String>,
    /// Only in these parts of exchanges.
    pub on: Option<RedactionOn>,
    /// Only for hosts that match.
    pub host: Option<String>,
}

#[cfg(test)]
mod tests {
    use dashcam_redact::{How, Keep, On, Rule};
    use serde_json::{Value, json};
    use utoipa::PartialSchema;

    use super::*;

    fn schema<T: PartialSchema>() -> Value {
        serde_json::to_value(T::schema()).unwrap()
    }

    fn names(value: &Value) -> Vec<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn they_are_those_of_the_rules_themselves() {
        let text = || Some(String::new());
        let (how, on) = (Some(How::Seal), Some(On::Request));
        let places = (text(), text(), text(), text(), text(), text(), text());
        let (header, cookie, query, form, json, regex, detector) = places.clone();
        let rule =
            Rule { header, cookie, query, form, json, regex, detector, on, host: text(), how, kind: text() };
        let (header, cookie, query, form, json, regex, detector) = places;
        let keep = Keep { header, cookie, query, form, json, regex, detector, on, host: text() };
        let (rule, keep) = (serde_json::to_value(rule).unwrap(), serde_json::to_value(keep).unwrap());
        assert_eq!(names(&schema::<RedactionRule>()["properties"]), names(&rule));
        assert_eq!(names(&schema::<RedactionKeep>()["properties"]), names(&keep));
        let all = [How::Remove, How::Mask, How::Pseudonym, How::Seal];
        assert_eq!(schema::<RedactionHow>()["enum"], json!(all));
        assert_eq!(schema::<RedactionOn>()["enum"], json!([On::Request, On::Response, On::Message]));
    }
}
