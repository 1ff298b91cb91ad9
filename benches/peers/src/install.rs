//! The programs that the benchmark needs besides dashcam: installed where that needs no questions, else left out.

use std::process::Command;

use anyhow::Result;

use super::case::{self, Case};
use super::load::oha;
use super::options::Options;
use super::peer::{Peer, hudsucker, mitmdump, newer};
use xtask::step::{exists, run_command, step};
use xtask::{root, tools};

/// Without these there is no benchmark: programs and the Debian packages that have them.
const NEEDED: [(&str, &str); 4] =
    [("curl", "curl"), ("nginx", "nginx"), ("openssl", "openssl"), ("wrk", "wrk")];

/// Without these there is less of it.
const WELCOME: [(&str, &str); 4] = [
    ("h2load", "nghttp2-client"),
    ("haproxy", "haproxy"),
    ("python3", "python3-venv"),
    ("squid", "squid-openssl"),
];

/// Installs what is missing, and says what could not be had. A smoke test installs only what it can't do without.
pub(crate) fn install(options: &Options) -> Result<Vec<String>> {
    step("tools for the benchmark", || tools::programs(&NEEDED))?;
    if options.smoke {
        let names = WELCOME.iter().map(|(program, _)| *program).chain(["oha", "mitmdump", "hudsucker"]);
        return Ok(names.filter(|name| !there_is(name)).map(|name| format!("{name} is not there")).collect());
    }
    let mut missing = Vec::new();
    let mut attempt = |name: &str, work: &dyn Fn() -> Result<()>| {
        if let Err(error) = step(name, work) {
            missing.push(format!("{name}: {error:#}"));
        }
    };
    for program in &WELCOME {
        attempt(program.1, &|| tools::programs(&[*program]));
    }
    // These take minutes.
    if cases(options).any(|case| case.client == "oha") {
        attempt("oha", &load_generator);
    }
    if is_needed(options, &Peer::Mitmdump) {
        attempt("mitmproxy", &python);
    }
    if options.newer {
        attempt("newer nginx, Envoy", &newer::install);
    }
    if is_needed(options, &Peer::Hudsucker) {
        attempt("hudsucker", &library);
    }
    Ok(missing)
}

fn cases(options: &Options) -> impl Iterator<Item = &'static Case> {
    case::ALL.into_iter().filter(|case| options.wants_case(case))
}

/// Returns whether a case that is to be measured has the peer, which is wanted.
fn is_needed(options: &Options, peer: &Peer) -> bool {
    options.wants_peer(peer.slug())
        && cases(options).any(|case| case.contenders.iter().any(|(contender, _)| contender == peer))
}

/// Returns whether a peer or a load generator is there. What is not in this list of programs always is.
pub(crate) fn there_is(name: &str) -> bool {
    match name {
        "haproxy" | "haproxy-tcp" => exists("haproxy"),
        "h2load" | "nginx" | "squid" | "wrk" | "curl" => exists(name),
        "oha" => exists("oha") || oha::program().is_file(),
        "mitmdump" => exists("mitmdump") || mitmdump::program().is_file(),
        "nginx-newer" => newer::nginx_program().is_file(),
        "envoy" => newer::envoy_program().is_file(),
        "hudsucker" => hudsucker::program().is_file(),
        _ => true,
    }
}

fn load_generator() -> Result<()> {
    if there_is("oha") {
        return Ok(());
    }
    run_command(Command::new("cargo").args(["install", "oha", "--locked", "--root"]).arg(oha::place()))
}

fn python() -> Result<()> {
    if there_is("mitmdump") {
        return Ok(());
    }
    run_command(Command::new("python3").args(["-m", "venv", "--clear"]).arg(mitmdump::venv()))?;
    let mut pip = Command::new(mitmdump::venv().join("bin/pip"));
    run_command(pip.args(["install", "--quiet", "--disable-pip-version-check", "mitmproxy"]))
}

fn library() -> Result<()> {
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--locked", "--target-dir"]).arg(hudsucker::target());
    // Not this workspace's flags and target folder.
    run_command(build.current_dir(root().join("benches/hudsucker")).env_remove("CARGO_TARGET_DIR"))
}
