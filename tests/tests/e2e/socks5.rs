//! SOCKS5 listeners: curl, Python, and clients by hand.

use std::process::Output;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{clean, python};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::raw;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

const MODE: [&str; 2] = ["-m", "socks5"];
/// Offers no authentication.
const GREETING: &[u8] = b"\x05\x01\x00";

/// A request for a tunnel to `port` of the host with this name.
fn request(host: &str, port: u16) -> Vec<u8> {
    let length = u8::try_from(host.len()).expect("a short name");
    [&[5, 1, 0, 3, length], host.as_bytes(), &port.to_be_bytes()].concat()
}

/// Runs curl with `options` for `url`; it says the status.
async fn curl(dashcam: &Dashcam, options: &[&str], url: &str) -> Result<Output> {
    let mut command = clean(Command::new("curl"));
    command.args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert"]).arg(dashcam.ca());
    command.args(options).arg(url);
    within("curl", async { Ok(command.output().await?) }).await
}

/// Sends `said` and reads the bytes that `expect` has.
async fn talk(dashcam: &Dashcam, said: &[u8], expect: &[u8]) -> Result<Stream> {
    let mut io = raw::open(dashcam.proxy()).await?;
    io.write_all(said).await?;
    let mut heard = vec![0; expect.len()];
    within("the replies", async { Ok(io.read_exact(&mut heard).await?) }).await?;
    ensure!(heard == expect, "{heard:02x?} in place of {expect:02x?}");
    Ok(io)
}

/// The reply to a request that gets no tunnel, behind that to the greeting.
fn refused(reply: u8) -> Vec<u8> {
    vec![5, 0, 5, reply, 0, 1, 0, 0, 0, 0, 0, 0]
}

#[tokio::test]
async fn curl_is_decrypted_and_recorded() -> Result<()> {
    let (plain, http1, http2) = (Origin::http().await?, Origin::https1().await?, Origin::https().await?);
    let dashcam = Dashcam::start(&MODE).await?;
    let proxy = dashcam.proxy().to_string();
    for (number, (option, origin)) in ["--socks5", "--socks5-hostname"]
        .into_iter()
        .flat_map(|option| [&plain, &http1, &http2].map(|origin| (option, origin)))
        .enumerate()
    {
        let path = format!("/json?socks{number}");
        let output = curl(&dashcam, &[option, &proxy], &origin.url(&path)).await?;
        ensure!(output.status.success() && output.stdout == b"200", "{option} {path}: {output:?}");
        let exchange = dashcam.api().ended(&path).await?;
        assert_eq!((exchange["state"].as_str(), exchange["status"].as_u64()), (Some("complete"), Some(200)));
    }
    let connection = dashcam
        .api()
        .connection("decrypted", |row| row["verdict"] == "decrypt" && row["mode"] == "socks5")
        .await?;
    assert_eq!(connection["detected"], "tls");
    let status = dashcam.api().get("/status").await?;
    let listener = json!({"name": null, "mode": "socks5", "address": proxy, "proxy_protocol": false, "reuse_port": false});
    assert_eq!(status["listeners"][0], listener);
    Ok(())
}

#[tokio::test]
async fn passwords_are_asked_for() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::start(&[MODE.as_slice(), &["--proxyauth", "me:secret"]].concat()).await?;
    let proxy = dashcam.proxy().to_string();
    let url = origin.url("/json");
    let right = curl(&dashcam, &["--socks5-hostname", &proxy, "-U", "me:secret"], &url).await?;
    ensure!(right.status.success() && right.stdout == b"200", "{right:?}");
    for options in [["-U", "me:wrong"].as_slice(), &[]] {
        let wrong = curl(&dashcam, &[&["--socks5-hostname", &proxy], options].concat(), &url).await?;
        // CURLE_PROXY
        assert_eq!(wrong.status.code(), Some(97), "{options:?}: {wrong:?}");
    }
    for expect in ["is wrong", "takes only clients with"] {
        let says = |text: Option<&str>| text.is_some_and(|text| text.contains(expect));
        let row = dashcam.api().connection(expect, |row| says(row["failure"]["message"].as_str())).await?;
        assert_eq!(
            (row["verdict"].as_str(), row["failure"]["side"].as_str()),
            (Some("refuse"), Some("proxy"))
        );
    }
    assert_eq!(origin.site().seen_for("/json").len(), 1);
    Ok(())
}

/// A client in Python that knows nothing but its standard library.
#[tokio::test]
async fn python_over_tls() -> Result<()> {
    let script = "import socket, ssl, struct, sys
proxy, ca, host, port = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
address, _, proxy_port = proxy.rpartition(':')
s = socket.create_connection((address, int(proxy_port)), timeout=20)
s.sendall(b'\\x05\\x02\\x00\\x02')
assert s.recv(2, socket.MSG_WAITALL) == b'\\x05\\x00'
s.sendall(b'\\x05\\x01\\x00\\x03' + bytes([len(host)]) + host.encode() + struct.pack('>H', port))
assert s.recv(10, socket.MSG_WAITALL)[:2] == b'\\x05\\x00'
with ssl.create_default_context(cafile=ca).wrap_socket(s, server_hostname=host) as t:
    t.sendall(b'GET /json?python HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n')
    print(t.makefile('rb').readline().decode().strip())
";
    let origin = Origin::https().await?;
    let dashcam = Dashcam::start(&MODE).await?;
    let mut command = clean(Command::new(python()?));
    command.args(["-c", script, &dashcam.proxy().to_string()]).arg(dashcam.ca());
    command.args(["localhost", &origin.port().to_string()]);
    let output = within("Python", async { Ok(command.output().await?) }).await?;
    ensure!(output.stdout.starts_with(b"HTTP/1.1 200"), "{output:?}");
    assert_eq!(dashcam.api().ended("/json?python").await?["status"], 200);
    Ok(())
}

