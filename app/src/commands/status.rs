//! `dashcam status`: how the running instance is doing.

mod check;
mod cost;
mod redaction;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;

use anyhow::{Result, bail};
use dashcam_web_ui::PagePlace;
use dashcam_web_ui::dto::{
    Backfill, ConfigFile, ConnectionLimits, Guarantees, Heavy, Latency, Ledger, Listener, Outbound, Page,
    ParentRule, RecorderState, Recording, RejectedSummary, Retention, RuleCounts, Status, Traffic,
};
use jiff::tz::TimeZone;

use crate::cli::StatusArgs;
use crate::client::Client;
use crate::commands::lease::sentence;
use crate::commands::record::unread;
use crate::commands::snapshot;
use crate::home::Home;
use crate::row::{age, duration, progress, size};
use crate::terminal::{Color, escaped, is_colored, paint, print, print_json};

/// Shows it, as a table or as one line of JSON, or checks it; the exit code.
pub(crate) async fn status(home: &Home, client: &Client, args: &StatusArgs) -> Result<u8> {
    if args.check {
        return check::check(home, client, args.since, args.json).await;
    }
    show(home, client, args).await.map(|()| 0)
}

async fn show(home: &Home, client: &Client, args: &StatusArgs) -> Result<()> {
    if args.token && !std::io::stdout().is_terminal() {
        bail!(
            "--token prints only to a terminal, so that the token gets into no file or log: read it in {}",
            home.token_path().display()
        );
    }
    let answer = client.get("/status").await?;
    if args.json {
        return print_json(&answer.to_string());
    }
    let token = args.token.then(|| home.token()).transpose()?;
    let status = serde_json::from_value(answer)?;
    print(table(&status, token.as_deref(), is_colored()))
}

/// Its name, mode and address, and what else is special about it.
fn listener(listener: &Listener) -> String {
    let name = listener.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    let protocol = if listener.proxy_protocol { ", PROXY protocol required" } else { "" };
    let shared = if listener.reuse_port { ", port shared" } else { "" };
    format!("{name}{} on {}{protocol}{shared}", listener.mode, listener.address)
}

fn table(status: &Status, token: Option<&str>, is_colored: bool) -> String {
    let started = status.started_at.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S");
    let ledger = &status.ledger;
    let level = dashcam_exchange::Level::from(status.settings.level);
    let mut rows = vec![
        ("dashcam", format!("{}, since {started} ({})", status.version, duration(status.uptime_us))),
        ("recording", format!("{level}, of each body up to {}", size(status.settings.body_limit))),
    ];
    rows.extend(status.redaction.iter().map(|status| ("redaction", redaction::row(status, is_colored))));
    rows.extend(paused(&status.recording, is_colored).map(|text| ("paused", text)));
    rows.extend(status.leases.iter().map(|lease| ("lease", sentence(lease))));
    rows.extend(status.config.iter().flat_map(|config| self::config(config, is_colored)));
    rows.extend(status.listeners.iter().map(|listener| ("listener", self::listener(listener))));
    rows.extend(ways_out(&status.outbound));
    rows.push(("page", page(&status.page, token, is_colored)));
    let database = &status.database;
    rows.push((
        "database",
        match (database.size, database.exchanges) {
            (Some(bytes), Some(exchanges)) => {
                format!("{} ({}, {exchanges} exchanges)", database.path, size(bytes))
            }
            _ => format!("{} (it does not answer)", database.path),
        },
    ));
    rows.extend(status.backfills.iter().map(|backfill| ("upgrading", upgrading(backfill))));
    rows.extend(status.retention.as_ref().map(|retention| ("kept", kept(retention, is_colored))));
    rows.push(("connections", connections(status, is_colored)));
    rows.extend(unread(&status.settings, status.unread_connections).map(|text| ("unread", text)));
    rows.push(("requests", requests(&status.traffic)));
    rows.extend(limited(&status.limited).map(|text| ("limits met", text)));
    rows.extend(rejected(&status.rejected).map(|text| ("rejected", text)));
    rows.push(("exchanges", exchanges(ledger)));
    rows.push(("not stored", dropped(ledger, is_colored)));
    rows.extend(status.rules.iter().filter(|rule| rule.matched > 0).map(|rule| ("rule", self::rule(rule))));
    rows.extend(beyond_share(ledger).map(|text| ("beyond share", text)));
    rows.push(("recorder", recorder(status, is_colored)));
    rows.extend(guarantees(&status.recorder.guarantees, is_colored).map(|text| ("guarantees", text)));
    rows.extend(status.flight.as_ref().map(|flight| ("flight", snapshot::ring(flight))));
    if let Some(budget) = &status.budget {
        rows.extend(cost::rows(budget, status.container.as_ref(), is_colored));
    }
    rows.into_iter().map(|(name, value)| format!("{name:<12} {value}\n")).collect()
}

