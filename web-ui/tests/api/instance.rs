//! A running page with a store of its own, and a client for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dashcam_control::{Control, Settings};
use dashcam_exchange::{
    Destination, Exchange, ExchangeId, LastIds, Record, Scheme, Timestamp, Timings, sample,
};
use dashcam_recorder::{Limits, Recorder, Refusal};
use dashcam_redact::{Definitions, Keys};
use dashcam_store::{Store, StoreError};
use dashcam_web_ui::dto::RedactionInForce;
use dashcam_web_ui::{Access, Audit, AuditBounds, AuditWriter, Page, PageLimits, PageListener, PagePlace};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{RwLock, oneshot, watch};
use tokio::task::JoinSet;

pub(crate) const TOKEN: &str = "0123456789abcdef";
/// The token after a rotation.
pub(crate) const NEW_TOKEN: &str = "fedcba9876543210";

pub(crate) struct Instance {
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    pub(crate) recorder: Recorder,
    pub(crate) home: tempfile::TempDir,
    /// The keys of redaction.
    pub(crate) keys: Arc<Keys>,
    /// Nothing is stored while somebody holds it to write.
    pub(crate) disk: Arc<RwLock<()>>,
    /// Writes the audit log, once it is let.
    audit_writer: Option<AuditWriter>,
    stop: oneshot::Sender<()>,
    tasks: JoinSet<()>,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: hyper::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and error code.
    pub(crate) fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
    }
}

impl Instance {
    pub(crate) async fn start() -> Self {
        Self::start_with(PageLimits::default()).await
    }

