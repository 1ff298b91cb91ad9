//! Programs that know nothing of a proxy, under `dashcam run --deep`: each must be recorded all the same.

use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::binary::{root, target};
use dashcam_tests::clients::{clean, python};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::silent::Silent;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::process::Command;

/// `dashcam run --deep -- WORDS` beside `dashcam`; the program gets an environment without a proxy and without roots.
fn deep(dashcam: &Dashcam, words: &[&str]) -> Result<Command> {
    let mut command = clean(cli(dashcam.home())?);
    let path = std::env::var("PATH")?;
    command.args(["run", "--deep", "--", "env", "-i", &format!("PATH={path}"), "LC_ALL=C"]).args(words);
    Ok(command)
}

/// The output of a program that must succeed.
async fn output(mut command: Command) -> Result<String> {
    let output = within("dashcam run --deep", async { Ok(command.output().await?) }).await?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {}: {stderr}", output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// The static program, compiled once.
fn static_program() -> Result<String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let program = target().join(format!("deep-{}", std::process::id()));
        let source = root().join("tests/c/deep.c");
        let mut compiler = std::process::Command::new("cc");
        compiler.args(["-static", "-no-pie", "-pthread", "-O1", "-o"]).arg(&program).arg(source);
        match compiler.output() {
            Ok(output) if output.status.success() => Ok(program),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Err(error.to_string()),
        }
    });
    let built = built.as_ref().map_err(|why| anyhow::anyhow!("the static program is not built: {why}"))?;
    Ok(built.display().to_string())
}

