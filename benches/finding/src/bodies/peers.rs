//! The same bodies, decoded, in a plain table of SQLite, in a file for grep, and in mitmproxy's memory.

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result};
use rusqlite::Connection;

use crate::bodies::coded::{Coded, size};
use crate::question::Kind;
use crate::traffic::Traffic;
use crate::{body, mitmproxy};

/// Exchanges for mitmproxy, at most.
const FLOWS: u64 = 50_000;
const QUESTIONS: u64 = 3;

/// Asks the others named, and says how fast they look through `gigabytes`.
pub(crate) fn measure(folder: &Path, gigabytes: f64, peers: &[String]) -> Result<String> {
    let coded = Coded::new(gigabytes);
    let mut text = format!("\n### Others, {gigabytes} GB of bodies that are decoded already\n\n");
    if peers.iter().any(|peer| peer == "plain") {
        let path = folder.join("plain-bodies.db");
        writeln!(text, "- `instr` over a plain table in SQLite: {}", plain(&path, &coded)?)?;
        std::fs::remove_file(path)?;
    }
    if peers.iter().any(|peer| peer == "grep") {
        let path = folder.join("bodies.txt");
        writeln!(text, "- `grep -c -i -F`, `LC_ALL=C`, a file: {}", grep(&path, &coded)?)?;
        std::fs::remove_file(path)?;
    }
    if peers.iter().any(|peer| peer == "mitmproxy") {
        let traffic = Traffic::new(FLOWS.min(coded.exchanges), body::MOST);
        match mitmproxy::measure(folder, &traffic, FLOWS.min(coded.exchanges), &[Kind::Body]) {
            Ok(table) => text += &table,
            Err(error) => writeln!(text, "- mitmproxy could not be asked: {error:#}")?,
        }
    }
    Ok(text)
}

fn plain(path: &Path, coded: &Coded) -> Result<String> {
    let mut connection = Connection::open(path)?;
    connection.execute_batch("CREATE TABLE bodies (id INTEGER PRIMARY KEY, request TEXT, response TEXT)")?;
    let (transaction, mut bytes) = (connection.transaction()?, 0);
    for id in 1..=coded.exchanges {
        let exchange = coded.plain(id);
        bytes += size(&exchange);
        let [request, response] = [&exchange.request_body, &exchange.response_body]
            .map(|body| String::from_utf8_lossy(&body.rest).into_owned());
        let sql = "INSERT INTO bodies VALUES (?, ?, ?)";
        transaction.prepare_cached(sql)?.execute((i64::try_from(id)?, request, response))?;
    }
    transaction.commit()?;
    timed(
        bytes,
        |text| {
            let sql = "SELECT count(*) FROM bodies WHERE instr(request, ?1) OR instr(response, ?1)";
            Ok(connection.query_row(sql, [text], |row| row.get(0))?)
        },
        coded,
    )
}

fn grep(path: &Path, coded: &Coded) -> Result<String> {
    let (mut file, mut bytes) = (BufWriter::new(std::fs::File::create(path)?), 0);
    for id in 1..=coded.exchanges {
        let exchange = coded.plain(id);
        bytes += size(&exchange);
        for body in [&exchange.request_body, &exchange.response_body] {
            file.write_all(&body.rest)?;
            file.write_all(b"\n")?;
        }
    }
    file.flush()?;
    timed(
        bytes,
        |text| {
            let mut grep = Command::new("grep");
            grep.args(["-c", "-i", "-F", text]).arg(path).env("LC_ALL", "C").stdin(Stdio::null());
            let output = grep.output().context("cannot run grep")?;
            Ok(String::from_utf8(output.stdout)?.trim().parse()?)
        },
        coded,
    )
}

/// Looks for a few texts, each in one body.
fn timed(bytes: usize, look: impl Fn(&str) -> Result<i64>, coded: &Coded) -> Result<String> {
    let (began, mut found) = (Instant::now(), 0);
    for number in 0..QUESTIONS {
        found += look(&body::reference(1 + number * coded.exchanges / QUESTIONS))?;
    }
    let seconds = began.elapsed().as_secs_f64() / QUESTIONS as f64;
    let rate = bytes as f64 / 1e9 / seconds;
    Ok(format!("{:.0} ms a question, {rate:.2} GB/s; {found} found in {QUESTIONS}", seconds * 1e3))
}
