//! Requests through a proxy at a steady rate, which an origin in the same process answers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Args;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::random::Random;

/// Connections over which the requests go in turn.
const CONNECTIONS: u64 = 16;
/// How often a connection sends what is due.
const TICK: Duration = Duration::from_millis(10);
/// Paths are drawn from it.
const SEED: u64 = 0x10ad;
/// How many paths there are.
const PATHS: u64 = 500;

/// Requests to send, and how fast.
#[derive(Debug, Args)]
pub(crate) struct Load {
    /// The proxy that they go through.
    #[arg(long)]
    proxy: SocketAddr,
    /// Requests a second.
    #[arg(long)]
    rate: u64,
    /// Seconds.
    #[arg(long)]
    seconds: u64,
}

impl Load {
    /// Sends them, and prints how many were answered a second and how long an answer took, as JSON.
    pub(crate) async fn send(&self) -> Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener));
        let mut clients = JoinSet::new();
        let (end, each) =
            (Instant::now() + Duration::from_secs(self.seconds), self.rate as f64 / CONNECTIONS as f64);
        for number in 0..CONNECTIONS {
            clients.spawn(ask(self.proxy, origin, (number, each), end));
        }
        let mut took: Vec<u64> = Vec::new();
        while let Some(answered) = clients.join_next().await {
            took.extend(answered??);
        }
        took.sort_unstable();
        let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default();
        println!(
            "{}",
            serde_json::json!({
                "rate": took.len() as f64 / self.seconds as f64,
                "p50_us": at(50),
                "p99_us": at(99),
            })
        );
        Ok(())
    }
}

/// Asks until `end`, `each` times a second; the times that answers took, in microseconds.
async fn ask(
    proxy: SocketAddr,
    origin: SocketAddr,
    (number, each): (u64, f64),
    end: Instant,
) -> Result<Vec<u64>> {
    let mut stream = BufReader::new(TcpStream::connect(proxy).await.context("the proxy does not answer")?);
    stream.get_ref().set_nodelay(true)?;
    let (began, mut took, mut random) = (Instant::now(), Vec::new(), Random::of(SEED, number));
    while Instant::now() < end {
        if took.len() as f64 >= began.elapsed().as_secs_f64() * each {
            tokio::time::sleep(TICK).await;
            continue;
        }
        let path = random.below(PATHS);
        let head = format!(
            "GET http://{origin}/v1/orders/{path} HTTP/1.1\r\nHost: {origin}\r\nUser-Agent: load\r\nAccept: */*\r\n\r\n"
        );
        // An answer is late from when its request was due, not from when a slow answer before it let it be sent.
        let due = began + Duration::from_secs_f64(took.len() as f64 / each);
        stream.get_mut().write_all(head.as_bytes()).await?;
        skip_message(&mut stream).await?.context("the proxy ended the connection")?;
        took.push(u64::try_from(due.elapsed().as_micros())?);
    }
    Ok(took)
}

/// Answers each request with a kilobyte of JSON; in a hundred, two with an error.
async fn serve(listener: TcpListener) -> Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        connections.spawn(async move {
            let (mut stream, mut number) = (BufReader::new(stream), 0_u64);
            let body = format!(r#"{{"items":[{}]}}"#, vec![r#"{"sku":"A-1","price":12.5,"count":3}"#; 26].join(","));
            while skip_message(&mut stream).await?.is_some() {
                number += 1;
                let status = if number.is_multiple_of(50) { "500 Internal Server Error" } else { "200 OK" };
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
                );
                stream.get_mut().write_all(answer.as_bytes()).await?;
            }
            anyhow::Ok(())
        });
    }
}

/// Reads a head and the body that its `Content-Length` says; `None` at the end of the connection.
async fn skip_message(stream: &mut BufReader<TcpStream>) -> Result<Option<()>> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let text = line.trim();
        if text.is_empty() {
            break;
        }
        if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(()))
}
