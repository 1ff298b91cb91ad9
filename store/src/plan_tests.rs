//! SQLite's plans for the statements that run often, or over much, as `plans.txt` keeps them: none reads a whole table to
//! find a part of it, or sorts what lies in order.

use std::fmt::Write as _;

use dashcam_exchange::ExchangeId;
use dashcam_filter::{Context, Filter, Source};
use rusqlite::Connection;

use crate::database::migrations::MIGRATIONS;
use crate::reader::filter::translate;
use crate::reader::list::Start;
use crate::reader::scan::statements;
use crate::reader::{self, bodies, list, recent, unread};
use crate::rows::deletions::{self, Cause};
use crate::rows::segment::gather::{self, Order};
use crate::rows::{arrivals, audit, deletion, expiries, leases, pack, seals, segment};
use crate::{database, retention};

const KEPT: &str = include_str!("plans.txt");

/// A database of today's schema, with the functions of a connection for searches.
fn database() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for migration in MIGRATIONS.iter() {
        connection.execute_batch(migration.sql.as_str()).unwrap();
    }
    database::words::add(&connection).unwrap();
    connection
}

fn candidates(filter: &str) -> String {
    let (now, presets) = (jiff::Zoned::now(), std::collections::BTreeMap::new());
    let filter = Filter::parse(filter, &Context { now: &now, presets: &presets }).unwrap();
    statements::statement(&translate(&filter))
}

/// The statements, each with its use.
fn statements() -> Vec<(&'static str, String)> {
    let (older, newer) = (Start::NEWEST, Start::After(ExchangeId(1)));
    let recent = |source| recent::statement(source).unwrap();
    vec![
        ("a page of the list, older", list::statement(older, false)),
        ("a page of the list, newer", list::statement(newer, false)),
        ("found rows of the list, older", list::statement(older, true)),
        ("found rows of the list, newer", list::statement(newer, true)),
        ("an exchange by its number", reader::EXCHANGE.clone()),
        ("messages of an exchange", reader::MESSAGES.clone()),
        ("connections", reader::connections(false)),
        ("connections that failed", reader::connections(true)),
        ("connections that no exchange stands for", unread::statement()),
        ("the pack of an exchange's bodies", bodies::PACKED.to_owned()),
        ("a piece of a body", bodies::PIECE.to_owned()),
        ("pieces of a body", bodies::PIECES.to_owned()),
        ("heads of segments, older", segment::heads_statement(false)),
        ("heads of segments, newer", segment::heads_statement(true)),
        ("a segment", segment::LOAD.to_owned()),
        ("rows without a segment, older", gather::statement(Order::Descending)),
        ("rows without a segment, newer", gather::statement(Order::Ascending)),
        ("rows with a header", candidates("header.x-tenant:=a")),
        ("rows of a client", candidates("client:10.0.0.7")),
        ("rows with a message", candidates("ws:ping")),
        ("rows of a rule", candidates("rule:pay")),
        ("rows of a snapshot", candidates("snapshot:inc")),
        ("recent hosts", recent(Source::Hosts)),
        ("recent paths", recent(Source::Paths)),
        ("recent names of headers", recent(Source::HeaderNames)),
        ("recent clients", recent(Source::Clients)),
        ("retention: the oldest", retention::OLDEST.to_owned()),
        ("retention: bodies", deletion::BODIES.to_owned()),
        ("retention: messages", deletion::MESSAGES_OF.to_owned()),
        ("retention: pins", deletion::PINS.to_owned()),
        ("retention: notes", deletion::NOTES.to_owned()),
        ("rows with a tag", candidates("tag:shop")),
        ("rows with a comment", candidates("comment:shop")),
        ("retention: snapshots", deletion::SNAPSHOTS.to_owned()),
        ("retention: what is noted", deletions::note(Cause::Bounds, "true")),
        ("retention: those whose time is over", expiries::FIRST.to_owned()),
        ("leases in force", leases::list(true)),
        ("the audit log", audit::list()),
        ("the audit log: too old", audit::TOO_OLD.to_owned()),
        ("the audit log: too many", audit::TOO_MANY.to_owned()),
        ("the audit log: forgotten", audit::FORGET.to_owned()),
        ("retention: rows", deletion::ROWS.to_owned()),
        ("retention: packs", pack::FORGET.to_owned()),
        ("retention: a large exchange's bodies", deletion::SWEEP_BODIES.to_owned()),
        ("retention: a large exchange's messages", deletion::SWEEP_MESSAGES.to_owned()),
        ("retention: a large exchange's arrivals", arrivals::SWEEP.to_owned()),
        ("retention: arrivals", arrivals::OF.to_owned()),
        ("arrivals of a body", arrivals::SOME.to_owned()),
        ("retention: seals", seals::EXPIRED.to_owned()),
    ]
}

/// The plan of a statement, a step a line.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get("detail").unwrap());
    }
    steps
}

#[test]
fn plans_are_as_they_were() {
    let connection = database();
    let mut text = String::new();
    for (name, sql) in statements() {
        writeln!(text, "{name}").unwrap();
        plan(&connection, &sql).iter().for_each(|step| writeln!(text, "    {step}").unwrap());
    }
    assert_eq!(text, KEPT, "if the change is meant, and good, keep this in store/src/plans.txt:\n{text}");
}

#[test]
fn no_plan_reads_a_table_to_find_a_part_of_it() {
    // Those that go by the newest rows stop after a few thousand; few exchanges are orphans.
    for (name, sql) in statements() {
        let is_bounded = sql.contains("LIMIT");
        for step in plan(&database(), &sql) {
            let is_scan =
                ["exchange_rows", "connections", "body_rows", "packs", "segments", "segment_columns"]
                    .iter()
                    .any(|table| step == format!("SCAN {table}"));
            assert!(!is_scan || is_bounded, "{name}: {step}");
            assert!(!step.contains("ORDER BY") || name.starts_with("recent"), "{name}: {step}");
        }
    }
}
