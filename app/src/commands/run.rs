//! `dashcam run`: a program with its traffic recorded.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use dashcam_proxy::Credential;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use crate::ca_key;
use crate::cli::{RunArgs, ServeArgs};
use crate::client::Client;
use crate::environment::{self, ClientFiles, Pointers};
use crate::exit::CannotStart;
use crate::home::{Home, random_token};
use crate::instance::Instance;
use crate::namespace;
use crate::open_files;
use crate::options::Options;
use crate::page::Place;
use crate::trust_bundle;

/// How long connections that the program leaves behind may stay.
const GRACE: Duration = Duration::from_secs(2);

/// Runs the program, with an instance of our own if none runs; the program's exit code.
pub(crate) async fn run(options: Options, args: &RunArgs) -> Result<u8> {
    let home = options.home.clone();
    let client = Client::of(&home);
    if client.is_live().await {
        let others = ServeArgs { proxyauth: Vec::new(), ..args.serve.clone() };
        if others != ServeArgs::default() {
            tracing::warn!("a dashcam is already running: the options for a new one are ignored");
        }
        let proxy = forward_listener(&client.get("/status").await?)?;
        return program(&home, (proxy, credential(&options)?), args).await;
    }
    let mut options = with_free_ports(for_one_program(options), &args.serve);
    let credentials = &mut options.proxy.access.credentials;
    if !credentials.is_empty() && credentials.iter().all(|user| user.plain().is_none()) {
        // Those of a file are known to their users alone: the program gets one of its own.
        credentials.push(format!("dashcam-run:{}", random_token()).parse()?);
    }
    let credential = credential(&options)?;
    let instance = Instance::start(options).await.context(CannotStart)?;
    let forward = instance.listeners.iter().find(|(mode, _)| mode == "forward").map(|(_, address)| *address);
    let ended = match forward {
        Some(proxy) => program(&home, (proxy, credential), args).await,
        None => Err(no_forward_listener()),
    };
    instance.stop().await?;
    ended
}

/// The user name and the password that the program is to show to the proxy.
fn credential(options: &Options) -> Result<Option<(String, String)>> {
    let credentials = &options.proxy.access.credentials;
    let plain = credentials.iter().find_map(Credential::plain);
    if plain.is_none() && !credentials.is_empty() {
        bail!(
            "the running dashcam asks for a password, and this command knows only its hash: give one with \
             `dashcam run --proxyauth USER:PASSWORD -- CMD`"
        );
    }
    Ok(plain.map(|(user, password)| (user.to_owned(), password.to_owned())))
}

fn no_forward_listener() -> anyhow::Error {
    anyhow::anyhow!(
        "this dashcam has no forward listener for a program's traffic: start it with `-m forward`"
    )
}

fn forward_listener(status: &Value) -> Result<SocketAddr> {
    let listeners =
        status["listeners"].as_array().context("the running dashcam does not report its listeners")?;
    let forward = listeners.iter().find(|listener| listener["mode"] == "forward");
    let address =
        forward.and_then(|listener| listener["address"].as_str()).ok_or_else(no_forward_listener)?;
    Ok(address.parse()?)
}

/// The program may have all connections: nobody else is expected. It inherits the limit on open files, which is
/// therefore left as it is.
fn for_one_program(mut options: Options) -> Options {
    options.connections.clients_of_address.get_or_insert(0);
    Options { grace: GRACE, ..options.with_open_files(open_files::limit()) }
}

/// A port that nobody asked for need not be free: another will do.
fn with_free_ports(mut options: Options, args: &ServeArgs) -> Options {
    if args.listen_port.is_none() {
        for listener in options.proxy.listeners.iter_mut().filter(|listener| listener.mode.listen.is_none()) {
            free_port(&mut listener.address);
        }
    }
    if args.web_port.is_none()
        && let Place::Address(address) = &mut options.page.place
    {
        free_port(address);
    }
    options
}

fn free_port(address: &mut SocketAddr) {
    if TcpListener::bind(*address).is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse) {
        address.set_port(0);
    }
}

async fn program(
    home: &Home,
    (proxy, credential): (SocketAddr, Option<(String, String)>),
    args: &RunArgs,
) -> Result<u8> {
    let root = home.path().join("ca.pem");
    let pem = std::fs::read_to_string(&root).with_context(|| root.display().to_string())?;
    let bundle = trust_bundle::write(home, &pem)?;
    let java_store: Option<PathBuf> = trust_bundle::java_store(home, &root).await;
    let credential = credential.as_ref().map(|(user, password)| (user.as_str(), password.as_str()));
    let files = ClientFiles::new(home)?;
    let pointers = Pointers {
        proxy,
        credential,
        root: &root,
        bundle: &bundle,
        java_store: java_store.as_deref(),
        lasting: files.lasting(),
        passing: files.passing(),
    };
    let current = |name: &str| std::env::var_os(name);
    files.write(home, &pointers, &current)?;
    let laid = if args.no_namespace { Vec::new() } else { environment::laid(&pointers) };
    let mut words = namespace::entering(&laid).unwrap_or_default();
    words.extend_from_slice(&args.command);
    let Some((name, arguments)) = words.split_first() else {
        bail!("name the program to run: dashcam run -- CMD")
    };
    let mut command = Command::new(name);
    command.args(arguments).envs(environment::variables(&pointers, current));
    command.env_remove(ca_key::VARIABLE);
    // Before the program starts, so that no signal ends us and leaves it alone.
    let mut signals = Signals::new()?;
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Ok(namespace::cannot_run(name, &error)),
    };
    loop {
        tokio::select! {
            status = child.wait() => return Ok(exit_code(status?)),
            signal = signals.next() => pass_on(&child, signal),
        }
    }
}

/// As shells say it: the program's own code, or 128 and the signal that ended it.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// The signals that are meant for the program.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::TERM,
            _ = self.interrupt.recv() => Signal::INT,
            _ = self.quit.recv() => Signal::QUIT,
            _ = self.hang_up.recv() => Signal::HUP,
        }
    }
}

/// Passes `signal` on, except from the keyboard: its signals goes to the whole foreground group: the program has it
/// already.
fn pass_on(child: &Child, signal: Signal) {
    use std::io::IsTerminal as _;
    let from_keyboard = matches!(signal, Signal::INT | Signal::QUIT) && std::io::stdin().is_terminal();
    if from_keyboard {
        return;
    }
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid
        && let Err(error) = kill_process(pid, signal)
    {
        tracing::warn!(%error, ?signal, "the program did not get a signal");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_a_shell() {
        assert_eq!(exit_code(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(exit_code(ExitStatus::from_raw(0)), 0);
        assert_eq!(exit_code(ExitStatus::from_raw(15)), 143);
    }

    #[test]
    fn the_forward_listener_is_found_among_others() {
        let status = serde_json::json!({"listeners": [
            {"mode": "reverse:http://a", "address": "127.0.0.1:1"}, {"mode": "forward", "address": "127.0.0.1:2"}]});
        assert_eq!(forward_listener(&status).unwrap().port(), 2);
        let none = serde_json::json!({"listeners": [{"mode": "reverse:http://a", "address": "127.0.0.1:1"}]});
        assert!(forward_listener(&none).unwrap_err().to_string().contains("-m forward"));
    }

    #[test]
    fn a_port_in_use_is_exchanged_for_any() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut address = taken.local_addr().unwrap();
        free_port(&mut address);
        assert_eq!(address.port(), 0);
    }
}