/// The output of the static program as `kind`, of requests to `origin`.
async fn of_static(dashcam: &Dashcam, origin: &Origin, kind: &str, more: &[&str]) -> Result<String> {
    let (program, port) = (static_program()?, origin.port().to_string());
    output(deep(dashcam, &[&[program.as_str(), kind, &port], more].concat())?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_static_program_is_recorded() -> Result<()> {
    let (dashcam, origin) = (Dashcam::start(&[]).await?, Origin::http().await?);
    assert_eq!(of_static(&dashcam, &origin, "get", &[]).await?, "200\n");
    let exchange = dashcam.api().ended("/json?static").await?;
    assert_eq!(exchange["status"], 200);
    // It is shown by the name that the request has.
    assert!(exchange["url"].as_str().is_some_and(|url| url.starts_with("http://deep.test:")), "{exchange}");
    Ok(())
}

/// The dashcam that `run` starts itself does the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_dashcam_one_is_started() -> Result<()> {
    let (folder, origin) = (tempfile::tempdir()?, Origin::http().await?);
    let mut command = clean(cli(folder.path())?);
    let port = origin.port().to_string();
    command.args([
        "run",
        "--deep",
        "--strict",
        "--proxyauth",
        "me:secret",
        "--",
        &static_program()?,
        "get",
        &port,
    ]);
    assert_eq!(output(command).await?, "200\n");
    let mut list = clean(cli(folder.path())?);
    list.arg("ls");
    assert!(output(list).await?.contains("/json?static"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_threads_at_once_are_recorded() -> Result<()> {
    let (dashcam, origin) = (Dashcam::start(&[]).await?, Origin::http().await?);
    assert_eq!(of_static(&dashcam, &origin, "threads", &["200"]).await?, "200\n");
    eventually("all of them are on record", async || {
        Ok((dashcam.api().get("/status").await?["traffic"]["requests"]["total"] == 200).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn children_are_recorded_and_their_orphans() -> Result<()> {
    let (dashcam, origin) = (Dashcam::start(&[]).await?, Origin::http().await?);
    assert_eq!(of_static(&dashcam, &origin, "children", &[]).await?, "200\n200\n");
    dashcam.api().ended("/json?child").await?;
    dashcam.api().ended("/json?grandchild").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_behave_as_without_us() -> Result<()> {
    let (dashcam, origin) = (Dashcam::start(&[]).await?, Origin::http().await?);
    let again = of_static(&dashcam, &origin, "again", &[]).await?;
    assert_eq!(again, "Connection refused\n200\n");
    let own = of_static(&dashcam, &origin, "own", &[]).await?;
    assert_eq!(own, "peer\nTransport endpoint is already connected\n1 200\n");
    let ways = of_static(&dashcam, &origin, "other-ways", &[]).await?;
    assert_eq!(ways, "Function not implemented\nOperation not supported\nProtocol not available\n");
    Ok(())
}

#[cfg(target_arch = "x86_64")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_32_bit_programs_are_seen() -> Result<()> {
    let (dashcam, origin) = (Dashcam::start(&[]).await?, Origin::http().await?);
    let printed = of_static(&dashcam, &origin, "old-calls", &[]).await?;
    if printed.contains('-') {
        eprintln!("SKIPPED, this kernel runs no 32-bit programs: {printed}");
        return Ok(());
    }
    assert_eq!(printed, "0 200\n0 200\n");
    dashcam.api().ended("/json?direct").await?;
    dashcam.api().ended("/json?socketcall").await?;
    Ok(())
}

/// The supervisor survives processes that die while they wait for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_may_die_at_any_moment() -> Result<()> {
    let (dashcam, origin) = (Dashcam::start(&[]).await?, Origin::http().await?);
    assert_eq!(of_static(&dashcam, &origin, "killed", &[]).await?, "200\n");
    dashcam.api().ended("/json?after").await?;
    Ok(())
}

/// TLS with the system's roots, to which ours is added, by sockets that wait and by those that don't.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_with_the_systems_roots_is_decrypted() -> Result<()> {
    let (dashcam, origin) = (Dashcam::start(&[]).await?, Origin::https().await?);
    if !std::path::Path::new(SYSTEM_ROOTS).is_file() {
        eprintln!("SKIPPED, this system has no {SYSTEM_ROOTS}");
        return Ok(());
    }
    let python = python()?.display().to_string();
    for (target, code) in [
        ("/json?waits", WAITING),
        (
            "/json?asyncio",
            "import asyncio, ssl, sys\nasync def main():\n reader, writer = await asyncio.open_connection(\
         'localhost', int(sys.argv[1]), ssl=ssl.create_default_context(cafile=sys.argv[2]))\n writer.write(\
         f'GET {sys.argv[3]} HTTP/1.1\\r\\nHost: localhost:{sys.argv[1]}\\r\\n\\r\\n'.encode())\n print((await reader.\
         readline()).split()[1].decode())\nasyncio.run(main())",
        ),
    ] {
        let port = origin.port().to_string();
        let printed =
            output(deep(&dashcam, &[&python, "-I", "-c", code, &port, SYSTEM_ROOTS, target])?).await?;
        assert_eq!(printed, "200\n", "{target}");
        assert_eq!(dashcam.api().ended(target).await?["status"], 200);
    }
    Ok(())
}

const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";
const WAITING: &str = "import http.client, ssl, sys\nconnection = http.client.HTTPSConnection('localhost', sys.argv[1], \
                       context=ssl.create_default_context(cafile=sys.argv[2]))\nconnection.request('GET', sys.argv[3])\n\
                       print(connection.getresponse().status)";

/// Where no file can be laid over the system's roots, the program is shown ours when it opens them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_systems_roots_are_shown_without_a_namespace() -> Result<()> {
    let (dashcam, origin) = (Dashcam::start(&[]).await?, Origin::https().await?);
    let python = python()?.display().to_string();
    let deep = deep(&dashcam, &[])?;
    // Root without the right to mount.
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "--"]);
    command.arg(deep.as_std().get_program()).args(deep.as_std().get_args());
    command.envs(deep.as_std().get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args([&python, "-I", "-c", WAITING, &origin.port().to_string(), SYSTEM_ROOTS, "/json?shown"]);
    let mut command = clean(command);
    let output = within("dashcam run --deep", async { Ok(command.output().await?) }).await?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("setpriv") || !std::path::Path::new(SYSTEM_ROOTS).is_file() {
        eprintln!("SKIPPED, rights can't be dropped here, or there is no {SYSTEM_ROOTS}: {stderr}");
        return Ok(());
    }
    assert_eq!(String::from_utf8_lossy(&output.stdout), "200\n", "{stderr}");
    assert_eq!(dashcam.api().ended("/json?shown").await?["status"], 200);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_without_a_preload_is_recorded() -> Result<()> {
    let (dashcam, origin) = (Dashcam::start(&[]).await?, Origin::http().await?);
    let code =
        "require('http').get(process.argv[1], (response) => console.log(response.resume().statusCode))";
    let printed = output(deep(&dashcam, &["node", "-e", code, &origin.url("/json?node")])?).await?;
    assert_eq!(printed, "200\n");
    assert_eq!(dashcam.api().ended("/json?node").await?["status"], 200);
    Ok(())
}

/// A server that speaks first gets one connection, and its words arrive at once; it is listed as a tunnel.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_protocols_are_relayed_as_tunnels() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = within("the server ends", async move {
        let (mut stream, _) = listener.accept().await?;
        stream.write_all(b"220 ready\r\n").await?;
        let mut said = [0; 6];
        stream.read_exact(&mut said).await?;
        stream.write_all(b"221 bye\r\n").await?;
        Ok(said)
    });
    let code = "import socket, sys, time\nbegun = time.monotonic()\n\
                peer = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\nprint(peer.recv(99))\n\
                soon = time.monotonic() - begun < 1.5\npeer.sendall(b'QUIT\\r\\n')\nprint(peer.recv(99), soon)";
    let python = python()?.display().to_string();
    let running = output(deep(&dashcam, &[&python, "-I", "-c", code, &address.port().to_string()])?);
    let (said, printed) = tokio::try_join!(serving, running)?;
    assert_eq!(printed, "b'220 ready\\r\\n'\nb'221 bye\\r\\n' True\n");
    assert_eq!(said, *b"QUIT\r\n");
    let tunnel = dashcam
        .api()
        .connection("the tunnel", |one| one["destination"] == address.to_string().as_str())
        .await?;
    assert_eq!((&tunnel["verdict"], &tunnel["bytes_in"]), (&"tunnel".into(), &6.into()));
    Ok(())
}

/// Hundreds of connections that hang hold up none that does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_hang_hold_up_no_other() -> Result<()> {
    // Longer than the test waits.
    let dashcam = Dashcam::start_with("timeouts.connect = '100s'\n", &[]).await?;
    let origin = Origin::http().await?;
    let silent = Silent::at("127.0.0.1:0".parse()?)?;
    let code = "import os, socket, sys, threading
begun = threading.Semaphore(0)
def hang():
    one = socket.socket()
    begun.release()
    try: one.connect(('127.0.0.1', int(sys.argv[2])))
    except OSError: pass
for _ in range(600): threading.Thread(target=hang, daemon=True).start()
for _ in range(600): begun.acquire()
peer = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
peer.sendall(b'GET /json?behind HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n')
print(peer.makefile('rb').readline().decode().strip(), flush=True)
os._exit(0)
";
    let python = python()?.display().to_string();
    let ports = [origin.port(), silent.address.port()].map(|port| port.to_string());
    let printed = output(deep(&dashcam, &[&python, "-I", "-c", code, &ports[0], &ports[1]])?).await?;
    assert_eq!(printed, "HTTP/1.1 200 OK\n");
    assert_eq!(dashcam.api().ended("/json?behind").await?["status"], 200);
    Ok(())
}

/// HTTP takes the connection that was opened for it: the server sees no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_sees_one_connection() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port().to_string();
    let serving = within("the server ends", async move {
        let (mut stream, _) = listener.accept().await?;
        let mut asked = vec![0; 1024];
        let length = stream.read(&mut asked).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
        Ok((asked[..length].starts_with(b"GET /json?static"), listener, stream))
    });
    let running = output(deep(&dashcam, &[&static_program()?, "get", &port])?);
    let ((is_request, listener, _stream), printed) = tokio::try_join!(serving, running)?;
    assert_eq!((printed.as_str(), is_request), ("200\n", true));
    assert!(listener.into_std()?.accept().is_err(), "there is another connection");
    Ok(())
}