/// Requests with PySocks: by name and by address, with a name and a password.
#[tokio::test]
async fn requests_with_a_password() -> Result<()> {
    let script = "import requests, sys
proxy, ca, https, http = sys.argv[1:]
for number, (scheme, user) in enumerate([('socks5h', 'me:secret'), ('socks5', 'me:secret'), ('socks5h', 'me:wrong')]):
    for url in (https, http):
        proxies = dict.fromkeys(('http', 'https'), f'{scheme}://{user}@{proxy}')
        try:
            print(requests.get(f'{url}?requests{number}', proxies=proxies, verify=ca, timeout=20).status_code)
        except requests.exceptions.ConnectionError as error:
            print('authentication failed' in str(error))
";
    let (https, http) = (Origin::https().await?, Origin::start("[::1]:0", None).await?);
    let dashcam = Dashcam::start(&[MODE.as_slice(), &["--proxyauth", "me:secret"]].concat()).await?;
    let mut command = clean(Command::new(python()?));
    command.args(["-c", script, &dashcam.proxy().to_string()]).arg(dashcam.ca());
    command.args([https.url("/json"), format!("http://[::1]:{}/json", http.port())]);
    let output = within("Python", async { Ok(command.output().await?) }).await?;
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        said.split_whitespace().collect::<Vec<_>>(),
        ["200", "200", "200", "200", "True", "True"],
        "{output:?}"
    );
    for number in 0..2 {
        let exchanges = dashcam.api().ending_in(&format!("/json?requests{number}")).await?;
        let hosts: Vec<_> = exchanges.iter().map(|exchange| exchange["host"].as_str()).collect();
        assert!(hosts.contains(&Some("localhost")) && hosts.contains(&Some("::1")), "{hosts:?}");
    }
    Ok(())
}

/// Commands that are not served have their reply, and their reason on record.
#[tokio::test]
async fn bind_and_udp_are_refused() -> Result<()> {
    let dashcam = Dashcam::start(&MODE).await?;
    for (command, name) in [(2, "BIND"), (3, "UDP ASSOCIATE")] {
        let said = [GREETING, &[5, command, 0, 1, 127, 0, 0, 1, 0, 80]].concat();
        talk(&dashcam, &said, &refused(7)).await?;
        let says = |text: Option<&str>| text.is_some_and(|text| text.contains(name));
        let row = dashcam.api().connection(name, |row| says(row["failure"]["message"].as_str())).await?;
        assert_eq!((&row["verdict"], &row["mode"]), (&json!("refuse"), &json!("socks5")));
    }
    Ok(())
}

/// Some clients wait for no reply: all that they send stands behind the request.
#[tokio::test]
async fn bytes_behind_the_request_are_not_lost() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&MODE).await?;
    let http = b"GET /json?behind HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let said = [GREETING, &request("localhost", origin.port()), http].concat();
    let mut io = talk(&dashcam, &said, &refused(0)).await?;
    let answer = within("an answer", dashcam_tests::wire::read_response(&mut io, "GET")).await?;
    assert_eq!(answer.head.status()?, 200);
    assert_eq!(dashcam.api().ended("/json?behind").await?["status"], 200);
    Ok(())
}

/// Where nothing is read, the upstream is connected to first.
#[tokio::test]
async fn failures_have_their_replies() -> Result<()> {
    let (_held, dead) = Origin::dead()?;
    let dashcam = Dashcam::start(&[MODE.as_slice(), &["--connect-ports", "1024-65535"]].concat()).await?;
    dashcam.api().change(&json!({"level": "off"})).await?;
    let own = dashcam.proxy().port();
    for (host, port, reply) in [
        ("127.0.0.1", dead.port(), 5),
        ("nowhere.invalid", 8443, 4),
        ("127.0.0.1", 22, 2),
        ("127.0.0.1", own, 2),
    ] {
        let said = [GREETING, &request(host, port)].concat();
        let mut io = talk(&dashcam, &said, &refused(reply)).await?;
        let mut rest = Vec::new();
        within("the end", async { Ok(io.read_to_end(&mut rest).await?) }).await?;
        ensure!(rest.is_empty(), "{host}:{port}: {rest:?}");
    }
    Ok(())
}

#[tokio::test]
async fn clients_of_other_protocols_are_told() -> Result<()> {
    let dashcam = Dashcam::start(&MODE).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let got = raw::get(&mut io, "http://localhost/", "localhost").await?;
    assert_eq!(got.head.status()?, 400);
    assert!(String::from_utf8_lossy(&got.body).contains("socks5h://"), "{:?}", got.body);
    talk(&dashcam, b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", &[0, 0x5b, 0, 0, 0, 0, 0, 0]).await?;
    let tls = raw::tls(raw::open(dashcam.proxy()).await?, &dashcam.ca(), "localhost").await;
    ensure!(tls.is_err(), "it spoke TLS");
    raw::open(dashcam.proxy()).await?.write_all(b"\x00\x01\x02").await.context("garbage")?;
    for (spoken, detected) in [
        ("with HTTP", "http1"),
        ("with TLS", "tls"),
        ("with SOCKS4", "other"),
        ("with something else", "other"),
    ] {
        let says = |text: Option<&str>| text.is_some_and(|text| text.contains(spoken));
        let row = dashcam.api().connection(spoken, |row| says(row["failure"]["message"].as_str())).await?;
        assert_eq!((row["detected"].as_str(), row["verdict"].as_str()), (Some(detected), Some("refuse")));
    }
    Ok(())
}
