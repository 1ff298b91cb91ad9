//! The project's chores: `cargo xtask` lists them.

mod advisories;
mod again;
mod alone;
mod check;
mod clients;
mod counts;
mod drill;
mod frontend;
mod fuzz;
mod lint;
mod man;
mod peers;
mod prose;
mod sbom;
mod soak;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test [NAME]     everything that CI checks; with NAME only the Rust tests whose names contain it
cargo xtask check [CRATE]…  check formatting and lints, and run the unit tests of the crates named, or of those that
                            differ from the last commit, and the page's checks if it differs; less than a minute
cargo xtask prose           check the words and the shape of documentation, help and comments
cargo xtask clients         install the clients of tests/clients.toml, run them under `dashcam run`, and write
                            docs/CLIENTS.md
cargo xtask frontend        generate the page's types and its committed build
cargo xtask screenshots     take the screenshots of docs/screenshots from `dashcam demo`
cargo xtask fuzz [SECONDS]  fuzz the parsers of input from strangers, for a minute or SECONDS
cargo xtask drill [TIMES]   kill a release build in the middle of traffic, 200 or TIMES times, and check the recording
                            after each
cargo xtask soak [--minutes N]
                            all kinds of traffic on a release build, 10 or N minutes, while settings change, disks fill up
                            and hang, upstreams die and dashcam is killed
cargo xtask counts [--accept]
                            count the instructions of parts of a request's path, and compare them with the baseline;
                            --accept makes them the baseline
cargo xtask man [FOLDER]    write the manual's pages to the target folder or to FOLDER
cargo xtask sbom [FILE]     write a bill of materials (CycloneDX 1.5) to a file in the target folder or to FILE
cargo xtask bench [--smoke] [--only CASE,…] [--peers PEER,…] [--newer] [--rounds N] [--seconds N] [--dashcam [NAME=]PATH]…
                  [--publish]
                            compare the cost of requests with that of other proxies
cargo xtask bench --only finding [--smoke] [--exchanges N] [--queries N] [--peers plain,mitmproxy] [--folder PATH]
                            how soon exchanges are found among a million, or N, beside plain SQLite and mitmproxy
cargo xtask bench --only redaction [--smoke] [--misses] [--no-cost] [--rounds N] [--exchanges N]
                            how many of the secrets of tests/secrets are found, beside Presidio, detect-secrets and
                            secretlint, and what redaction costs
cargo xtask bench --only page [--exchanges N] [--flows N] [--rounds N] [--only PART,…]
                            how quick the page is in Chromium over a million exchanges, beside mitmweb
cargo xtask siege [--smoke] [--only KIND,…] [--seconds N] [--no-nginx] [--dashcam PATH]
                            hostile clients of twelve kinds at once beside healthy ones, on dashcam and on nginx";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => test::everything(),
        ["test", filter @ ..] => test::only(filter),
        ["check", named @ ..] => check::check(named),
        ["prose"] => prose::check(),
        ["clients"] => clients::measure(),
        ["frontend"] => frontend::regenerate(),
        ["screenshots"] => frontend::screenshots(),
        ["fuzz"] => fuzz::run(fuzz::MINUTE),
        ["fuzz", seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::run(seconds),
            Err(_) => return usage(),
        },
        ["drill"] => drill::kill(drill::TIMES),
        ["drill", times] => match times.parse() {
            Ok(times) => drill::kill(times),
            Err(_) => return usage(),
        },
        ["soak"] => soak::soak(soak::MINUTES),
        ["soak", "--minutes", minutes] => match minutes.parse() {
            Ok(minutes) => soak::soak(minutes),
            Err(_) => return usage(),
        },
        ["counts"] => counts::compare(false),
        ["counts", "--accept"] => counts::compare(true),
        ["man"] => man::write(None),
        ["man", to] => man::write(Some(to)),
        ["sbom"] => sbom::write(None),
        ["sbom", path] => sbom::write(Some(path)),
        ["bench", "--only", name @ ("finding" | "redaction"), words @ ..] => alone::measure(name, words),
        ["bench", "--only", "page", words @ ..] => alone::page(words),
        ["bench" | "siege", ..] => peers::measure(&words),
        _ => return usage(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}
