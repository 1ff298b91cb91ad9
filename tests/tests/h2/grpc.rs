//! gRPC with grpcio: every kind of call gives what it gives without dashcam, and each message is on record.

use std::io::Read as _;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_tests::clients::{Server, python_script, run, serve};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::test_ca;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

const CALLS: [&str; 7] = ["unary", "streams", "errors", "deadline", "cancel", "large", "parallel"];

/// How client and server reach each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// TLS in a CONNECT.
    Secure,
    /// HTTP/2 without TLS in a CONNECT.
    Insecure,
    /// A reverse listener with TLS, the server with TLS too.
    Reverse,
    /// A reverse listener without TLS.
    ReverseInsecure,
}

struct Scene {
    server: Server,
    dashcam: Dashcam,
    way: Way,
}

fn script(role: &str) -> Result<Command> {
    let mut command = python_script("grpc_streams.py")?;
    command.arg(role);
    Ok(command)
}

impl Scene {
    async fn new(way: Way) -> Result<Self> {
        let mut command = script("serve")?;
        let is_secure = matches!(way, Way::Secure | Way::Reverse);
        if is_secure {
            let (cert, key) = test_ca::shared()?.write("grpc-streams", &["localhost"])?;
            command.arg(cert).arg(key);
        }
        let server = serve(command).await?;
        let scheme = if is_secure { "https" } else { "http" };
        let mode = match way {
            Way::Secure | Way::Insecure => "forward".to_owned(),
            Way::Reverse | Way::ReverseInsecure => {
                format!("reverse:{scheme}://localhost:{}@127.0.0.1:0", server.port)
            }
        };
        let dashcam = Dashcam::unredacted(&["-m", &mode]).await?;
        Ok(Self { server, dashcam, way })
    }

    /// The client's job; `through` dashcam or not.
    fn job(&self, through: bool, gzip: bool, calls: &[&str]) -> Result<Value> {
        let target = format!("localhost:{}", self.server.port);
        let listener = format!("localhost:{}", self.dashcam.proxy().port());
        let (target, proxy) = match (through, self.way) {
            (false, _) => (target, None),
            (true, Way::Secure | Way::Insecure) => (target, Some(self.dashcam.proxy_url())),
            (true, Way::Reverse | Way::ReverseInsecure) => (listener, None),
        };
        let ca = match self.way {
            Way::Insecure | Way::ReverseInsecure => None,
            Way::Secure | Way::Reverse if through => Some(self.dashcam.ca()),
            Way::Secure | Way::Reverse => Some(test_ca::shared()?.file()),
        };
        Ok(json!({"target": target, "proxy": proxy, "ca": ca, "gzip": gzip, "calls": calls}))
    }

    /// The newest exchange with `method`, and its messages: direction and bytes.
    async fn messages(&self, method: &str) -> Result<(Value, Vec<(String, Vec<u8>)>)> {
        let exchange = self.dashcam.api().ended(method).await?;
        Ok((
            exchange.clone(),
            messages(&self.dashcam, &exchange["id"], exchange["message_count"].as_u64()).await?,
        ))
    }
}

fn inflated(data: &[u8]) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    GzDecoder::new(data).read_to_end(&mut whole)?;
    Ok(whole)
}

/// An exchange's messages, once there are `count`.
async fn messages(dashcam: &Dashcam, id: &Value, count: Option<u64>) -> Result<Vec<(String, Vec<u8>)>> {
    let path = format!("/exchanges/{id}/messages?limit=1000");
    let what = format!("{count:?} messages");
    let all = eventually(&what, async || {
        let page = dashcam.api().get(&path).await?;
        let all = page["messages"].as_array().cloned().context("no messages")?;
        Ok((all.len() as u64 >= count.unwrap_or(1)).then_some(all))
    });
    let mut told = Vec::new();
    for (seq, message) in all.await?.iter().enumerate() {
        ensure!(message["kind"] == "grpc" && message["seq"] == seq, "{message}");
        let data = match message["preview"].as_bool().context("no preview")? {
            true => dashcam.api().bytes(&format!("/exchanges/{id}/messages/{seq}/payload")).await?,
            false => STANDARD.decode(message["data"].as_str().context("no data")?)?,
        };
        ensure!(message["size"] == data.len(), "{message}");
        // What would have taken too much to inflate is kept as it passed.
        let data = match message["coding"].as_str() {
            Some("gzip") => inflated(&data)?,
            _ => data,
        };
        told.push((message["direction"].as_str().unwrap_or_default().to_owned(), data));
    }
    Ok(told)
}

fn of(all: &[(String, Vec<u8>)], wanted: &str) -> Vec<Vec<u8>> {
    all.iter().filter(|(direction, _)| direction == wanted).map(|(_, data)| data.clone()).collect()
}

fn numbered(before: &str, count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| format!("{before}{number}").into_bytes()).collect()
}

