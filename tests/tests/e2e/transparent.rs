//! Transparent listeners in a network of their own, with real rules of the firewall: nftables and iptables.

use std::process::{Command, Output, Stdio};

use anyhow::{Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::namespace::{Neighbour, is_inside, sh};
use dashcam_tests::origin::Origin;
use dashcam_tests::test_ca;
use serde_json::{Value, json};

/// Where the origin is: addresses of this machine, which nobody need route.
const IPV4: &str = "10.99.0.7";
const IPV6: &str = "fd99::7";
const NAME: &str = "origin.test";

/// The network, an origin with or without TLS in it, and dashcam.
struct Place {
    origin: Origin,
    dashcam: Dashcam,
}

impl Place {
    async fn start(https: bool) -> Result<Self> {
        sh(&format!("ip link set lo up; ip addr add {IPV4}/32 dev lo; ip addr add {IPV6}/128 dev lo nodad"))?;
        let tls = test_ca::shared()?.server(&[NAME], &["h2", "http/1.1"])?;
        let origin = Origin::start("[::]:0", https.then(|| tls.into())).await?;
        let dashcam = Dashcam::start(&["-m", "inside=transparent@[::]:0"]).await?;
        Ok(Self { origin, dashcam })
    }

    /// Sets rules for the origin's port ($PORT) and dashcam's ($TO), in place of those before. False, said aloud, where the
    /// system has no such.
    fn rules(&self, way: &str, rules: &str) -> bool {
        let (port, to) = (self.origin.port(), self.dashcam.proxy().port());
        let set = sh(&format!("PORT={port}; TO={to}; nft flush ruleset\n{rules}"));
        set.inspect_err(|why| eprintln!("SKIPPED {way}: the system does not take its rules: {why:#}")).is_ok()
    }

    /// Asks for `path` at the origin's name, which is at `address`, with curl as `command` runs it.
    async fn curl(
        &self,
        mut command: Command,
        (address, path): (&str, &str),
        options: &[&str],
    ) -> Result<Output> {
        let port = self.origin.port();
        let scheme = if self.origin.url("").starts_with("https") { "https" } else { "http" };
        let address = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        command.args(["-sS", "--max-time", "20", "-w", "\n%{http_code}", "--noproxy", "*", "--cacert"]);
        command.arg(self.dashcam.ca()).args(["--resolve", &format!("{NAME}:{port}:{address}")]).args(options);
        command.arg(format!("{scheme}://{NAME}:{port}{path}")).stdin(Stdio::null());
        Ok(tokio::task::spawn_blocking(move || command.output()).await??)
    }

    /// Checks that `path` was asked for by `client`, meant for `address`, and read.
    async fn recorded(&self, (address, path): (&str, &str), client: &str) -> Result<()> {
        let exchange = self.dashcam.api().ended(path).await?;
        assert_eq!((&exchange["host"], &exchange["status"]), (&json!(NAME), &json!(200)), "{path}");
        let id = &exchange["connection"];
        let connection = self.dashcam.api().connection(path, |row| row["id"] == *id).await?;
        let port = self.origin.port();
        let destination =
            if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") };
        assert_eq!(connection["destination"], destination, "{path}");
        assert_eq!((&connection["mode"], &connection["listener"]), (&json!("transparent"), &json!("inside")));
        let found = connection["client"].as_str().unwrap_or_default();
        ensure!(found.contains(client), "{path}: {found} in place of {client}");
        Ok(())
    }
}

/// Rules that lead a neighbour's connections to dashcam.
const WAYS: [(&str, &str); 3] = [
    (
        "nft redirect",
        "nft \"table inet dashcam { chain in { type nat hook prerouting priority -100;
            iifname near tcp dport $PORT redirect to :$TO; }; }\"",
    ),
    (
        "nft tproxy",
        "nft \"table inet dashcam { chain in { type filter hook prerouting priority -150;
            iifname near meta nfproto ipv4 tcp dport $PORT tproxy ip to :$TO meta mark set 1 accept;
            iifname near meta nfproto ipv6 tcp dport $PORT tproxy ip6 to :$TO meta mark set 1 accept; }; }\"
        for family in -4 -6; do
            ip $family rule add fwmark 1 lookup 100; ip $family route add local default dev lo table 100
        done",
    ),
    (
        "iptables redirect",
        "for program in iptables ip6tables; do
            $program -t nat -A PREROUTING -i near -p tcp --dport $PORT -j REDIRECT --to-ports $TO
        done",
    ),
];

