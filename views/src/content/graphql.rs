//! GraphQL over HTTP: the query, laid out, and its variables; in a POST, or in the query of a GET.

mod layout;

use serde_json::Value;

use super::budget::Budget;
use super::json;
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Language, Section, Sections, Shown};

/// Shows the query with its operation's name, its variables and its extensions; of a batch each of them.
pub(super) const VIEW: ViewSpec =
    ViewSpec { name: "graphql", title: "GraphQL", kind: "sections", fits, show };

/// The most queries of a batch.
const MOST_QUERIES: usize = 100;

fn fits(subject: &Subject) -> Option<Fit> {
    if subject.is_response {
        return None;
    }
    if subject.is(&["application/graphql"]) {
        return subject.text.as_ref().map(|_| Fit::Certain);
    }
    let is_path = subject.path().to_ascii_lowercase().contains("graphql");
    if subject.bytes.is_empty() {
        let query = subject.query("query").unwrap_or_default();
        return (is_query(&query) || is_path && subject.query("operationName").is_some())
            .then_some(Fit::Certain);
    }
    let text = subject.trimmed();
    let is_document = text.starts_with(['{', '[']);
    let has_query = || text.contains("\"query\"") || text.contains("\"persistedQuery\"");
    if !is_document || !has_query() {
        return None;
    }
    if is_path {
        return Some(Fit::Certain);
    }
    let looks_so = json::parsed(text).is_some_and(|document| {
        document["query"].as_str().is_some_and(is_query)
            || document[0]["query"].as_str().is_some_and(is_query)
    });
    looks_so.then_some(Fit::Certain)
}

/// Returns whether a text begins like a query: other APIs have a member of that name as well.
fn is_query(text: &str) -> bool {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix('#') {
        rest = comment.split_once('\n').map_or("", |(_, behind)| behind).trim_start();
    }
    let is_word = |word| rest.strip_prefix(word).is_some_and(|behind: &str| behind.contains('{'));
    rest.starts_with('{') && rest.contains('}')
        || ["query", "mutation", "subscription", "fragment"].into_iter().any(is_word)
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let mut sections = Vec::new();
    if subject.is(&["application/graphql"]) {
        sections.push(query(subject.text.as_deref()?, "Query".to_owned(), budget));
    } else if subject.bytes.is_empty() {
        let named =
            ["query", "operationName", "variables", "extensions"].map(|name| (name, subject.query(name)));
        let members = named.into_iter().filter_map(|(name, text)| {
            let text = text?;
            let value = match name {
                "query" | "operationName" => Value::String(text),
                _ => json::parsed(&text).unwrap_or(Value::String(text)),
            };
            Some((name.to_owned(), value))
        });
        operation(&members.collect(), "", &mut sections, budget);
    } else {
        match json::parsed(subject.trimmed())? {
            Value::Array(batch) => {
                for (at, one) in batch.iter().take(MOST_QUERIES).enumerate() {
                    operation(one, &format!(" {}", at + 1), &mut sections, budget);
                }
            }
            one => operation(&one, "", &mut sections, budget),
        }
    }
    (!sections.is_empty()).then_some(Shown::Sections(Sections { sections }))
}

/// The sections of one operation.
fn operation(of: &Value, number: &str, sections: &mut Vec<Section>, budget: &Budget) {
    let name = of["operationName"].as_str().filter(|name| !name.is_empty());
    let title = format!("Query{number}") + &name.map(|name| format!(": {name}")).unwrap_or_default();
    match of["query"].as_str() {
        Some(text) => sections.push(query(text, title, budget)),
        None if name.is_some() => {
            let shown = Shown::text(Language::Plain, "It is sent by its hash, without its text.".to_owned());
            sections.push(Section { title, shown });
        }
        None => {}
    }
    for (member, title) in [("variables", "Variables"), ("extensions", "Extensions")] {
        let is_empty =
            |value: &Value| value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
        if let Some(value) = of.get(member).filter(|value| !is_empty(value)) {
            let shown = json::pretty(&value.to_string(), budget);
            sections.push(Section { title: format!("{title}{number}"), shown });
        }
    }
}

fn query(text: &str, title: String, budget: &Budget) -> Section {
    Section { title, shown: Shown::text(Language::Graphql, layout::laid_out(text, budget)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(subject: &Subject) -> Vec<(String, String)> {
        assert_eq!(fits(subject), Some(Fit::Certain), "{subject:?}");
        let Some(Shown::Sections(Sections { sections })) = show(subject, &Budget::begin()) else { panic!() };
        let text = |section: Section| match section.shown {
            Shown::Text(text) => (section.title, text.text),
            other => panic!("{other:?}"),
        };
        sections.into_iter().map(text).collect()
    }

    fn post(path: &str, body: &str) -> Subject {
        Subject { target: path.into(), text: Some(body.into()), bytes: body.into(), ..Subject::default() }
    }

    fn pair(title: &str, text: &str) -> (String, String) {
        (title.to_owned(), text.to_owned())
    }

    #[test]
    fn a_post_a_batch_and_a_get() {
        let body = r#"{"operationName":"A","query":"query A($b:Int){c(d:$b){e}}","variables":{"b":1}}"#;
        let query = "query A($b: Int) {\n  c(d: $b) {\n    e\n  }\n}";
        let expect = [pair("Query: A", query), pair("Variables", "{\n  \"b\": 1\n}")];
        assert_eq!(sections(&post("/api", body)), expect);
        let batch = sections(&post("/graphql", &format!("[{body},{body}]")));
        assert_eq!((batch.len(), batch[2].0.as_str()), (4, "Query 2: A"));
        let target = "/q?query=%7Ba%7D&variables=%7B%22b%22%3A1%7D".into();
        let get = Subject { target, ..Subject::default() };
        assert_eq!(sections(&get), [pair("Query", "{\n  a\n}"), pair("Variables", "{\n  \"b\": 1\n}")]);
    }

    #[test]
    fn other_documents_are_none() {
        assert_eq!(fits(&post("/search", r#"{"query":"shoes"}"#)), None);
        assert_eq!(fits(&post("/search", r#"{"query":{"match":{}}}"#)), None);
        assert_eq!(fits(&Subject { target: "/search?query=query".into(), ..Subject::default() }), None);
    }
}
