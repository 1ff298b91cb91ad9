//! Hostile requests and responses: `tests/corpus/requests.txt` and `responses.txt`.
//!
//! A case is a block:
//!
//! ```text
//! [name] RFC 9112 §6.3
//! > the bytes of a request, escapes as in tests/wire/README.md; more such lines are appended
//! < the bytes of a response (responses.txt only)
//! = verdict
//! + what the other end gets, where the verdict is `becomes`
//! ```
//!
//! Verdicts of requests: `refused` (a 4xx, nothing reaches the origin), `broken` (its head was fine and passed
//! on, but its body is not: the origin must see it cut short), `passed` (exactly these bytes reach the origin),
//! `becomes` (exactly the bytes behind `+` do). Verdicts of responses: `refused` (502), `broken` (the client
//! must see it cut short), `passed`, `becomes`. `closes` behind a verdict: the client's connection ends after it.
//! `forward` before the RFC: the request is not sent in a tunnel, but to the proxy itself. `origin closes` as a
//! line of its own: the origin closes after its response.

mod origin;
mod requests;
mod responses;

use anyhow::{Context as _, Result, bail, ensure};
use dashcam_tests::binary;

/// A case, its bytes still with their escapes.
#[derive(Debug, Default)]
struct Case {
    name: String,
    request: String,
    response: String,
    verdict: Verdict,
    becomes: String,
    closes: bool,
    forward: bool,
    origin_closes: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    #[default]
    Missing,
    Refused,
    Broken,
    Passed,
    Becomes,
}

fn read(file: &str) -> Result<Vec<Case>> {
    let text = std::fs::read_to_string(binary::root().join("tests/corpus").join(file))?;
    let mut cases: Vec<Case> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        read_line(&mut cases, line).with_context(|| format!("{file}:{}: {line}", index + 1))?;
    }
    for (index, case) in cases.iter().enumerate() {
        ensure!(case.verdict != Verdict::Missing, "{file}: {} has no verdict", case.name);
        ensure!(
            cases[..index].iter().all(|other| other.name != case.name),
            "{file}: two are named {}",
            case.name
        );
    }
    if let Ok(only) = std::env::var("CORPUS") {
        cases.retain(|case| case.name.contains(&only));
    }
    Ok(cases)
}

fn read_line(cases: &mut Vec<Case>, line: &str) -> Result<()> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(());
    }
    if let Some(head) = line.strip_prefix('[') {
        let (name, why) = head.split_once("] ").context("no ] and RFC behind the name")?;
        let forward = why.starts_with("forward ");
        ensure!(why.contains("RFC "), "no RFC");
        cases.push(Case { name: name.to_owned(), forward, ..Case::default() });
        return Ok(());
    }
    let case = cases.last_mut().context("no [name] before")?;
    if line == "origin closes" {
        case.origin_closes = true;
        return Ok(());
    }
    let (kind, rest) = line.split_at(1);
    let rest = rest.strip_prefix(' ').context("a space belongs behind the first character")?;
    match kind {
        ">" => case.request.push_str(rest),
        "<" => case.response.push_str(rest),
        "+" => case.becomes.push_str(rest),
        "=" => {
            let (verdict, closes) =
                rest.strip_suffix(", closes").map_or((rest, false), |verdict| (verdict, true));
            case.closes = closes;
            case.verdict = match verdict {
                "refused" => Verdict::Refused,
                "broken" => Verdict::Broken,
                "passed" => Verdict::Passed,
                "becomes" => Verdict::Becomes,
                _ => bail!("no verdict: {verdict}"),
            };
        }
        _ => bail!("no such line"),
    }
    Ok(())
}

/// Short forms that many requests begin with.
fn with_short_forms(text: &str) -> String {
    let post = "POST /case HTTP/1.1\\r\\nHost: {host}\\r\\n";
    let get = "GET /case HTTP/1.1\\r\\nHost: {host}\\r\\n";
    let chunked = format!("{post}Transfer-Encoding: chunked\\r\\n\\r\\n");
    let ok = "HTTP/1.1 200 OK\\r\\n";
    text.replace("{chunked}", &chunked).replace("{post}", post).replace("{get}", get).replace("{ok}", ok)
}

/// The sum of a run.
fn outcome(failures: &[String], cases: usize, fewest: usize) -> Result<()> {
    if std::env::var_os("CORPUS").is_none() {
        ensure!(cases >= fewest, "only {cases} cases");
    }
    ensure!(failures.is_empty(), "{} of {cases} cases failed:\n\n{}", failures.len(), failures.join("\n\n"));
    Ok(())
}
