//! The page's listener: where it may be, under which names, and what strangers can't do to it.

use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, cli, placed};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::wire::read_response;
use dashcam_tests::{raw, test_ca};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream, UnixStream};

fn bearer(home: &Path) -> Result<String> {
    Ok(format!("Authorization: Bearer {}\r\n", std::fs::read_to_string(home.join("token"))?.trim()))
}

/// The status of a call over `io`.
async fn status(mut io: Stream, host: &str, fields: &str) -> Result<u16> {
    raw::send(&mut io, &format!("GET /api/v1/settings HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n")).await?;
    within("an answer", read_response(&mut io, "GET")).await?.head.status()
}

/// All bytes until the connection ends.
async fn to_end(io: &mut (impl tokio::io::AsyncRead + Unpin)) -> Result<String> {
    let mut text = Vec::new();
    let read = async {
        // A reset is an end, too.
        let _ = io.read_to_end(&mut text).await;
        Ok(())
    };
    within("the connection ends", read).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The output of `dashcam ARGUMENTS`.
async fn printed(home: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = cli(home)?;
    command.args(arguments);
    let output = within("dashcam's command line", async { Ok(command.output().await?) }).await?;
    Ok(format!("{}{}", String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
}

#[tokio::test]
async fn over_tls_with_a_certificate() -> Result<()> {
    let (certificate, key) = test_ca::shared()?.write("page", &["localhost", "127.0.0.1"])?;
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let dashcam = Dashcam::start(&["--web-cert", &certificate, "--web-key", &key]).await?;
    let (page, ca) = (dashcam.page(), test_ca::shared()?.file());
    let host = format!("localhost:{}", page.port());
    let mut io = raw::tls(raw::open(page).await?, &ca, "localhost").await?;
    let token = std::fs::read_to_string(dashcam.home().join("token"))?;
    let answer = raw::get(&mut io, &format!("/?token={}", token.trim()), &host).await?;
    let cookie = answer.head.field("set-cookie").context("a cookie")?;
    assert!(cookie.contains("; Secure"), "{cookie}");
    let io = raw::tls(raw::open(page).await?, &ca, "localhost").await?;
    assert_eq!(status(io, &host, &bearer(dashcam.home())?).await?, 200);
    let mut plain = raw::open(page).await?;
    let answer = raw::get(&mut plain, "/", &host).await?;
    assert_eq!(answer.head.status()?, 400);
    assert!(String::from_utf8(answer.body)?.contains(&format!("https://{page}/")));
    let table = printed(dashcam.home(), &["status"]).await?;
    assert!(table.contains(&format!("page         https://{page}/ ")), "{table}");
    Ok(())
}

#[tokio::test]
async fn a_certificate_that_cannot_be_shown_is_refused_at_the_start() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (certificate, key) = test_ca::shared()?.write("page-a", &["localhost"])?;
    let (_, other_key) = test_ca::shared()?.write("page-b", &["localhost"])?;
    let none = folder.path().join("none.pem");
    for (certificate, key, expect) in [
        (&certificate, &other_key, "is not the key of the certificate in"),
        (&none, &key, "none.pem"),
        (&certificate, &none, "private key"),
        (&key, &key, "there is no certificate in it"),
    ] {
        let mut command = placed(folder.path(), &["--web-port", "0", "--web-cert"])?;
        command.arg(certificate).arg("--web-key").arg(key);
        let output = within("dashcam ends", async { Ok(command.output().await?) }).await?;
        let said = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("dashcam: cannot start") && said.contains(expect), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn under_the_names_that_the_operator_gives() -> Result<()> {
    let dashcam = Dashcam::start(&["--web-name", "dashcam.example"]).await?;
    let bearer = bearer(dashcam.home())?;
    for (host, expect) in [
        (dashcam.page().to_string(), 200),
        ("dashcam.example".to_owned(), 200),
        ("DASHCAM.example:443".to_owned(), 200),
        ("evil.example".to_owned(), 403),
        ("dashcam.example.evil.example".to_owned(), 403),
    ] {
        assert_eq!(status(raw::open(dashcam.page()).await?, &host, &bearer).await?, expect, "{host}");
    }
    Ok(())
}

async fn on_socket(path: &Path) -> Result<Stream> {
    let stream = UnixStream::connect(path).await?;
    Ok(BufReader::new(Box::new(stream)))
}

#[tokio::test]
async fn on_a_socket_for_its_owner_with_the_token() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (home, path) = (folder.path(), folder.path().join("page.sock"));
    let socket = path.display().to_string();
    let mut dashcam = Dashcam::start_command(home, placed(home, &["--web-socket", &socket])?).await?;
    let metadata = std::fs::metadata(&path)?;
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(status(on_socket(&path).await?, "localhost", "").await?, 401);
    assert_eq!(status(on_socket(&path).await?, "localhost:9000", &bearer(home)?).await?, 200);
    assert_eq!(status(on_socket(&path).await?, "evil.example", &bearer(home)?).await?, 403);
    let table = printed(home, &["status"]).await?;
    assert!(table.contains(&format!("page         on the socket {socket}\n")), "{table}");
    dashcam.stop().await?;
    assert!(!path.exists());
    Ok(())
}

#[tokio::test]
async fn nowhere() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_command(folder.path(), placed(folder.path(), &["--no-web"])?).await?;
    let table = printed(folder.path(), &["status"]).await?;
    assert!(table.contains("page         none (--no-web)\n"), "{table}");
    assert_eq!(printed(folder.path(), &["record", "off"]).await?.lines().count(), 2);
    // The listener for traffic is the only one.
    let pid = dashcam.pid().context("it runs")?;
    let listening = |file: &str| -> Result<Vec<String>> {
        let table = std::fs::read_to_string(format!("/proc/{pid}/net/{file}"))?;
        let listening = table.lines().filter(|line| line.split_whitespace().nth(3) == Some("0A"));
        Ok(listening.filter_map(|line| line.split_whitespace().nth(9).map(str::to_owned)).collect())
    };
    let inodes = [listening("tcp")?, listening("tcp6")?].concat();
    let ours = std::fs::read_dir(format!("/proc/{pid}/fd"))?.filter_map(|entry| {
        let target = std::fs::read_link(entry.ok()?.path()).ok()?;
        let inode = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
        inodes.contains(&inode).then_some(inode)
    });
    assert_eq!(ours.count(), 1);
    dashcam.stop().await?;
    Ok(())
}

#[tokio::test]
async fn beyond_loopback_it_says_what_is_open_to_whom() -> Result<()> {
    let quiet = Dashcam::start(&[]).await?;
    assert!(!quiet.log().contains("is open to"), "{}", quiet.log());
    let open = Dashcam::start(&["--web-host", "0.0.0.0"]).await?;
    let log = open.log();
    let warning =
        log.lines().find(|line| line.contains("the page is open to every machine")).context("no warning")?;
    assert!(warning.contains("WARN") && warning.contains("unencrypted: add --web-cert"), "{warning}");
    Ok(())
}

/// A connection from another address of this machine.
async fn stranger(page: SocketAddr, from: &str) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(format!("{from}:0").parse()?)?;
    Ok(socket.connect(page).await?)
}

#[tokio::test]
async fn strangers_do_not_shut_the_operator_out() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let limits = "[page]\nconnections = 6\naddress_connections = 4\nhead = '1s'\n";
    std::fs::write(folder.path().join("config.toml"), limits)?;
    let dashcam = Dashcam::start_in(folder.path(), &[]).await?;
    let (page, host, bearer) = (dashcam.page(), dashcam.page().to_string(), bearer(folder.path())?);
    let mut strangers = Vec::new();
    for from in ["127.0.0.2", "127.0.0.3", "127.0.0.1"] {
        for _ in 0..8 {
            strangers.push(stranger(page, from).await?);
        }
    }
    assert_eq!(status(raw::open(page).await?, &host, &bearer).await?, 200, "over the page");
    let status_ = dashcam.api().get("/status").await?;
    assert!(status_["page"]["refused"]["displaced"].as_u64() > Some(0), "{}", status_["page"]);
    // Who says nothing, or half of something, is not waited for.
    for stranger in &mut strangers {
        to_end(stranger).await?;
    }
    eventually("all have gone", async || {
        let open = dashcam.api().get("/status").await?["page"]["connections_open"].as_u64();
        Ok((open <= Some(1)).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_watcher_that_stalls_is_cut_off_and_gives_its_place_back() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("config.toml"), "[page]\nwatchers = 1\nstall = '500ms'\n")?;
    let dashcam = Dashcam::start_in(folder.path(), &[]).await?;
    let (page, bearer) = (dashcam.page(), bearer(folder.path())?);
    let live = |path: &str| format!("GET /api/v1/{path} HTTP/1.1\r\nHost: {page}\r\n{bearer}\r\n");
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    let mut watcher: Stream = BufReader::with_capacity(1, Box::new(socket.connect(page).await?));
    raw::send(&mut watcher, &live("live")).await?;
    watcher.read_u8().await.context("it is open")?;
    let mut second = raw::open(page).await?;
    raw::send(&mut second, &live("live")).await?;
    let refused = within("an answer", read_response(&mut second, "GET")).await?;
    assert_eq!(refused.head.status()?, 429);
    assert!(String::from_utf8(refused.body)?.contains("\"too_many\""));
    // The command line has places of its own.
    let mut tail = BufReader::new(UnixStream::connect(folder.path().join("control.sock")).await?);
    tail.write_all(live("live").as_bytes()).await?;
    within("a live stream", async { Ok(tail.read_u8().await?) }).await?;
    // Events pile up before the watcher, which reads none of them.
    let origin = Origin::http().await?;
    let url = origin.url(&format!("/json?{}", "x".repeat(4000)));
    let mut client = raw::open(dashcam.proxy()).await?;
    eventually("the watcher is cut off", async || {
        for _ in 0..20 {
            raw::get(&mut client, &url, "localhost").await?;
        }
        let mut third = raw::open(page).await?;
        raw::send(&mut third, &live("live")).await?;
        let mut start = [0; 12];
        third.read_exact(&mut start).await?;
        Ok((&start == b"HTTP/1.1 200").then_some(()))
    })
    .await
}