/// How connections to upstreams leave, where that was said.
fn ways_out(outbound: &Outbound) -> Vec<(&'static str, String)> {
    let rule = |rule: &ParentRule| {
        let hosts = rule.r#match.as_ref().map(|hosts| format!(" for {hosts}")).unwrap_or_default();
        (
            "goes out",
            if rule.via == "direct" { format!("directly{hosts}") } else { format!("by {}{hosts}", rule.via) },
        )
    };
    let mut rows: Vec<_> = outbound.parents.iter().map(rule).collect();
    let lists = [
        ("no proxy", &outbound.no_proxy),
        ("addresses", &outbound.resolve),
        ("PROXY header", &outbound.send_proxy),
    ];
    let said = lists.into_iter().filter(|(_, list)| !list.is_empty());
    rows.extend(said.map(|(name, list)| (name, list.join(", "))));
    rows
}

/// Where the page is, and what was tried there in vain.
fn page(page: &Page, token: Option<&str>, is_colored: bool) -> String {
    let place = PagePlace { url: page.url.clone(), socket: page.socket.as_ref().map(Into::into) };
    let signing_in = token.and_then(|token| crate::page::signing_in(&place, token));
    let mut text = match (signing_in, &page.url, &page.socket) {
        (Some(address), ..) => paint(&address, Color::Bold, is_colored),
        (None, Some(url), _) => format!("{url} (--token shows the address that signs a browser in)"),
        (None, None, Some(socket)) => format!("on the socket {socket}"),
        (None, None, None) => "none (--no-web)".to_owned(),
    };
    if page.sign_ins_failed > 0 {
        let failed = format!("; {} sign-ins with a wrong token", page.sign_ins_failed);
        text.push_str(&paint(&failed, Color::Red, is_colored));
    }
    if page.audit_lost > 0 {
        let lost =
            format!("; {} entries of the audit log are lost, as the disk did not take them", page.audit_lost);
        text.push_str(&paint(&lost, Color::Red, is_colored));
    }
    text
}

/// Why nothing is recorded, if so.
fn paused(recording: &Recording, is_colored: bool) -> Option<String> {
    let since = recording.since?.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S");
    let message = recording.message.as_deref().unwrap_or("the disk can't be written");
    Some(paint(&format!("since {since}: {message}; traffic goes on"), Color::Red, is_colored))
}

/// A file of settings that can't be read, or that says more than is in force.
fn config(file: &ConfigFile, is_colored: bool) -> Vec<(&'static str, String)> {
    let problem = file.problem.iter().map(|problem| {
        let place = problem.line.zip(problem.column);
        let place = place.map(|(line, column)| format!(", line {line}, column {column}")).unwrap_or_default();
        let text = problem.text.as_ref().map(|text| format!(", `{text}`")).unwrap_or_default();
        let fault = format!("{}{place}{text}: {}", file.path, problem.message);
        paint(&escaped(&format!("{fault}; the settings before it changed go on")), Color::Red, is_colored)
    });
    let keys = file.at_next_start.join(", ");
    let later =
        (!keys.is_empty()).then(|| format!("{} says otherwise of {keys}: at the next start", file.path));
    problem.chain(later).map(|text| ("config", text)).collect()
}

/// How far background work on an older recording has come.
fn upgrading(backfill: &Backfill) -> String {
    let Backfill { name, done, total, held_up } = backfill;
    let waits = held_up.as_ref().map(|why| format!("; it waits: {why}")).unwrap_or_default();
    progress(name, *done, *total) + &waits
}

