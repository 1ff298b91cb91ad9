//! `dashcam run`: a program with its traffic recorded.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::ca_key;
use crate::child;
use crate::cli::RunArgs;
use crate::client::Client;
use crate::deep::Deep;
use crate::environment::{self, ClientFiles, Pointers};
use crate::namespace::{self, CANNOT_RUN, NOT_FOUND};
use crate::options::Options;
use crate::program_proxy::{ProgramProxy, with_proxy};
use crate::program_traffic::{Before, Traffic};
use crate::terminal::escaped;
use crate::trust_bundle;

/// The exit code with --strict when the program succeeded and no request of it came.
const NOTHING_CAME: u8 = 125;
/// The reason where every connection would have been captured.
const NOTHING_TO_CAPTURE: &str = "it opened none, or none of those that it tried came about";

/// Runs the program; its exit code.
pub(crate) async fn run(options: Options, args: &RunArgs) -> Result<u8> {
    let work = async |proxy: ProgramProxy| {
        let client = Client::of(&proxy.home);
        let before = Before::look(&client).await;
        let isolation = Isolation { no_namespace: args.no_namespace, deep: args.deep };
        let (code, missed) = program(&proxy, &args.command, isolation).await?;
        // A program that could not be run brings nothing.
        if matches!(code, CANNOT_RUN | NOT_FOUND) {
            return Ok(code);
        }
        let traffic = async { before?.since(&client).await };
        match traffic.await {
            Ok(traffic) => Ok(told((&traffic, missed), &proxy, args, code)),
            Err(error) => {
                tracing::warn!("the traffic of the program is not known: {error:#}");
                Ok(code)
            }
        }
    };
    with_proxy(options, &args.serve, work).await
}

/// Reports traffic that is missing; the exit code.
fn told((traffic, missed): (&Traffic, Option<String>), proxy: &ProgramProxy, args: &RunArgs, code: u8) -> u8 {
    let program = Path::new(args.command.first().map_or(OsStr::new(""), OsString::as_os_str));
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let cure =
        if args.deep { NOTHING_TO_CAPTURE.to_owned() } else { environment::cure(program, proxy.address) };
    let sentence = traffic.sentence(&name, &cure);
    for sentence in sentence.iter().chain(&missed) {
        eprintln!("dashcam: {}", escaped(sentence));
    }
    let is_missing = missed.is_some() || !traffic.has_requests();
    if args.strict && code == 0 && is_missing { NOTHING_CAME } else { code }
}

/// How far a program is separated from the rest of the system.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Isolation {
    /// It sees the system's files as they are.
    pub(super) no_namespace: bool,
    /// Its connections are captured, whatever it knows of a proxy.
    pub(super) deep: bool,
}

/// Runs the program that `words` name, in an environment that leads it to `proxy`; its exit code, and a sentence about
/// connections that went past dashcam although all were to be captured.
pub(super) async fn program(
    proxy: &ProgramProxy,
    words: &[OsString],
    isolation: Isolation,
) -> Result<(u8, Option<String>)> {
    let home = &proxy.home;
    let root = home.path().join("ca.pem");
    let pem = std::fs::read_to_string(&root).with_context(|| root.display().to_string())?;
    let bundle = trust_bundle::write(home, &pem)?;
    let java_store = trust_bundle::java_store(home, &root).await;
    let credential = proxy.credential.as_ref().map(|(user, password)| (user.as_str(), password.as_str()));
    let files = ClientFiles::new(home)?;
    let pointers = Pointers {
        proxy: proxy.address,
        credential,
        root: &root,
        bundle: &bundle,
        java_store: java_store.as_deref(),
        lasting: files.lasting(),
        passing: files.passing(),
    };
    let current = |name: &str| std::env::var_os(name);
    files.write(home, &pointers, &current)?;
    let laid = if isolation.no_namespace { Vec::new() } else { environment::laid(&pointers) };
    let lays = namespace::lays(&laid);
    let deep = match isolation.deep {
        true => Some(Deep::prepare(proxy, files.passing(), lays.clone(), &laid).await?),
        false => None,
    };
    let mut line = match &deep {
        Some(deep) => deep.words(),
        None if lays.is_empty() => Vec::new(),
        None => [namespace::beginning(&lays).unwrap_or_default(), vec!["--".into()]].concat(),
    };
    line.extend_from_slice(words);
    let Some((name, arguments)) = line.split_first() else {
        bail!("name the program to run: dashcam run -- CMD")
    };
    let mut command = Command::new(name);
    command.args(arguments).envs(environment::variables(&pointers, current));
    command.env_remove(ca_key::VARIABLE);
    let running = child::run(command);
    match deep {
        Some(deep) => {
            let (code, missed) = deep.around(running).await;
            Ok((code?, missed))
        }
        None => Ok((running.await?, None)),
    }
}
