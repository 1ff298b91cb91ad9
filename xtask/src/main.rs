//! The project's chores: `cargo xtask` lists them.

mod advisories;
mod check;
mod counts;
mod drill;
mod frontend;
mod fuzz;
mod lint;
mod peers;
mod sbom;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test [NAME]     everything that CI checks; with NAME only the Rust tests whose names contain it
cargo xtask check [CRATE]…  in less than a minute: formatting, lints, unit tests of the crates named, or of those that
                            differ from the last commit, and the page's checks if it does
cargo xtask frontend        generate the page's types and its committed build anew
cargo xtask fuzz [SECONDS]  fuzz what strangers send, for a minute or as long as is said; with --smoke a number of
                            inputs that are the same each time
cargo xtask drill [TIMES]   kill a release build in the middle of traffic, 200 times or as often as is said, and look at
                            what it left
cargo xtask counts [--accept]
                            count the instructions of parts of a request's path, and compare them with the baseline, or
                            make them the baseline
cargo xtask sbom [FILE]     write what the program is made of, as CycloneDX 1.5, to a file in the target folder or FILE
cargo xtask bench [--smoke] [--only CASE,…] [--peers PEER,…] [--rounds N] [--seconds N] [--dashcam [NAME=]PATH]… [--publish]
                            compare what requests cost with what they cost elsewhere
cargo xtask siege [--smoke] [--only KIND,…] [--seconds N] [--no-nginx] [--dashcam PATH]
                            hostile clients of twelve kinds at once beside healthy ones, on dashcam and on nginx";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => test::everything(),
        ["test", filter @ ..] => test::only(filter),
        ["check", named @ ..] => check::check(named),
        ["frontend"] => frontend::regenerate(),
        ["fuzz"] => fuzz::run(fuzz::MINUTE),
        ["fuzz", "--smoke"] => fuzz::smoke(),
        ["fuzz", seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::run(seconds),
            Err(_) => return usage(),
        },
        ["drill"] => drill::kill(drill::TIMES),
        ["drill", times] => match times.parse() {
            Ok(times) => drill::kill(times),
            Err(_) => return usage(),
        },
        ["counts"] => counts::compare(false),
        ["counts", "--accept"] => counts::compare(true),
        ["sbom"] => sbom::write(None),
        ["sbom", path] => sbom::write(Some(path)),
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
