//! `dashcam lease`, and leases that `dashcam record` begins.

use anyhow::Result;
use dashcam_web_ui::dto::{Lease, Leases};
use hyper::Method;
use jiff::tz::TimeZone;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::cli::{LeaseCommand, LeaseEndArgs, LeaseExtendArgs, LeaseLsArgs, RecordArgs};
use crate::client::Client;
use crate::row::size;
use crate::terminal::{escaped, escaped_json, print, print_line};

/// Does what `command` says.
pub(crate) async fn lease(client: &Client, command: Option<LeaseCommand>) -> Result<()> {
    match command.unwrap_or(LeaseCommand::Ls(LeaseLsArgs::default())) {
        LeaseCommand::Ls(args) => list(client, &args).await,
        LeaseCommand::Extend(args) => extend(client, args).await,
        LeaseCommand::End(args) => end(client, args).await,
    }
}

/// Begins the lease that `args` ask for; its answer.
pub(crate) async fn begin(client: &Client, args: &RecordArgs) -> Result<serde_json::Value> {
    let request = json!({
        "level": args.level,
        "match": args.filter.as_deref().unwrap_or_default(),
        "lasting_us": args.lasting.map(micros),
        "max_bytes": args.max,
        "max_exchanges": args.count,
        "sample": args.sample,
        "body_limit": args.body_limit,
        "reason": args.why,
        "persist": args.persist,
    });
    client.call(Method::POST, "/leases", Some(request)).await
}

fn micros(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

async fn list(client: &Client, args: &LeaseLsArgs) -> Result<()> {
    let path = if args.all { "/leases?all=true" } else { "/leases" };
    let Leases { leases } = serde_json::from_value(client.get(path).await?)?;
    if args.json {
        let lines = leases.iter().map(|lease| Ok(escaped_json(&serde_json::to_string(lease)?) + "\n"));
        return print(lines.collect::<Result<String>>()?);
    }
    if leases.is_empty() {
        return print_line("no lease is in force: `dashcam record full --for 10m` begins one");
    }
    print(leases.iter().map(|lease| sentence(lease) + "\n").collect::<String>())
}

async fn extend(client: &Client, args: LeaseExtendArgs) -> Result<()> {
    let more = json!({
        "lasting_us": args.lasting.map(micros),
        "max_bytes": args.max,
        "max_exchanges": args.count,
        "reason": args.why,
    });
    let answer = client.call(Method::PATCH, &format!("/leases/{}", args.id), Some(more)).await?;
    print_line(&sentence(&serde_json::from_value(answer)?))
}

async fn end(client: &Client, args: LeaseEndArgs) -> Result<()> {
    let encoded = |text: String| utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
    let why = args.why.map(|why| format!("?why={}", encoded(why))).unwrap_or_default();
    for id in args.ids {
        let answer = client.call(Method::DELETE, &format!("/leases/{id}{why}"), None).await?;
        print_line(&sentence(&serde_json::from_value(answer)?))?;
    }
    Ok(())
}

/// A lease in a line: its rule, how far it goes, what it has used, and who began it.
pub(crate) fn sentence(lease: &Lease) -> String {
    let level = dashcam_exchange::Level::from(lease.rule.level);
    let filter = match lease.rule.r#match.as_str() {
        "" => "everything".to_owned(),
        filter => escaped(filter),
    };
    let sample = lease.rule.sample.as_ref().map(|sample| format!(" ({sample})")).unwrap_or_default();
    let end = match (lease.ended_at, &lease.ended_why) {
        (Some(at), Some(why)) => format!("ended {} ({})", local(at.0), why_ended(why)),
        _ => lease.until.map_or("until it is ended".to_owned(), |until| format!("until {}", local(until.0))),
    };
    let of = |most: Option<String>| most.map(|most| format!(" of {most}")).unwrap_or_default();
    let exchanges =
        format!("{}{} exchanges", lease.used_exchanges, of(lease.max_exchanges.map(|most| most.to_string())));
    let bytes = format!("{}{}", size(lease.used_bytes), of(lease.max_bytes.map(size)));
    let reason = lease.reason.as_ref().map(|reason| format!(": {}", escaped(reason))).unwrap_or_default();
    let redaction = lease.rule.redaction.as_ref();
    let redaction = redaction.map(|set| format!(", redacted by {}", escaped(set))).unwrap_or_default();
    let persist = if lease.persist { ", also after a restart" } else { "" };
    format!(
        "lease {}: {level} for {filter}{sample}{redaction} {end}{persist}; used {exchanges}, {bytes}; since {}, by {}{reason}",
        lease.id,
        local(lease.from.0),
        escaped(&lease.who),
    )
}

fn why_ended(why: &str) -> &str {
    match why {
        "time" => "its time was up",
        "bytes" => "its bytes were used up",
        "count" => "its exchanges were used up",
        "ended" => "somebody ended it",
        "restart" => "dashcam was started again",
        other => other,
    }
}

fn local(at: jiff::Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
