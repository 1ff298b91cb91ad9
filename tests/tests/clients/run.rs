//! Programs under `dashcam run`, none of which names a proxy or a root: each must be recorded.

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::binary::root;
use dashcam_tests::clients::{clean, python, python_script, serve};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::test_ca;
use tokio::process::Command;

/// Variables that a developer's machine may have, and that would help.
const UNSET: [&str; 9] = [
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "PYTHONPATH",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "WGETRC",
];

/// `dashcam run -- WORDS` beside `dashcam`, with variables of a user.
fn run(dashcam: &Dashcam, variables: &[(&str, &str)], words: &[&str]) -> Result<Command> {
    let mut command = clean(cli(dashcam.home())?);
    for name in UNSET {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied()).arg("run").arg("--").args(words);
    Ok(command)
}

/// The output of a program that must succeed.
async fn output(mut command: Command) -> Result<String> {
    let output = within("dashcam run", async { Ok(command.output().await?) }).await?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {}: {stderr}", output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a program on `target` and checks that its request is on record as answered with `status`.
async fn recorded(origin: &Origin, target: &str, status: u64, words: &[&str]) -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let url = origin.url(target);
    let words: Vec<&str> =
        words.iter().map(|word| if *word == "URL" { url.as_str() } else { word }).collect();
    output(run(&dashcam, &[], &words)?).await?;
    assert_eq!(dashcam.api().ended(target).await?["status"], status);
    Ok(())
}

fn script(path: &str) -> String {
    root().join("tests").join(path).display().to_string()
}

async fn python_client(kind: &str, origin: Origin) -> Result<()> {
    let (python, script) = (python()?.display().to_string(), script("python/run.py"));
    recorded(&origin, "/json?run", 200, &[&python, &script, kind, "URL"]).await
}

async fn node_client(kind: &str, origin: Origin) -> Result<()> {
    recorded(&origin, "/json?run", 200, &["node", &script("node/run.mjs"), kind, "URL"]).await
}

macro_rules! clients {
    ($($name:ident: $client:ident $kind:literal, $origin:ident;)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() -> Result<()> {
            $client($kind, Origin::$origin().await?).await
        })*
    };
}

