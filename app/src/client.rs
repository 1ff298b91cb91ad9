//! A client of the running instance's API, over its control socket.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::pin::pin;

use anyhow::{Context as _, Result, anyhow};
use dashcam_filter::FilterError;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::net::UnixStream;

use crate::home::Home;

/// The largest answer that is taken as a whole.
const LARGEST_ANSWER: usize = 64 << 20;

/// No instance answers, or none does yet: one may later.
#[derive(Debug)]
pub(crate) struct Away(String);

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Away {}

/// Calls the instance that runs with a home.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    home: PathBuf,
    socket: PathBuf,
}

impl Client {
    pub(crate) fn of(home: &Home) -> Self {
        Self { home: home.path().to_owned(), socket: home.control_socket() }
    }

    /// Returns whether an instance answers.
    pub(crate) async fn is_live(&self) -> bool {
        UnixStream::connect(&self.socket).await.is_ok()
    }

    /// `GET path` (after `/api/v1`).
    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    /// Calls `path` with `body` as JSON; the answer's JSON.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let answer = self.with_answer(method, path, body, async |answer| {
            let body = http_body_util::Limited::new(answer.into_body(), LARGEST_ANSWER);
            let body = body.collect().await;
            Ok(body.map_err(|error| Away(format!("dashcam's answer broke off: {error}")))?.to_bytes())
        });
        serde_json::from_slice(&answer.await?).context("dashcam's answer is not JSON: check that the command and the running dashcam have the same version")
    }

    /// Calls `path`, whose answer has no content.
    pub(crate) async fn order(&self, method: Method, path: &str) -> Result<()> {
        self.with_answer(method, path, None, async |_| Ok(())).await
    }

    /// Calls `path` with `body` as JSON; the answer has no content.
    pub(crate) async fn change(&self, method: Method, path: &str, body: Value) -> Result<()> {
        self.with_answer(method, path, Some(body), async |_| Ok(())).await
    }

    /// Reads the answer to `path` piece by piece until `take` says that it is enough or the instance stops.
    /// `opened` is called when the answer's head is there.
    pub(crate) async fn stream(
        &self,
        path: &str,
        opened: impl FnOnce(),
        mut take: impl AsyncFnMut(&[u8]) -> Result<bool>,
    ) -> Result<()> {
        self.with_answer(Method::GET, path, None, async |answer| {
            opened();
            let mut body = answer.into_body();
            while let Some(frame) = body.frame().await {
                // An instance that is killed ends the stream in the middle: the stream has ended all the same.
                let Ok(frame) = frame else { return Ok(()) };
                if let Some(data) = frame.data_ref()
                    && take(data).await?
                {
                    return Ok(());
                }
            }
            Ok(())
        })
        .await
    }

    async fn with_answer<T>(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        read: impl AsyncFnOnce(Response<Incoming>) -> Result<T>,
    ) -> Result<T> {
        let stream = UnixStream::connect(&self.socket).await.map_err(|error| self.not_there(&error))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let request = request(method, path, body)?;
        let asking = async move {
            let answer = sender.send_request(request).await;
            let answer = answer.map_err(|error| Away(format!("dashcam did not answer: {error}")))?;
            read(accepted(answer).await?).await
        };
        // The connection has to be driven while the answer is read.
        let (mut asking, connection) = (pin!(asking), pin!(connection));
        tokio::select! {
            biased;
            result = &mut asking => result,
            _ = connection => asking.await,
        }
    }

    fn not_there(&self, error: &std::io::Error) -> anyhow::Error {
        let home = self.home.display();
        if error.kind() == std::io::ErrorKind::PermissionDenied {
            return anyhow!("{}: {error}: run this as the user that dashcam runs as", self.socket.display());
        }
        let advice = "start it with `dashcam`, or give its home with --home";
        Away(format!("no dashcam is running with the home {home}: {advice}")).into()
    }
}

fn request(method: Method, path: &str, body: Option<Value>) -> Result<Request<Full<Bytes>>> {
    let builder =
        Request::builder().method(method).uri(format!("/api/v1{path}")).header(header::HOST, "localhost");
    let request = match body {
        Some(body) => {
            builder.header(header::CONTENT_TYPE, "application/json").body(Full::from(body.to_string()))
        }
        None => builder.body(Full::default()),
    };
    Ok(request?)
}