/// Where capture can't be in force the program is not started, and the reason is named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_capture_nothing_is_started() -> Result<()> {
    let (dashcam, marker) = (Dashcam::start(&[]).await?, tempfile::tempdir()?);
    let file = marker.path().join("started").display().to_string();
    let inner = deep(&dashcam, &["touch", &file])?;
    let inner: Vec<&str> = std::iter::once(inner.as_std().get_program())
        .chain(inner.as_std().get_args())
        .map(|word| word.to_str().context("no text"))
        .collect::<Result<_>>()?;
    // A program has one supervisor. The one within has the same home, and not that of whoever runs the test.
    let home = format!("DASHCAM_HOME={}", dashcam.home().display());
    let words: Vec<&str> = std::iter::once(home.as_str()).chain(inner).collect();
    let mut command = deep(&dashcam, &words)?;
    let output = within("dashcam run --deep", async { Ok(command.output().await?) }).await?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("--deep can't capture connections here"), "{stderr}");
    assert!(stderr.contains("supervises this one already"), "{stderr}");
    assert!(!std::path::Path::new(&file).exists(), "the program was started");
    Ok(())
}

/// Processes that outlive the program are named: nobody supervises them any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_are_left_are_reported() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let mut command = deep(&dashcam, &["sh", "-c", "sleep 30 > /dev/null 2>&1 & echo $!"])?;
    let output = within("dashcam run --deep", async { Ok(command.output().await?) }).await?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("still run"), "{stderr}");
    let left = String::from_utf8(output.stdout)?;
    let ended = Command::new("kill").arg(left.trim()).status().await?;
    ensure!(ended.success(), "{left} was not there");
    Ok(())
}