clients! {
    python_http_client: python_client "http-client", https;
    python_http_client_plain: python_client "http-client", http;
    python_urllib_request: python_client "urllib-request", https;
    python_urllib3: python_client "urllib3", https;
    python_requests: python_client "requests", https;
    python_httpx: python_client "httpx", https;
    python_httpx_transport: python_client "httpx-transport", https;
    python_httpx_async_transport: python_client "httpx-async-transport", https;
    python_aiohttp: python_client "aiohttp", https;
    node_fetch: node_client "fetch", https;
    node_fetch_plain: node_client "fetch", http;
    node_http: node_client "http", http;
    node_https: node_client "https", https;
    node_http2: node_client "http2", https;
    node_axios: node_client "axios", https;
    node_undici: node_client "undici", https;
    node_undici_plain: node_client "undici", http;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl() -> Result<()> {
    recorded(&Origin::https().await?, "/json?run", 200, &["curl", "--fail", "--silent", "URL"]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wget() -> Result<()> {
    recorded(&Origin::https().await?, "/json?run", 200, &["wget", "--quiet", "--output-document=-", "URL"])
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn git() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut command = run(&dashcam, &[], &["git", "ls-remote", &origin.url("/status/404?run")])?;
    // There is no repository: its answer is all that is wanted.
    within("git ends", async { Ok(command.output().await?) }).await?;
    eventually("git's request is on record", async || {
        let requests = dashcam.api().get("/exchanges?filter=git-upload-pack").await?;
        Ok(requests["exchanges"][0]["id"].as_i64())
    })
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_ws() -> Result<()> {
    let (cert, key) = test_ca::shared()?.write("run-websockets", &["localhost"])?;
    let mut command = python_script("websocket.py")?;
    command.arg("serve").arg("--cert").arg(cert).arg("--key").arg(key);
    let server = serve(command).await?;
    let dashcam = Dashcam::start(&[]).await?;
    let url = format!("https://localhost:{}/chat?run", server.port);
    output(run(&dashcam, &[], &["node", &script("node/run.mjs"), "ws", &url])?).await?;
    assert_eq!(dashcam.api().ended("/chat?run").await?["status"], 101);
    Ok(())
}

/// A host that the user excludes is reached without us, whichever library asks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn excluded_hosts_are_left_alone() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let (python, by_python) = (python()?.display().to_string(), script("python/run.py"));
    let by_node = script("node/run.mjs");
    let url = origin.url("/json?direct");
    let programs: [&[&str]; 6] = [
        &[&python, &by_python, "http-client", &url],
        &[&python, &by_python, "urllib3", &url],
        &[&python, &by_python, "httpx-transport", &url],
        &[&python, &by_python, "aiohttp", &url],
        &["node", &by_node, "http", &url],
        &["node", &by_node, "fetch", &url],
    ];
    for words in programs {
        let host = url.split(['/', ':']).find(|part| part.contains(['.', 'l'])).context("no host")?;
        let printed = output(run(&dashcam, &[("NO_PROXY", host)], words)?).await?;
        assert_eq!(printed, "200\n", "{words:?}");
    }
    assert_eq!(origin.site().seen_for("/json?direct").len(), programs.len());
    // Once this one is stored, those before it would be.
    output(run(&dashcam, &[], &["curl", "--silent", &origin.url("/json?last")])?).await?;
    dashcam.api().ended("/json?last").await?;
    assert_eq!(dashcam.api().ending_in("/json?direct").await?.len(), 0);
    Ok(())
}

/// The user's own preloads, sitecustomize and options are run as well; in a home with a space, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_users_own_settings_stay_in_force() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("my home");
    std::fs::create_dir(&home)?;
    let origin = Origin::https().await?;
    let dashcam = Dashcam::start_in(&home, &[]).await?;
    let mine = folder.path().join("mine");
    std::fs::create_dir(&mine)?;
    std::fs::write(mine.join("sitecustomize.py"), "import os\nos.environ['MINE'] = 'yes'\n")?;
    std::fs::write(mine.join("mine.cjs"), "process.env.MINE = 'yes'\n")?;
    let mine = mine.display().to_string();
    let url = origin.url("/json?own");
    let code = format!(
        "import os, sys, http.client, ssl, urllib.request\nurllib.request.urlopen({url:?})\n\
         print(os.environ['MINE'], any('clients' in entry for entry in sys.path))"
    );
    let python = python()?.display().to_string();
    let printed = output(run(&dashcam, &[("PYTHONPATH", &mine)], &[&python, "-c", &code])?).await?;
    assert_eq!(printed, "yes False\n");
    let options = format!("--require={mine}/mine.cjs");
    let code = format!("fetch({url:?}).then((got) => console.log(process.env.MINE, got.status))");
    let printed = output(run(&dashcam, &[("NODE_OPTIONS", &options)], &["node", "-e", &code])?).await?;
    assert_eq!(printed, "yes 200\n");
    eventually("both requests are on record", async || {
        Ok((dashcam.api().ending_in("/json?own").await?.len() == 2).then_some(()))
    })
    .await?;
    Ok(())
}

/// In the program's namespace the system's file of roots has ours; outside it is as it was.
#[tokio::test]
async fn the_systems_roots_have_ours_for_the_program_alone() -> Result<()> {
    let roots = std::path::Path::new("/etc/ssl/certs/ca-certificates.crt");
    let dashcam = Dashcam::start(&[]).await?;
    let before = std::fs::read(roots).unwrap_or_default();
    let links = ["readlink", "/proc/self/ns/mnt"];
    let inside = output(run(&dashcam, &[], &links)?).await?;
    if before.is_empty() || inside == std::fs::read_link(links[1])?.display().to_string() + "\n" {
        eprintln!("SKIPPED, this system has no file of roots, or no namespaces");
        return Ok(());
    }
    let seen = output(run(&dashcam, &[], &["cat", "/etc/ssl/certs/ca-certificates.crt"])?).await?;
    let ours = std::fs::read_to_string(dashcam.ca())?;
    assert!(seen.trim_end().ends_with(ours.trim_end()), "our root is not in it");
    assert_eq!(std::fs::read(roots)?, before);
    let mut without = clean(cli(dashcam.home())?);
    without.args(["run", "--no-namespace", "--", "cat", "/etc/ssl/certs/ca-certificates.crt"]);
    assert_eq!(output(without).await?.as_bytes(), before);
    Ok(())
}

/// A program that can't be run has the exit codes of a shell, with and without a namespace.
#[tokio::test]
async fn programs_that_can_not_be_run_have_a_shells_exit_code() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    for (program, code) in [("no-such-program", 127), ("/etc/passwd", 126)] {
        for option in [None, Some("--no-namespace")] {
            let mut command = clean(cli(dashcam.home())?);
            command.arg("run").args(option).args(["--", program]);
            let output = within("dashcam run", async { Ok(command.output().await?) }).await?;
            assert_eq!(output.status.code(), Some(code), "{program} {option:?}");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(stderr.contains(&format!("{program} can't be run")), "{stderr}");
        }
    }
    Ok(())
}

/// A program whose traffic is missing is named with the reason; --strict makes a failure of that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_traffic_is_reported() -> Result<()> {
    let origin = Origin::https().await?;
    let url = origin.url("/json?strict");
    let other = test_ca::shared()?.file().display().to_string();
    let trusts: &[&str] = &["curl", "--silent", &url];
    let rejects: &[&str] = &["sh", "-c", "curl --silent --cacert \"$0\" \"$1\" || true", &other, &url];
    let (nothing, failing): (&[&str], &[&str]) = (&["true"], &["sh", "-c", "exit 7"]);
    for (words, said, code) in [
        (trusts, "", 0),
        // Its alert says so, or the end of the connection where that overtakes the alert.
        (rejects, "dashcam's certificate", 125),
        (nothing, "true made no connection through dashcam", 125),
        (failing, "sh made no connection through dashcam", 7),
    ] {
        for (strict, code) in [(None, if code == 7 { 7 } else { 0 }), (Some("--strict"), code)] {
            // One each: connections of the program before must not count for the next.
            let dashcam = Dashcam::start(&[]).await?;
            let mut command = clean(cli(dashcam.home())?);
            command.arg("run").args(strict).arg("--").args(words);
            let output = within("dashcam run", async { Ok(command.output().await?) }).await?;
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{words:?} {strict:?}: {stderr}");
            assert!(stderr.contains(said) && stderr.is_empty() == said.is_empty(), "{words:?}: {stderr}");
        }
    }
    Ok(())
}
