//! Chromium on both ways: a page with everything, from an origin that speaks HTTP/2, and from one that does not.

use std::path::Path;

use anyhow::Result;
use dashcam_tests::clients::{Way, clean, node_script, python_script, run, serve};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::origin::{Origin, Reply, Seen};
use dashcam_tests::{binary, test_ca};
use serde_json::{Value, json};

use crate::both::both;
use crate::curl_site;
use crate::files::{finish, program};

const EVENTS: &str = "retry: 600000\nid: 1\ndata: first\n\nevent: named\ndata: second\ndata: line\n\n: nothing\n\nid: 3\ndata: third\n\n";

/// The page's files; `None` for what the site knows.
fn file(request: &Seen, page: &str) -> Option<Reply> {
    let path = request.target.split('?').next().unwrap_or_default();
    let (content_type, body) = match path {
        "/" => ("text/html; charset=utf-8", page),
        "/style.css" => ("text/css", "body { color: rgb(1, 2, 3) }"),
        "/script.js" => ("text/javascript", "window.fromScript = 'it ran';"),
        "/picture.svg" => ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' width='7' height='7'/>"),
        "/frame.html" => ("text/html", "<body>in a frame</body>"),
        "/event-stream" => ("text/event-stream", EVENTS),
        _ => return None,
    };
    let fields = vec![("Content-Type".to_owned(), content_type.to_owned())];
    Some(Reply { status: 200, fields, body: body.into() })
}

/// Makes a home in whose certificate store `ca` is trusted.
async fn home(folder: &Path, way: &Way) -> Result<()> {
    std::fs::create_dir_all(folder.join(".pki/nssdb"))?;
    for arguments in [vec!["-N", "--empty-password"], vec!["-A", "-n", "tests", "-t", "C,,", "-i", "ca.pem"]]
    {
        std::fs::copy(&way.ca, folder.join("ca.pem"))?;
        let mut certutil = program("certutil", way, folder);
        certutil.args(["-d", "sql:.pki/nssdb"]).args(arguments);
        finish(certutil).await?;
    }
    Ok(())
}

async fn open(way: Way, origin: &Origin, web_socket: &str) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    home(folder.path(), &way).await?;
    let mut command = node_script("browser.mjs")?;
    command.env("HOME", folder.path()).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME");
    let input = json!({"proxy": way.proxy, "url": origin.url("/"), "webSocket": web_socket});
    run(command, &input).await
}

async fn page(origin: Origin, protocol: &str) -> Result<()> {
    let html = std::fs::read_to_string(binary::root().join("tests/node/browser-page.html"))?;
    let compressed = curl_site::compressed()?;
    origin
        .site()
        .answer_with(move |request| file(request, &html).or_else(|| curl_site::answer(request, &compressed)));
    let (cert, key) = test_ca::shared()?.write("browser", &["localhost"])?;
    let mut command = python_script("websocket.py")?;
    command.arg("serve").arg("--cert").arg(cert).arg("--key").arg(key);
    let server = serve(command).await?;
    let web_socket = format!("wss://localhost:{}/chat?browser", server.port);
    let dashcam = Dashcam::unredacted(&[]).await?;
    let (got, seen) = both(&origin, &dashcam, async |way| open(way, &origin, &web_socket).await).await?;
    assert_eq!(got["errors"], json!([]), "{got:#}");
    assert_eq!(got["seen"]["events"], json!([["1", "first"], ["named", "second\nline"], ["3", "third"]]));
    assert_eq!(got["seen"]["pictures"], json!([7, 7, 7]));
    assert_eq!(got["download"][1], 150_000);
    assert_eq!(got["seen"]["protocols"], json!([protocol]), "{got:#}");
    assert!(seen.len() > 50, "{} requests", seen.len());
    let exchange = dashcam.api().ended("/chat?browser").await?;
    assert_eq!((&exchange["status"], &exchange["state"]), (&json!(101), &json!("complete")), "{exchange}");
    Ok(())
}

/// `dashcam browser` needs no settings, and leaves no profile behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_of_its_own() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let folder = tempfile::tempdir()?;
    let chromium = std::env::var_os("CHROMIUM").unwrap_or_else(|| "chromium".into());
    let mut command = clean(cli(dashcam.home())?);
    command.env("HOME", folder.path()).env("TMPDIR", folder.path());
    command.arg("browser").arg("--program").arg(chromium).arg(origin.url("/json?browser"));
    command.args(["--", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
    let page = finish(command).await?;
    assert!(page.contains(r#"{"name":"dashcam","list":[1,2,3]}"#), "{page}");
    assert_eq!(dashcam.api().ended("/json?browser").await?["status"], 200);
    let left =
        std::fs::read_dir(folder.path())?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    assert_eq!(left.filter(|name| name.starts_with("dashcam-")).collect::<Vec<_>>(), [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2() -> Result<()> {
    page(Origin::https().await?, "h2").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http1_plain() -> Result<()> {
    page(Origin::http().await?, "http/1.1").await
}