    pub(crate) async fn start_with(limits: PageLimits) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), limits).await
    }

    /// Starts it in a home that may have been used before.
    pub(crate) async fn start_in(home: tempfile::TempDir, limits: PageLimits) -> Self {
        let mut instance = Self::start_without_audit(home, limits).await;
        instance.write_audit();
        instance
    }

    /// Starts it; nothing writes the audit log until [`Instance::write_audit`].
    pub(crate) async fn start_without_audit(home: tempfile::TempDir, limits: PageLimits) -> Self {
        let store = Store::open(&home.path().join("dashcam.db")).await.unwrap();
        let control = Arc::new(Control::new(Settings::default()));
        let (recorder, writer) = dashcam_recorder::recorder(
            Limits::default(),
            LastIds { exchange: ExchangeId(1000), ..LastIds::default() },
        );
        let (authority, _) = dashcam_ca::Authority::open_or_create(home.path()).unwrap();
        let root_pem = authority.root_pem().to_owned();
        let config = dashcam_proxy::Config::default();
        let proxy = dashcam_proxy::Proxy::bind(config, Arc::clone(&control), authority, recorder.clone())
            .await
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let access = Access::new(TOKEN, Some(home.path().join("sessions")), &limits);
        let page = Page { listener: PageListener::Tcp(listener), tls: None, names: Vec::new(), limits };
        let (changes, history) = dashcam_changes::Changes::new(Arc::clone(&control), store.clone());
        let (audit, audit_writer) = Audit::new(store.clone(), AuditBounds::default());
        let keys = Arc::new(Keys::new([1; 32]));
        let in_force = RedactionInForce::new(&Definitions::default(), Some("default@00000000"), None);
        let parts = dashcam_web_ui::Parts {
            audit,
            flight: None,
            store: store.clone(),
            control,
            changes,
            config: None,
            redaction: Some(watch::channel(in_force).1),
            redaction_keys: Some(Arc::clone(&keys)),
            redaction_definitions: Some(Arc::new(Definitions::default)),
            recorder: recorder.clone(),
            replayer: Some(proxy.replayer()),
            access,
            new_token: Some(Arc::new(|| Ok(NEW_TOKEN.to_owned()))),
            page: PagePlace { url: Some(format!("http://{address}/")), socket: None },
            decoding: dashcam_views::decode::Decoding::default(),
            root_pem,
            home: home.path().to_owned(),
            listeners: vec![dashcam_proxy::ListenerConfig {
                name: Some("edge".to_owned()),
                address: "127.0.0.1:8080".parse().unwrap(),
                ..dashcam_proxy::ListenerConfig::default()
            }],
            setup_site: true,
            outbound: dashcam_web_ui::dto::Outbound::default(),
            governed: None,
            version: "0.0.0-test",
            started_at: dashcam_recorder::now(),
        };
        // That of an earlier one, which nobody listens on any more.
        let _ = std::fs::remove_file(home.path().join("control.sock"));
        let socket = UnixListener::bind(home.path().join("control.sock")).unwrap();
        let (stop, stopped) = oneshot::channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(history.run());
        let (appended, disk) = (store.clone(), Arc::<RwLock<()>>::default());
        let works = Arc::clone(&disk);
        tasks.spawn(writer.run(
            move |records| {
                let (store, works) = (appended.clone(), Arc::clone(&works));
                async move {
                    let _works = works.read().await;
                    store.sink().append(records).await
                }
            },
            |error: &StoreError| Refusal { reason: error.gap_reason(), kept: error.keeps_batch() },
        ));
        tasks.spawn(async move {
            let shutdown = async { drop(stopped.await) };
            dashcam_web_ui::serve(parts, Some(page), Some(socket), shutdown).await.unwrap();
        });
        let audit_writer = Some(audit_writer);
        Self { address, store, recorder, home, keys, disk, audit_writer, stop, tasks }
    }

    /// Begins to write the audit log.
    pub(crate) fn write_audit(&mut self) {
        self.tasks.spawn(self.audit_writer.take().unwrap().run());
    }

    /// Stops it, and fails if that takes as long as a call may hang.
    pub(crate) async fn stop(self) {
        self.stop_keeping_home().await;
    }

    /// The same; the home stays, for the next one.
    pub(crate) async fn stop_keeping_home(mut self) -> tempfile::TempDir {
        self.stop.send(()).unwrap();
        self.recorder.close();
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        tokio::time::timeout(Duration::from_secs(4), ended).await.expect("it stops in time");
        self.store.close().await;
        self.home
    }

    pub(crate) async fn record(&self, exchanges: impl IntoIterator<Item = Exchange>) {
        let records = exchanges.into_iter().map(|exchange| Record::Finished(Arc::new(exchange))).collect();
        self.store.sink().append(records).await.unwrap();
    }

    /// A call over TCP with nothing but `Host` and `fields`.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        fields: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        read(exchange_over(stream, request(method, path, &self.address.to_string(), fields, body)).await)
            .await
    }

    /// A call with the token.
    pub(crate) async fn call(&self, method: Method, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {TOKEN}");
        let fields = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        self.send(method, &format!("/api/v1{path}"), &fields, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, "").await
    }

    /// A call with another token.
    pub(crate) async fn call_with(&self, token: &str, method: Method, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let fields = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        self.send(method, &format!("/api/v1{path}"), &fields, body).await
    }

    /// Makes a token with a role: its number and its secret.
    pub(crate) async fn token(&self, role: &str) -> (i64, String) {
        let made = self.call(Method::POST, "/tokens", &format!(r#"{{"role": "{role}"}}"#)).await;
        assert_eq!(made.status, 201, "{:?}", made.body);
        let made = made.json();
        (made["token"]["id"].as_i64().unwrap(), made["secret"].as_str().unwrap().to_owned())
    }

    /// Signs a browser in: the cookie that it sends from then on.
    pub(crate) async fn sign_in(&self) -> String {
        self.sign_in_with(TOKEN).await
    }

    /// The same with another token.
    pub(crate) async fn sign_in_with(&self, token: &str) -> String {
        let answer = self.send(Method::GET, &format!("/?token={token}"), &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    /// A call over the Unix socket.
    pub(crate) async fn call_unix(&self, method: Method, path: &str, body: &str) -> Answer {
        let stream = UnixStream::connect(self.home.path().join("control.sock")).await.unwrap();
        let fields = [("content-type", "application/json")];
        let request = request(method, &format!("/api/v1{path}"), "dashcam", &fields, body);
        read(exchange_over(stream, request).await).await
    }

    /// An answer whose body is still to come, to a call with the token.
    pub(crate) async fn open(&self, path: &str) -> Response<Incoming> {
        self.open_with(path, ("authorization", &format!("Bearer {TOKEN}"))).await
    }

    /// The same with another field in place of the token.
    pub(crate) async fn open_with(&self, path: &str, field: (&str, &str)) -> Response<Incoming> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let path = format!("/api/v1{path}");
        exchange_over(stream, request(Method::GET, &path, &self.address.to_string(), &[field], "")).await
    }
}

fn request(
    method: Method,
    path: &str,
    host: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(path);
    if !fields.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", host);
    }
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the connection ends with its answer")]
async fn exchange_over<S>(stream: S, request: Request<Full<Bytes>>) -> Response<Incoming>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender.send_request(request).await.unwrap()
}

async fn read(response: Response<Incoming>) -> Answer {
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: head.status, headers: head.headers, body }
}

/// A complete `GET http://HOST/PATH` with 200 and `body` as its response.
pub(crate) fn exchange(id: i64, host: &str, target: &str, fields: &[(&str, &str)], body: &[u8]) -> Exchange {
    Exchange {
        started_at: Timestamp(1_795_359_845_123_456),
        destination: Destination { scheme: Scheme::Http, host: host.to_owned(), port: 80 },
        request: sample::request("GET", target, &[("Host", host)]),
        request_body: sample::body(b""),
        response: Some(sample::ok(fields)),
        response_body: sample::body(body),
        timings: Timings { end_us: Some(5000), response_start_us: Some(4000), ..Timings::default() },
        ..sample::exchange(id)
    }
}
