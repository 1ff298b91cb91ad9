//! `dashcam rule`: which exchanges are recorded, and how much of them.

use anyhow::Result;
use dashcam_control::DEFAULT_RULE;
use dashcam_web_ui::dto::{Rule, RuleAnswer, RuleCounts, RuleMoment, RuleStep, RuleTest, RulesInForce};
use hyper::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::cli::{JsonArgs, RuleAddArgs, RuleCommand, RuleRmArgs, RuleTestArgs};
use crate::client::Client;
use crate::row::size;
use crate::terminal::{Color, escaped, is_colored, paint, print, print_json};

/// Does what `command` says.
pub(crate) async fn rule(client: &Client, command: Option<RuleCommand>) -> Result<()> {
    match command.unwrap_or(RuleCommand::Ls(JsonArgs { json: false })) {
        RuleCommand::Ls(args) => list(client, args.json).await,
        RuleCommand::Add(args) => add(client, args).await,
        RuleCommand::Test(args) => test(client, args).await,
        RuleCommand::Rm(args) => remove(client, args).await,
    }
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let answer = client.get("/rules").await?;
    if json { print_json(&answer.to_string()) } else { show(&serde_json::from_value(answer)?) }
}

async fn add(client: &Client, args: RuleAddArgs) -> Result<()> {
    let rule = dashcam_control::Rule {
        name: args.name,
        filter: args.filter,
        level: args.level,
        sample: args.sample,
        body_limit: args.body_limit,
        guarantee: args.guarantee.unwrap_or_default(),
        keep_for: args.keep_for,
        follow: args.follow,
        redaction: args.redaction,
    };
    let addition = json!({"rule": rule, "before": args.before, "first": args.first, "why": args.why});
    show(&serde_json::from_value(client.call(Method::POST, "/rules", Some(addition)).await?)?)
}

async fn remove(client: &Client, args: RuleRmArgs) -> Result<()> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let why = args.why.map(|why| format!("?why={}", encoded(&why))).unwrap_or_default();
    for name in args.names {
        client.call(Method::DELETE, &format!("/rules/{}{why}", encoded(&name)), None).await?;
    }
    show(&serde_json::from_value(client.get("/rules").await?)?)
}

async fn test(client: &Client, args: RuleTestArgs) -> Result<()> {
    let tested = match args.exchange.as_slice() {
        [id] if id.parse::<i64>().is_ok() => json!({"exchange": id.parse::<i64>()?}),
        words => json!({"described": words.join(" ")}),
    };
    let answer = client.call(Method::POST, "/rules/test", Some(tested)).await?;
    if args.json {
        return print_json(&answer.to_string());
    }
    print(answers(&serde_json::from_value(answer)?))
}

/// The answers of the rules, and the one that decides.
fn answers(test: &RuleTest) -> String {
    let width = test.rules.iter().map(|step| step.rule.len()).max().unwrap_or(0);
    let step = |step: &RuleStep| {
        let answer = match step.answer {
            RuleAnswer::True => "matches",
            RuleAnswer::False => "does not match",
            RuleAnswer::Unknown => "may match",
        };
        let when = step.moment.map(|moment| format!(", certain {}", at(moment))).unwrap_or_default();
        format!("{:width$}  {answer}{when}: {}\n", step.rule, escaped(&step.why))
    };
    let decided = test.rules.iter().find_map(|step| Some((step, step.decides?)));
    let verdict = match decided {
        Some((step, moment)) => {
            let level = dashcam_exchange::Level::from(step.level);
            format!("{} decides {}: {level}\n", step.rule, at(moment))
        }
        None => "too little is known to say which rule decides\n".to_owned(),
    };
    test.rules.iter().map(step).collect::<String>() + &verdict
}

fn at(moment: RuleMoment) -> &'static str {
    match moment {
        RuleMoment::Connection => "by its connection and destination",
        RuleMoment::Request => "by the request's head",
        RuleMoment::Response => "by the response's head",
        RuleMoment::End => "at its end",
    }
}

fn show(rules: &RulesInForce) -> Result<()> {
    print(table(rules, is_colored()))
}

/// The rules in their order, the default last.
fn table(rules: &RulesInForce, is_colored: bool) -> String {
    let mut rows = vec![["NAME", "LEVEL", "MET", "KEPT", "MATCH", "AND"].map(str::to_owned)];
    rows.extend(rules.rules.iter().map(|rule| row(rule, &rules.counts)));
    let level = dashcam_exchange::Level::from(rules.default.level).to_string();
    let limit = format!("bodies up to {}", size(rules.default.body_limit));
    let [met, kept] = counts(DEFAULT_RULE, &rules.counts);
    rows.push([DEFAULT_RULE.to_owned(), level, met, kept, "all others".to_owned(), limit]);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [name, level, met, kept, filter] = [0, 1, 2, 3, 4].map(width);
    let line = |(index, row): (usize, &[String; 6])| {
        let [is, at, n, k, of, and] = row;
        let line = format!("{is:name$}  {at:level$}  {n:>met$}  {k:>kept$}  {of:filter$}  {and}");
        paint(line.trim_end(), Color::Dim, is_colored && index == 0) + "\n"
    };
    rows.iter().enumerate().map(line).collect()
}

/// How many exchanges the rule has met, and how many of them were kept.
fn counts(name: &str, counts: &[RuleCounts]) -> [String; 2] {
    let of = counts.iter().find(|counts| counts.name == name);
    of.map_or([0, 0], |counts| [counts.matched, counts.kept]).map(|count| count.to_string())
}

fn row(rule: &Rule, counts: &[RuleCounts]) -> [String; 6] {
    let filter = if rule.r#match.is_empty() { "all".to_owned() } else { escaped(&rule.r#match) };
    let guarantee = (!rule.guarantee.is_best_effort()).then(|| rule.guarantee.to_string());
    let more = [
        rule.sample.as_ref().map(ToString::to_string),
        rule.body_limit.map(|limit| format!("bodies up to {}", size(limit))),
        guarantee,
        rule.keep_for.map(|time| format!("kept for {time}")),
        rule.follow.map(|follow| format!("follows its {follow}")),
        rule.redaction.as_ref().map(|set| format!("redacted by {set}")),
    ];
    let more: Vec<String> = more.into_iter().flatten().collect();
    let level = dashcam_exchange::Level::from(rule.level).to_string();
    let [met, kept] = self::counts(&rule.name, counts);
    [rule.name.clone(), level, met, kept, filter, more.join(", ")]
}