/// The bounds, and how the recording stands within them.
fn kept(kept: &Retention, is_colored: bool) -> String {
    let bounds: Vec<String> = [
        kept.max_size.map(size),
        kept.max_age_us.map(age),
        kept.max_exchanges.map(|most| format!("{most} exchanges")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let bounds = if bounds.is_empty() {
        "without bounds".to_owned()
    } else {
        format!("at most {}", bounds.join(", "))
    };
    let oldest = kept.oldest_at.map_or(String::new(), |at| {
        let old = jiff::Timestamp::now().as_microsecond() - at.0.as_microsecond();
        format!("the oldest {} old, ", age(old.max(0)))
    });
    let (used, deleted, pinned) = (size(kept.used), kept.deleted, kept.pinned);
    let mut text =
        format!("{bounds}; {used} in use, {oldest}{deleted} deleted by the bounds, {pinned} pinned");
    if kept.crowded {
        let crowded = " (they take all the room: unpin some, or choose a larger --max-size)";
        text.push_str(&paint(crowded, Color::Red, is_colored));
    }
    text
}

/// The counts of requests, and how long responses took to begin.
fn requests(traffic: &Traffic) -> String {
    let outcomes = &traffic.requests;
    let counts = [
        ("5xx", outcomes.status_5xx),
        ("failed", outcomes.failed),
        ("refused", outcomes.refused),
        ("aborted", outcomes.aborted),
    ];
    let bad = counts.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!(", {count} {what}"));
    let bad: String = bad.collect();
    format!("{} counted{bad}, {} under way{}", outcomes.total, traffic.in_progress, to_head(&traffic.to_head))
}

fn connections(status: &Status, is_colored: bool) -> String {
    let limits = &status.connection_limits;
    let ConnectionLimits { limit, limit_per_address, upstream, near_limit, .. } = limits;
    let of = limit.map_or(String::new(), |limit| format!(" of at most {limit}"));
    let mut text = format!("{} open{of}, {upstream} to upstreams", status.connections_open);
    if let (Some(near), Some(limit)) = (near_limit, limit_per_address) {
        let near = format!("{} has {} of at most {limit} for one address", near.address, near.open);
        text.push_str(&format!("; {}", paint(&near, Color::Red, is_colored)));
    }
    text
}

/// Which limits were met, if any was.
fn limited(limited: &BTreeMap<String, u64>) -> Option<String> {
    let met = limited.iter().filter(|(_, count)| **count > 0);
    let met: Vec<_> = met.map(|(limit, count)| format!("{count} {}", limit.replace('_', " "))).collect();
    (!met.is_empty()).then(|| met.join(", "))
}

/// Refusals of dashcam's TLS, and what is tunnelled for them, if there were any.
fn rejected(rejected: &RejectedSummary) -> Option<String> {
    let RejectedSummary { rule, pairs, by_clients, by_upstreams, tunnelled, .. } = rejected;
    if by_clients + by_upstreams == 0 {
        return None;
    }
    let tunnels = match (rule, pairs) {
        (None, _) => "nothing is tunnelled for that (--tunnel-rejected off)".to_owned(),
        (Some(_), pairs) => format!(
            "{pairs} pairs of client and host are tunnelled now (`dashcam rejected`), {tunnelled} connections so far"
        ),
    };
    Some(format!(
        "{by_clients} handshakes by clients (`dashcam connections --failed`), {by_upstreams} by upstreams; {tunnels}"
    ))
}

fn to_head(latency: &Latency) -> String {
    let Latency { p50_us: Some(p50), p99_us: Some(p99), p999_us: Some(p999), .. } = latency else {
        return String::new();
    };
    let [p50, p99, p999] = [p50, p99, p999].map(|us| duration(*us));
    format!("; to the response's head p50 {p50}, p99 {p99}, p99.9 {p999}")
}

fn exchanges(ledger: &Ledger) -> String {
    let Ledger { seen, stored, open, pending, metadata_only, truncated, .. } = ledger;
    let mut text = format!("{seen} seen: {stored} stored, {open} under way, {pending} about to be stored");
    if *metadata_only > 0 || *truncated > 0 {
        text.push_str(&format!(
            " (of the stored {metadata_only} without bodies, {truncated} with a body cut)"
        ));
    }
    text
}

fn dropped(ledger: &Ledger, is_colored: bool) -> String {
    let dropped = &ledger.dropped;
    let reasons = [
        ("queue full", dropped.queue_full),
        ("beyond a client's share", dropped.client_share),
        ("disk full", dropped.disk_full),
        ("disk error", dropped.disk_error),
        ("recorder fault", dropped.recorder_fault),
    ];
    let lost: Vec<_> =
        reasons.iter().filter(|(_, count)| *count > 0).map(|(why, count)| format!("{count} {why}")).collect();
    let unwanted = [("not kept by the rules", ledger.not_kept), ("not in a sample", ledger.sampled_out)];
    let unwanted = unwanted.iter().filter(|(_, count)| *count > 0);
    let unwanted: String = unwanted.map(|(why, count)| format!(", {count} {why}")).collect();
    let (lost, when) = if lost.is_empty() {
        ("0 dropped".to_owned(), "")
    } else {
        (paint(&lost.join(", "), Color::Red, is_colored), " (`dashcam gaps` shows when)")
    };
    format!("{lost}{when}{unwanted}, {} passed at off or metrics", ledger.not_recorded)
}

/// The exchanges about which a rule decided.
fn rule(counts: &RuleCounts) -> String {
    let RuleCounts { name, in_force, kept, not_kept, sampled_out, bytes, .. } = counts;
    let left_out = [("not kept", not_kept), ("not in its sample", sampled_out)];
    let left_out = left_out.iter().filter(|(_, count)| **count > 0);
    let left_out: String = left_out.map(|(why, count)| format!(", {count} {why}")).collect();
    let past = if *in_force { "" } else { " (no longer in force)" };
    format!("{}: {kept} kept ({}){left_out}{past}", escaped(name), size(*bytes))
}

/// The clients that had more than their share.
fn beyond_share(ledger: &Ledger) -> Option<String> {
    let clients: Vec<_> = ledger
        .beyond_share
        .iter()
        .map(|Heavy { client, exchanges }| format!("{client} {exchanges}"))
        .collect();
    (!clients.is_empty()).then(|| {
        let advice = "more waited for the disk than address_share in [recorder] allows; raise it if all clients come from one address";
        format!("{}: {advice}", clients.join(", "))
    })
}

fn recorder(status: &Status, is_colored: bool) -> String {
    let state = match (status.recorder.state, &status.recorder.error) {
        (RecorderState::Running, _) => paint("running", Color::Green, is_colored),
        (RecorderState::Failing, None) => paint("failing", Color::Red, is_colored),
        (RecorderState::Failing, Some(error)) => paint(&format!("failing: {error}"), Color::Red, is_colored),
    };
    format!("{state}, {} in memory", size(status.recorder.queued_bytes))
}

/// The traffic that waited for the recording, if any did.
fn guarantees(counts: &Guarantees, is_colored: bool) -> Option<String> {
    let Guarantees { waiting, waits, refused, broken_off } = counts;
    if waiting + waits + refused + broken_off == 0 {
        return None;
    }
    let lost = format!("{refused} lossless requests refused, {broken_off} broken off");
    let lost = if refused + broken_off > 0 { paint(&lost, Color::Red, is_colored) } else { lost };
    Some(format!("{waiting} wait for the recording now, {waits} waited for room; {lost}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_tells_what_is_lost() {
        let status = json!({"version": "1.0", "started_at": "2026-11-22T15:04:05.000000Z", "uptime_us": 61_000_000, "read_only": false, "home": "/h",
            "listeners": [
                {"name": null, "mode": "forward", "address": "127.0.0.1:8080", "proxy_protocol": false, "reuse_port": false},
                {"name": "edge", "mode": "socks5", "address": "127.0.0.1:1", "proxy_protocol": true, "reuse_port": true}],
            "outbound": {"parents": [{"match": "*.corp", "via": "direct"}, {"match": null, "via": "http://p:3128"}],
                "no_proxy": ["localhost", "10.0.0.0/8"], "resolve": ["a:443:127.0.0.1"], "send_proxy": []},
            "page": {"url": "http://127.0.0.1:8081/", "socket": null, "sessions": 1, "sign_ins_failed": 3, "audit_lost": 0, "connections_open": 1,
                "refused": {"connections": 0, "displaced": 0, "watchers": 0, "exports": 0, "replays": 0}},
            "database": {"path": "/h/dashcam.db", "size": 2048, "exchanges": 5},
            "backfills": [{"name": "holders", "done": 4096, "total": 1_000_000, "held_up": null},
                {"name": "segments", "done": 0, "total": 5, "held_up": "the disk is full"}],
            "retention": {"max_size": 1_073_741_824_u64, "max_age_us": 2_592_000_000_000_i64, "max_exchanges": 9, "used": 1024,
                "deleted": 7, "pinned": 2, "oldest_at": null, "crowded": false},
            "settings": {"level": "full", "body_limit": 1_073_741_824_u64, "rules": []}, "leases": [],
            "ledger": {"seen": 9, "stored": 5, "metadata_only": 0, "open": 1, "pending": 0, "truncated": 2,
                "dropped": {"queue_full": 3, "disk_full": 0, "disk_error": 0, "recorder_fault": 0, "client_share": 2}, "not_recorded": 4,
                "not_kept": 7, "sampled_out": 1,
                "beyond_share": [{"client": "192.0.2.1", "exchanges": 2}]},
            "rules": [{"name": "failures", "in_force": true, "matched": 3, "kept": 3, "not_kept": 0, "sampled_out": 0, "bytes": 2048},
                {"name": "rest", "in_force": false, "matched": 5, "kept": 1, "not_kept": 3, "sampled_out": 1, "bytes": 0},
                {"name": "idle", "in_force": true, "matched": 0, "kept": 0, "not_kept": 0, "sampled_out": 0, "bytes": 0}],
            "traffic": {"in_progress": 1, "requests": {"total": 9, "status_1xx": 0, "status_2xx": 7, "status_3xx": 0, "status_4xx": 0,
                    "status_5xx": 0, "status_other": 0, "failed": 2, "refused": 0, "aborted": 0},
                "request_bytes": 0, "response_bytes": 700,
                "to_head": {"count": 7, "p50_us": 800, "p90_us": 900, "p99_us": 12_000, "p999_us": 12_000},
                "to_end": {"count": 0, "p50_us": null, "p90_us": null, "p99_us": null, "p999_us": null}},
            "transit_bytes": 0, "limited": {"head": 0, "body_rate": 3, "write": 2},
            "connections_open": 90, "unread_connections": 12,
            "connection_limits": {"limit": 384, "limit_per_address": 96, "upstream": 3, "upstream_limit": 384,
                "near_limit": {"address": "2001:db8::/64", "open": 80}},
            "rejected": {"rule": {"times": 3, "within_us": 600_000_000, "lasting_us": 3_600_000_000_i64}, "pairs": 2,
                "by_clients": 7, "by_upstreams": 1, "tunnelled": 40, "forgotten": 0},
            "recorder": {"state": "failing", "error": "the disk is full", "queued_bytes": 0,
                "guarantees": {"waiting": 1, "waits": 4, "refused": 3, "broken_off": 2}},
            "recording": {"state": "paused", "since": "2026-11-22T15:04:05.000000Z", "reason": "disk_full",
                "message": "the disk is full"}});
        let mut status: Status = serde_json::from_value(status).unwrap();
        let with_token = table(&status, Some("secret"), false);
        assert!(
            with_token.contains("page         http://127.0.0.1:8081/?token=secret; 3 sign-ins"),
            "{with_token}"
        );
        let table = table(&status, None, false);
        status.page = Page { url: None, sign_ins_failed: 0, ..status.page };
        assert_eq!(page(&status.page, Some("secret"), false), "none (--no-web)");
        for expect in [
            "recording    full, of each body up to 1.0 GiB\n",
            ": the disk is full; traffic goes on\n",
            "listener     forward on 127.0.0.1:8080\n",
            "listener     edge: socks5 on 127.0.0.1:1, PROXY protocol required, port shared\n",
            "goes out     directly for *.corp\ngoes out     by http://p:3128\nno proxy     localhost, 10.0.0.0/8\n",
            "addresses    a:443:127.0.0.1\npage ",
            "page         http://127.0.0.1:8081/ (--token shows the address that signs a browser in); 3 sign-ins with a wrong token\n",
            "database     /h/dashcam.db (2.0 KiB, 5 exchanges)\nupgrading    holders: 4096 of 1000000 exchanges (0 %)\n",
            "upgrading    segments: 0 of 5 exchanges (0 %); it waits: the disk is full\n",
            "kept         at most 1.0 GiB, 30 d, 9 exchanges; 1.0 KiB in use, 7 deleted by the bounds, 2 pinned\n",
            "9 seen: 5 stored, 1 under way, 0 about to be stored (of the stored 0 without bodies, 2 with a body cut)\n",
            "not stored   3 queue full, 2 beyond a client's share (`dashcam gaps` shows when), 7 not kept by the rules, 1 not in a sample, 4 passed at off or metrics\n",
            "rule         failures: 3 kept (2.0 KiB)\nrule         rest: 1 kept (0 B), 3 not kept, 1 not in its sample (no longer in force)\nbeyond",
            "beyond share 192.0.2.1 2: more waited for the disk than address_share in [recorder] allows; raise it if",
            "connections  90 open of at most 384, 3 to upstreams; 2001:db8::/64 has 80 of at most 96 for one address\n",
            "unread       12 connections opened before are not recorded: `dashcam record --close-tunnels` closes them",
            "requests     9 counted, 2 failed, 1 under way; to the response's head p50 800 µs, p99 12 ms, p99.9 12 ms\n",
            "limits met   3 body rate, 2 write\n",
            "rejected     7 handshakes by clients (`dashcam connections --failed`), 1 by upstreams; 2 pairs of client and",
            "recorder     failing: the disk is full, 0 B in memory\n",
            "guarantees   1 wait for the recording now, 4 waited for room; 3 lossless requests refused, 2 broken off\n",
        ] {
            assert!(table.contains(expect), "{expect} in\n{table}");
        }
    }
}