/// The answer, unless it is an error: then the error's message.
async fn accepted(answer: Response<Incoming>) -> Result<Response<Incoming>> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let body = answer.into_body().collect().await?.to_bytes();
    Err(error(status, &body))
}

fn error(status: StatusCode, body: &[u8]) -> anyhow::Error {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    match json.and_then(|json| filter_fault(&json["error"]["filter"])) {
        Some(fault) => fault.into(),
        None if status == StatusCode::SERVICE_UNAVAILABLE => Away(error_message(status, body)).into(),
        None => anyhow!(error_message(status, body)),
    }
}

fn error_message(status: StatusCode, body: &[u8]) -> String {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let message = json.as_ref().and_then(|json| json["error"]["message"].as_str());
    message.map_or_else(|| format!("dashcam answered {status}"), str::to_owned)
}

/// The error in a filter that an answer tells of.
fn filter_fault(fault: &Value) -> Option<FilterError> {
    let text = |name: &str| fault[name].as_str().map(str::to_owned);
    Some(FilterError {
        text: text("text")?,
        column: usize::try_from(fault["column"].as_u64()?).ok().filter(|column| *column > 0)?,
        message: text("message")?,
        expected: text("expected")?,
        suggestion: text("suggestion"),
    })
}

/// `path` with `filter=WORDS` in its query, or `path` alone without words.
pub(crate) fn with_filter(path: &str, words: &[String]) -> String {
    let mut path = path.to_owned();
    if !words.is_empty() {
        let sign = if path.contains('?') { '&' } else { '?' };
        // Writing to a String does not fail.
        let _ = write!(path, "{sign}filter={}", utf8_percent_encode(&words.join(" "), NON_ALPHANUMERIC));
    }
    path
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixListener;

    use super::*;

    /// Answers one connection with `answer`; gives what was asked.
    async fn serve_once(listener: UnixListener, answer: &str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4096];
        let length = stream.read(&mut asked).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&asked[..length]).into_owned()
    }

    fn home() -> (tempfile::TempDir, Client, UnixListener) {
        let directory = tempfile::tempdir().unwrap();
        let client = Client::of(&Home::new(Some(directory.path().into())).unwrap());
        let listener = UnixListener::bind(directory.path().join("control.sock")).unwrap();
        (directory, client, listener)
    }

    #[tokio::test]
    async fn an_answer_is_json() {
        let (_home, client, listener) = home();
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}";
        let (asked, answer) = tokio::join!(serve_once(listener, answer), client.get("/status"));
        assert!(asked.starts_with("GET /api/v1/status HTTP/1.1\r\n"), "{asked}");
        assert_eq!(answer.unwrap()["a"], 1);
    }

    #[tokio::test]
    async fn an_error_is_its_message() {
        let (_home, client, listener) = home();
        let body = r#"{"error":{"message":"There is none."}}"#;
        let answer = format!("HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let (_, answer) = tokio::join!(serve_once(listener, &answer), client.get("/exchanges/9"));
        assert_eq!(answer.unwrap_err().to_string(), "There is none.");
    }

    #[test]
    fn an_error_in_a_filter_is_shown_under_its_place() {
        let body = br#"{"error": {"code": "bad_filter", "message": "in the filter", "filter":
            {"text": "a staus:5", "column": 3, "message": "there is no field", "expected": "", "suggestion": "status"}}}"#;
        let fault = error(StatusCode::BAD_REQUEST, body).downcast::<FilterError>().unwrap();
        assert_eq!(
            fault.render(),
            "there is no field; did you mean \u{201c}status\u{201d}?\n  a staus:5\n    ^"
        );
    }

    #[tokio::test]
    async fn no_instance_says_what_to_do() {
        let (home, client, listener) = home();
        drop(listener);
        let error = client.get("/status").await.unwrap_err().to_string();
        assert!(error.contains(&home.path().display().to_string()) && error.contains("start it"), "{error}");
        assert!(!client.is_live().await);
    }

    #[test]
    fn filters_are_escaped() {
        assert_eq!(with_filter("/live", &[]), "/live");
        assert_eq!(with_filter("/live?a=1", &["x".into()]), "/live?a=1&filter=x");
        assert_eq!(with_filter("/live", &["a&b".into(), "ü".into()]), "/live?filter=a%26b%20%C3%BC");
    }
}
