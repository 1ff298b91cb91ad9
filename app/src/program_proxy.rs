//! The forward listener that a program's traffic goes to: of the running dashcam, or of one that lives as long as the
//! program.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use dashcam_proxy::{Credential, ListenerConfig};
use serde_json::Value;

use crate::cli::ServeArgs;
use crate::client::Client;
use crate::exit::CannotStart;
use crate::home::{Home, random_token};
use crate::instance::Instance;
use crate::open_files;
use crate::options::Options;
use crate::page::Place;

/// How long connections that the program leaves behind may stay.
const GRACE: Duration = Duration::from_secs(2);

/// A listener that waits for a program.
#[derive(Debug)]
pub(crate) struct ProgramProxy {
    /// The home of its dashcam.
    pub(crate) home: Home,
    /// The listener.
    pub(crate) address: SocketAddr,
    /// The user name and the password that it asks for.
    pub(crate) credential: Option<(String, String)>,
}

/// Does `work` with a listener, of an instance of our own if none runs.
pub(crate) async fn with_proxy(
    options: Options,
    args: &ServeArgs,
    work: impl AsyncFnOnce(ProgramProxy) -> Result<u8>,
) -> Result<u8> {
    let home = options.home.clone();
    let client = Client::of(&home);
    if client.is_live().await {
        let others = ServeArgs { proxyauth: Vec::new(), ..args.clone() };
        if others != ServeArgs::default() {
            tracing::warn!("a dashcam is already running: the options for a new one are ignored");
        }
        let address = forward_listener(&client.get("/status").await?)?;
        return work(ProgramProxy { home, address, credential: credential(&options)? }).await;
    }
    let mut options = with_free_ports(for_one_program(options), args);
    let credentials = &mut options.proxy.access.credentials;
    if !credentials.is_empty() && credentials.iter().all(|user| user.plain().is_none()) {
        // Those of a file are known to their users alone: the program gets one of its own.
        credentials.push(format!("dashcam-run:{}", random_token()).parse()?);
    }
    let credential = credential(&options)?;
    let instance = Box::pin(Instance::start(options)).await.context(CannotStart)?;
    let ended = match forward_address(&instance.listeners) {
        Ok(address) => work(ProgramProxy { home, address, credential }).await,
        Err(error) => Err(error),
    };
    instance.stop().await?;
    ended
}

/// The address of the first of `listeners` that a program's traffic can go to.
pub(crate) fn forward_address(listeners: &[ListenerConfig]) -> Result<SocketAddr> {
    let serves = |listener: &&ListenerConfig| {
        is_forward(&listener.mode.to_string()) && listener.proxy_protocol.is_none()
    };
    listeners.iter().find(serves).map(|listener| listener.address).ok_or_else(no_forward_listener)
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

/// Returns whether clients of a listener in `mode` name their destinations in HTTP: with a parent proxy or without.
pub(crate) fn is_forward(mode: &str) -> bool {
    mode == "forward" || mode.starts_with("upstream:")
}

fn no_forward_listener() -> anyhow::Error {
    anyhow::anyhow!(
        "this dashcam has no forward listener for a program's traffic (few programs can use SOCKS5): start it with \
         `-m forward`"
    )
}

fn forward_listener(status: &Value) -> Result<SocketAddr> {
    let listeners =
        status["listeners"].as_array().context("the running dashcam does not report its listeners")?;
    // One for load balancers is of no use to a program.
    let serves = |listener: &&Value| {
        listener["mode"].as_str().is_some_and(is_forward) && listener["proxy_protocol"] != true
    };
    let forward = listeners.iter().find(serves);
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
pub(crate) fn with_free_ports(mut options: Options, args: &ServeArgs) -> Options {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forward_listener_is_found_among_others() {
        let status = serde_json::json!({"listeners": [
            {"mode": "reverse:http://a", "address": "127.0.0.1:1"},
            {"mode": "forward", "address": "127.0.0.1:3", "proxy_protocol": true},
            {"mode": "forward", "address": "127.0.0.1:2", "proxy_protocol": false}]});
        assert_eq!(forward_listener(&status).unwrap().port(), 2);
        let parent =
            serde_json::json!({"listeners": [{"mode": "upstream:http://p:3128", "address": "127.0.0.1:3"}]});
        assert_eq!(forward_listener(&parent).unwrap().port(), 3);
        let none = serde_json::json!({"listeners": [
            {"mode": "reverse:http://a", "address": "127.0.0.1:1"}, {"mode": "socks5", "address": "127.0.0.1:2"}]});
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