async fn assert_recorded(scene: &Scene) -> Result<()> {
    let (exchange, both) = scene.messages("/dashcam.Test/Both").await?;
    assert_eq!(exchange["state"], "complete", "{exchange}");
    assert_eq!(exchange["message_count"], 40);
    assert_eq!(of(&both, "request"), numbered("", 20));
    assert_eq!(of(&both, "response"), numbered("re: ", 20));
    let (_, up) = scene.messages("/dashcam.Test/Up").await?;
    assert_eq!(of(&up, "request"), numbered("", 20));
    assert_eq!(of(&up, "response"), [numbered("", 20).join(&b'+')]);
    let (exchange, down) = scene.messages("/dashcam.Test/Down").await?;
    // The newest is the one that fails after five.
    assert_eq!(of(&down, "response"), numbered("fail", 5));
    let trailers = exchange["response_body"]["trailers"].to_string();
    assert!(trailers.contains(r#"["grpc-status","15"]"#), "{trailers}");
    let (exchange, only) = scene.messages_of_trailers_only().await?;
    assert!(exchange["response"]["headers"].to_string().contains(r#"["grpc-status","7"]"#), "{exchange}");
    assert_eq!(only, [("request".to_owned(), b"x".to_vec())]);
    let slow = scene.dashcam.api().ended("/dashcam.Test/Slow").await?;
    // The server keeps the deadline as well, and may be the first to say so.
    let told = slow["response"]["headers"].to_string().contains(r#"["grpc-status","4"]"#);
    assert!(slow["state"] == "aborted" || told, "{slow}");
    assert_eq!(scene.dashcam.api().ended("/dashcam.Test/Slow?unwanted").await?["state"], "aborted");
    let unary = eventually("105 unary calls", async || {
        let rows = scene.dashcam.api().ending_in("/dashcam.Test/Unary").await?;
        Ok((rows.len() == 105 && rows.iter().all(|row| row["state"] != "open")).then_some(rows))
    })
    .await?;
    let broken = unary.iter().find(|row| row["state"] != "complete");
    assert_eq!(broken, None);
    let large = unary.iter().find(|row| {
        row["request_size"].as_u64() > Some(9000) || row["response_size"].as_u64() > Some(4 << 20)
    });
    let large = messages(&scene.dashcam, &large.context("no large one")?["id"], Some(2)).await?;
    assert!(large.iter().all(|(_, data)| data.len() == 4 << 20));
    Ok(())
}

impl Scene {
    async fn messages_of_trailers_only(&self) -> Result<(Value, Vec<(String, Vec<u8>)>)> {
        self.messages("/dashcam.Test/TrailersOnly").await
    }
}

async fn check(way: Way, gzip: bool) -> Result<()> {
    let scene = Scene::new(way).await?;
    let direct = run(script("client")?, &scene.job(false, gzip, &CALLS)?).await?;
    assert_eq!(direct["errors"][1], json!(["DATA_LOSS", "after five"]), "{direct}");
    assert_eq!(direct["deadline"], json!(["DEADLINE_EXCEEDED", "yes"]), "{direct}");
    assert_eq!(direct["cancel"], json!(["yes", "yes"]), "{direct}");
    assert_eq!((&direct["large"], direct["parallel"].as_array().map(Vec::len)), (&json!(true), Some(100)));
    // The server remembers that it was cancelled: the one that is asked through dashcam has to be another.
    let scene = Scene::new(way).await?;
    let through = run(script("client")?, &scene.job(true, gzip, &CALLS)?).await?;
    assert_eq!(direct, through, "left: without dashcam, right: with it");
    assert_recorded(&scene).await
}

#[tokio::test]
async fn secure() -> Result<()> {
    check(Way::Secure, false).await
}

#[tokio::test]
async fn insecure_and_compressed() -> Result<()> {
    check(Way::Insecure, true).await
}

#[tokio::test]
async fn reverse_and_compressed() -> Result<()> {
    check(Way::Reverse, true).await
}

#[tokio::test]
async fn reverse_insecure() -> Result<()> {
    check(Way::ReverseInsecure, false).await
}

/// While a stream is open, what has passed is on record already. (That pings are answered is among the rules.)
#[tokio::test]
async fn an_open_streams_messages_can_be_read() -> Result<()> {
    let scene = Scene::new(Way::Secure).await?;
    let mut child = script("client")?.spawn()?;
    let mut stdin = child.stdin.take().context("stdin is piped")?;
    let mut lines = BufReader::new(child.stdout.take().context("stdout is piped")?).lines();
    stdin.write_all(format!("{}\n", scene.job(true, false, &["hold"])?).as_bytes()).await?;
    let line = within("the stream is open", async { Ok(lines.next_line().await?) }).await?;
    assert_eq!(line.as_deref(), Some("holding"));
    let open = eventually("an open exchange", async || {
        let rows = scene.dashcam.api().ending_in("/dashcam.Test/Both").await?;
        Ok(rows.into_iter().next())
    })
    .await?;
    assert_eq!(open["state"], "open");
    let expected =
        [("request".to_owned(), b"first".to_vec()), ("response".to_owned(), b"re: first".to_vec())];
    assert_eq!(messages(&scene.dashcam, &open["id"], Some(2)).await?, expected);
    stdin.write_all(b"go on\n").await?;
    let result = within("the client's result", async { Ok(lines.next_line().await?) }).await?;
    assert_eq!(result.as_deref(), Some(r#"{"hold": ["re: first", "re: second"]}"#));
    let (exchange, all) = scene.messages("/dashcam.Test/Both").await?;
    assert_eq!((&exchange["state"], all.len()), (&json!("complete"), 4));
    Ok(())
}
