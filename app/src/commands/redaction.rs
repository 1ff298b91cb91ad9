//! `dashcam redaction`: the sets of redaction, and the rules that were added while dashcam ran.

use anyhow::{Context as _, Result, bail};
use dashcam_redact::Rule;
use dashcam_web_ui::dto::{RedactionInForce, RedactionSet};
use hyper::Method;
use serde_json::{Value, json};

use crate::cli::{JsonArgs, RedactionAddArgs, RedactionCommand};
use crate::client::Client;
use crate::terminal::{escaped, print, print_json};

/// The places that a rule can name.
const PLACES: [&str; 7] = ["header", "cookie", "query", "form", "json", "regex", "detector"];

/// Does what `command` says.
pub(crate) async fn redaction(client: &Client, command: Option<RedactionCommand>) -> Result<()> {
    match command.unwrap_or(RedactionCommand::Ls(JsonArgs { json: false })) {
        RedactionCommand::Ls(args) if args.json => print_json(&client.get("/redaction").await?.to_string()),
        RedactionCommand::Ls(_) => print(listed(&in_force(client).await?)?),
        RedactionCommand::Show { set } => show(client, &set).await,
        RedactionCommand::Add(args) => add(client, args).await,
        RedactionCommand::Rm { numbers, why } => remove(client, &numbers, why).await,
    }
}

async fn in_force(client: &Client) -> Result<RedactionInForce> {
    Ok(serde_json::from_value(client.get("/redaction").await?)?)
}

async fn show(client: &Client, name: &str) -> Result<()> {
    let in_force = in_force(client).await?;
    if name == "default" {
        return print("default: what docs/REDACTION.md lists; it is part of dashcam\n");
    }
    match in_force.sets.iter().find(|set| set.name == name) {
        Some(set) => print(of_set(set)?),
        None => bail!("there is no redaction set {name}: `dashcam redaction ls` lists them"),
    }
}

async fn add(client: &Client, args: RedactionAddArgs) -> Result<()> {
    let rule = rule(&args)?;
    let mut added = in_force(client).await?.added;
    added.push(rule);
    change(client, &added, args.why).await
}

async fn remove(client: &Client, numbers: &[usize], why: Option<String>) -> Result<()> {
    let mut added = in_force(client).await?.added;
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers.into_iter().rev() {
        let index = number.checked_sub(1).filter(|index| *index < added.len());
        added.remove(
            index.with_context(|| format!("there is no rule {number}: `dashcam redaction ls` lists them"))?,
        );
    }
    change(client, &added, why).await
}

/// Puts `added` in the place of the rules that were added.
async fn change(client: &Client, added: &[Rule], why: Option<String>) -> Result<()> {
    let patch = json!({"redaction": added, "why": why});
    client.call(Method::PATCH, "/settings", Some(patch)).await?;
    print(match added.len() {
        1 => "1 rule of redaction stands before every set\n".to_owned(),
        count => format!("{count} rules of redaction stand before every set\n"),
    })
}

/// The rule that the arguments describe.
fn rule(args: &RedactionAddArgs) -> Result<Rule> {
    let named =
        args.place.split_once(':').filter(|(place, value)| PLACES.contains(place) && !value.is_empty());
    let Some((place, value)) = named else {
        bail!(
            "{:?} is no place: write one of {}, a colon and what to look for",
            args.place,
            PLACES.join(", ")
        );
    };
    let mut rule = serde_json::Map::from_iter([(place.to_owned(), Value::from(value))]);
    let others = [("how", &args.how), ("host", &args.host), ("on", &args.on), ("kind", &args.kind)];
    for (key, value) in others {
        rule.extend(value.as_ref().map(|value| (key.to_owned(), Value::from(value.as_str()))));
    }
    serde_json::from_value(Value::Object(rule)).context("this is no rule of redaction")
}

fn listed(in_force: &RedactionInForce) -> Result<String> {
    let mut text = match (&in_force.set, &in_force.label) {
        (Some(set), label) => {
            let label = label.as_deref().unwrap_or_default();
            format!("in force: {set} ({label})\n")
        }
        (None, _) => "redaction is OFF: passwords and tokens are recorded as they pass\n".to_owned(),
    };
    text += &match in_force.seal_for_s {
        0 => "sealed: nothing\n".to_owned(),
        seconds => format!("sealed for: {}\n", crate::row::duration(i64::try_from(seconds)? * 1_000_000)),
    };
    let names = in_force.sets.iter().map(|set| set.name.as_str());
    text += &format!("sets: {}\n", ["default"].into_iter().chain(names).collect::<Vec<_>>().join(", "));
    for (index, rule) in in_force.added.iter().enumerate() {
        text += &format!("added {}: {}\n", index + 1, escaped(&serde_json::to_string(rule)?));
    }
    Ok(text)
}

fn of_set(set: &RedactionSet) -> Result<String> {
    let mut text = format!("{}: from {}\n", set.name, set.from.as_deref().unwrap_or("nothing"));
    for rule in &set.rules {
        text += &format!("rule: {}\n", escaped(&serde_json::to_string(rule)?));
    }
    for keep in &set.keep {
        text += &format!("keep: {}\n", escaped(&serde_json::to_string(keep)?));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(place: &str) -> RedactionAddArgs {
        let how = Some("mask".to_owned());
        RedactionAddArgs { place: place.to_owned(), how, host: None, on: None, kind: None, why: None }
    }

    #[test]
    fn a_rule_is_read_from_its_place() {
        let read = rule(&args("json:$..iban")).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"json":"$..iban","how":"mask"}"#);
        for wrong in ["iban", "body:iban", "json:"] {
            assert!(rule(&args(wrong)).unwrap_err().to_string().contains("is no place"), "{wrong}");
        }
    }
}
