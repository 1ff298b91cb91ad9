//! `cargo xtask siege`: hostile clients of twelve kinds at once, beside healthy ones on other addresses, and what the
//! healthy ones notice of them.

mod dashcam;
mod healthy;
mod hostile;
mod options;
mod report;
mod wire;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::runtime::{Builder, Runtime};

use self::dashcam::Dashcam;
use self::healthy::{Phase, Watch};
use self::options::Options;
use self::report::{Outcome, Report};
use super::peer::{Contender, Peer, Way};
use super::process::Process;
use super::program::{built, raise_limit};
use super::sink::Sink;
use super::site::Site;
use super::{background, install};
use xtask::tools;

/// After the siege, healthy clients are watched for this long at most.
const RECOVERY: Duration = Duration::from_secs(20);

/// Besieges dashcam and nginx, prints what came of it, and fails if healthy clients of dashcam lost anything.
pub(crate) fn besiege(words: &[&str]) -> Result<()> {
    let options = Options::read(words)?;
    install::install(&super::options::Options::read(&["--smoke"])?)?;
    let program = match &options.program {
        Some(program) => program.clone(),
        None => built(options.smoke)?.program,
    };
    raise_limit();
    let site = Site::build(&tools::folder().with_file_name("siege"))?;
    let _sink = Sink::start(site.sink, &site.folder)?;
    let runtimes = Runtimes { healthy: thread()?, hostile: background::runtime()? };
    let mut report = Report::default();
    {
        let dashcam = Dashcam::start(&site, &program)?;
        let mut outcome = watch(&runtimes, &options, &dashcam.target(), &dashcam.process)?;
        outcome.dropped = Some(dashcam.dropped(&outcome)?);
        report.said = dashcam.limits()?;
        report.outcomes.push(outcome);
    }
    if options.nginx {
        let nginx = Contender::of(&Peer::Nginx, Way::Reverse, &[]).remove(0);
        let running = nginx.start(&site, site.sink, "nginx")?;
        if let Some(process) = &running.process {
            let target = wire::Target::new("nginx", process.port, None)?;
            report.outcomes.push(watch(&runtimes, &options, &target, process)?);
        }
    }
    println!("{}", report.text(&options));
    let missed = report.missed(&options);
    if !missed.is_empty() {
        bail!("{}", missed.join("\n"));
    }
    Ok(())
}

/// Healthy clients are not to wait for hostile ones before the proxy is reached, nor the proxy for hostile clients.
struct Runtimes {
    healthy: Runtime,
    hostile: Runtime,
}

fn thread() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// Healthy clients through quiet, siege and recovery.
fn watch(
    runtimes: &Runtimes,
    options: &Options,
    target: &wire::Target,
    process: &Process,
) -> Result<Outcome> {
    eprintln!("=== {}: quiet, besieged, quiet again", target.name);
    let stop = Arc::new(AtomicBool::new(false));
    let hostile = runtimes.hostile.handle();
    runtimes.healthy.block_on(async {
        let watch = Watch::start(target, options);
        watch.warm_up().await;
        watch.enter(Phase::Quiet);
        tokio::time::sleep(options.quiet).await;
        // That they all come at once belongs to the siege.
        watch.enter(Phase::Besieged);
        let hostile = hostile::start(target, options, (&stop, hostile));
        tokio::time::sleep(options.siege).await;
        watch.enter(Phase::Recovering);
        let ended = Instant::now();
        let attacks = hostile.stop(&stop).await;
        let recovered = watch.recovered(ended, RECOVERY).await;
        let healthy = watch.stop().await;
        let peak = process.usage()?.peak_rss;
        Ok(Outcome { name: target.name, healthy, attacks, peak, recovered, dropped: None })
    })
}
