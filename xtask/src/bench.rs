//! What a request costs, beside nginx: first figures, no thresholds.
//!
//! Load generator, origin and proxy share the machine, so requests per second say little. The stable figure is
//! CPU time per request of the proxy's own processes, as a ratio to nginx in the same run.

mod contender;
mod cpu;
mod table;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::step::{run, run_command, step};
use crate::{root, tools};
use contender::{Contender, Nginx, Site};
use table::Sample;

/// Rounds of each contender, interleaved, so that a busy moment does not fall on one alone.
const ROUNDS: usize = 3;

const PROGRAMS: [(&str, &str); 3] = [("nginx", "nginx"), ("wrk", "wrk"), ("openssl", "openssl")];

/// Measures, prints the table, and keeps it in `target/bench`.
pub(crate) fn compare() -> Result<()> {
    step("tools for the benchmark", || tools::programs(&PROGRAMS))?;
    step("release build", || run(root(), "cargo build --release --locked --package dashcam"))?;
    let folder = tools::folder().with_file_name("bench");
    // What an earlier run has left, if any.
    let _none = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    certificate(&folder)?;
    let origin = Nginx::origin(&folder)?;
    let mut samples = Vec::new();
    for round in 1..=ROUNDS {
        for contender in Contender::ALL {
            eprintln!("round {round} of {ROUNDS}: {}", contender.name());
            samples.push(measure(
                contender,
                &Site { folder: folder.join(format!("{round}-{}", contender.slug())), origin: origin.port },
            )?);
        }
    }
    let table = table::markdown(&samples);
    fs::write(folder.join("results.md"), &table)?;
    println!("{table}");
    Ok(())
}

/// The certificate that the origin and nginx show; nobody checks it here.
fn certificate(folder: &Path) -> Result<()> {
    let mut openssl = Command::new("openssl");
    openssl.args(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost"
            .split(' '),
    );
    openssl
        .args("-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem".split(' '));
    run_command(openssl.current_dir(folder).stderr(std::process::Stdio::null()))
}

fn measure(contender: Contender, site: &Site) -> Result<Sample> {
    fs::create_dir_all(&site.folder)?;
    let running = contender.start(site)?;
    let url = format!("https://127.0.0.1:{}/", running.port);
    // Connections, caches and code are warm before anything is counted.
    wrk(&url, 1)?;
    let before = running.cpu_us()?;
    let (requests, per_second) = wrk(&url, 5)?;
    let after = running.settled_cpu_us()?;
    let recorded = running.recorded()?;
    Ok(Sample {
        contender,
        requests,
        per_second,
        cpu_us: (after - before) as f64 / requests as f64,
        recorded,
    })
}

/// Requests made, and how many a second.
fn wrk(url: &str, seconds: u32) -> Result<(u64, f64)> {
    let output =
        Command::new("wrk").args(["-t", "1", "-c", "32", "-d", &format!("{seconds}s"), url]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "wrk: {text} {}", String::from_utf8_lossy(&output.stderr));
    ensure!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "wrk saw errors: {text}");
    let made = text.lines().find(|line| line.contains("requests in")).context("no count of requests")?;
    let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:")).context("no rate")?;
    Ok((made.split_whitespace().next().context("no count")?.parse()?, rate.trim().parse()?))
}
