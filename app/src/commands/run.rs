//! `dashcam run`: a program with its traffic recorded.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::ca_key;
use crate::child;
use crate::cli::RunArgs;
use crate::client::Client;
use crate::environment::{self, ClientFiles, Pointers};
use crate::namespace::{self, CANNOT_RUN, NOT_FOUND};
use crate::options::Options;
use crate::program_proxy::{ProgramProxy, with_proxy};
use crate::program_traffic::{Before, Traffic};
use crate::terminal::escaped;
use crate::trust_bundle;

/// The exit code with --strict when the program succeeded and no request of it came.
const NOTHING_CAME: u8 = 125;

/// Runs the program; its exit code.
pub(crate) async fn run(options: Options, args: &RunArgs) -> Result<u8> {
    let work = async |proxy: ProgramProxy| {
        let client = Client::of(&proxy.home);
        let before = Before::look(&client).await;
        let code = program(&proxy, &args.command, args.no_namespace).await?;
        // A program that could not be run brings nothing.
        if matches!(code, CANNOT_RUN | NOT_FOUND) {
            return Ok(code);
        }
        let traffic = async { before?.since(&client).await };
        match traffic.await {
            Ok(traffic) => Ok(told(&traffic, &proxy, args, code)),
            Err(error) => {
                tracing::warn!("the traffic of the program is not known: {error:#}");
                Ok(code)
            }
        }
    };
    with_proxy(options, &args.serve, work).await
}

/// Reports traffic that is missing; the exit code.
fn told(traffic: &Traffic, proxy: &ProgramProxy, args: &RunArgs, code: u8) -> u8 {
    let program = Path::new(args.command.first().map_or(OsStr::new(""), OsString::as_os_str));
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    if let Some(sentence) = traffic.sentence(&name, &environment::cure(program, proxy.address)) {
        eprintln!("dashcam: {}", escaped(&sentence));
    }
    if args.strict && code == 0 && !traffic.has_requests() { NOTHING_CAME } else { code }
}

/// Runs the program that `words` name, in an environment that leads it to `proxy`; its exit code.
pub(super) async fn program(proxy: &ProgramProxy, words: &[OsString], no_namespace: bool) -> Result<u8> {
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
    let laid = if no_namespace { Vec::new() } else { environment::laid(&pointers) };
    let mut line = namespace::entering(&laid).unwrap_or_default();
    line.extend_from_slice(words);
    let Some((name, arguments)) = line.split_first() else {
        bail!("name the program to run: dashcam run -- CMD")
    };
    let mut command = Command::new(name);
    command.args(arguments).envs(environment::variables(&pointers, current));
    command.env_remove(ca_key::VARIABLE);
    child::run(command).await
}