async fn of_a_neighbour(https: bool) -> Result<()> {
    let place = Place::start(https).await?;
    let neighbour = Neighbour::start()?;
    for (number, (way, rules)) in WAYS.into_iter().enumerate() {
        if !place.rules(way, rules) {
            continue;
        }
        for (address, client) in [(IPV4, "10.98.0.2"), (IPV6, "fd98::2")] {
            let path = format!("/json?way{number}{client}");
            let got = place.curl(neighbour.command("curl"), (address, &path), &[]).await?;
            ensure!(got.stdout.ends_with(b"\n200"), "{way} {address}: {got:?}\n{}", place.dashcam.log());
            place.recorded((address, &path), client).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn tls_of_a_neighbour() -> Result<()> {
    match is_inside("transparent::tls_of_a_neighbour", &["nft", "iptables"])? {
        true => of_a_neighbour(true).await,
        false => Ok(()),
    }
}

#[tokio::test]
async fn http_of_a_neighbour() -> Result<()> {
    match is_inside("transparent::http_of_a_neighbour", &["nft", "iptables"])? {
        true => of_a_neighbour(false).await,
        false => Ok(()),
    }
}

/// Rules for what this machine's programs send, but for dashcam, which can be told by its user elsewhere.
#[tokio::test]
async fn programs_of_this_machine() -> Result<()> {
    if !is_inside("transparent::programs_of_this_machine", &["nft"])? {
        return Ok(());
    }
    let place = Place::start(true).await?;
    let rules = "nft \"table inet dashcam { chain out { type nat hook output priority -100;
        tcp sport 40000-40100 tcp dport $PORT redirect to :$TO; }; }\"";
    if !place.rules("nft redirect", rules) {
        return Ok(());
    }
    for (address, client) in [(IPV4, "10.99.0.7"), (IPV6, "fd99::7")] {
        let path = format!("/json?own{client}");
        let got =
            place.curl(Command::new("curl"), (address, &path), &["--local-port", "40000-40100"]).await?;
        ensure!(got.stdout.ends_with(b"\n200"), "{address}: {got:?}\n{}", place.dashcam.log());
        place.recorded((address, &path), client).await?;
    }
    // A program that goes on having its socket is found by it, as it is before the firewall changes it.
    let lasting = "import socket, sys\ns = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20, \
        source_address=('', 40050))\ns.sendall(b'not HTTP\\n')\nsys.stdin.read()";
    let mut program = Command::new("python3");
    program.args(["-c", lasting, IPV4, &place.origin.port().to_string()]).stdin(Stdio::piped());
    let mut program = program.spawn()?;
    let pid = program.id();
    let is_it = |row: &Value| row["program"]["pid"] == pid;
    let found = place.dashcam.api().connection("one with its program", is_it).await;
    program.kill()?;
    program.wait()?;
    assert_eq!(found?["program"]["name"], "python3");
    Ok(())
}

/// Rules that lead dashcam's own connections back to it, too.
#[tokio::test]
async fn loops_end_at_once() -> Result<()> {
    if !is_inside("transparent::loops_end_at_once", &["nft"])? {
        return Ok(());
    }
    let place = Place::start(false).await?;
    let rules = "nft \"table inet dashcam { chain out { type nat hook output priority -100;
        tcp dport $PORT redirect to :$TO; }; }\"";
    if !place.rules("nft redirect", rules) {
        return Ok(());
    }
    let api = place.dashcam.api();
    for (level, address) in [("full", IPV4), ("full", IPV6), ("off", IPV4)] {
        api.change(&json!({"level": level})).await?;
        let got = place.curl(Command::new("curl"), (address, "/json?loop"), &[]).await?;
        ensure!(got.stdout.ends_with(b"\n508"), "{level} {address}: {got:?}");
        ensure!(String::from_utf8_lossy(&got.stdout).contains("led back"), "{got:?}");
    }
    let led_back = |text: Option<&str>| text.is_some_and(|text| text.contains("led back"));
    api.connection("a loop", |row| led_back(row["failure"]["message"].as_str())).await?;
    // One of curl and one of dashcam each time; nothing is recorded at `off`.
    eventually("four connections are stored", async || {
        let connections = api.get("/connections?limit=1000").await?;
        Ok((connections["connections"].as_array().map(Vec::len) == Some(4)).then_some(()))
    })
    .await?;
    ensure!(place.origin.site().seen().is_empty(), "the origin was reached");
    Ok(())
}

/// A client that comes to the listener itself is not led anywhere.
#[tokio::test]
async fn without_rules_nothing_is_served() -> Result<()> {
    let dashcam = Dashcam::start(&["-m", "transparent"]).await?;
    let mut io = dashcam_tests::raw::open(dashcam.proxy()).await?;
    let got = dashcam_tests::raw::get(&mut io, "/", "localhost").await?;
    assert_eq!(got.head.status()?, 400);
    ensure!(String::from_utf8_lossy(&got.body).contains("came straight"), "{:?}", got.body);
    let straight = |text: Option<&str>| text.is_some_and(|text| text.contains("came straight"));
    let row = dashcam
        .api()
        .connection("it came straight", |row| straight(row["failure"]["message"].as_str()))
        .await?;
    assert_eq!((&row["verdict"], &row["detected"]), (&json!("refuse"), &json!("http1")));
    Ok(())
}
