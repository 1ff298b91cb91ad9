//! The origin: a shop with its API, a chat, a gRPC service and a language model, on this machine.

mod answer;
mod api;
mod chat;
pub(crate) mod grpc;
mod language_model;
mod site;
mod streams;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dashcam_ca::Authority;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::certificates;
use crate::error::DemoError;
use crate::origin::answer::Answer;
use crate::places::{API, CHAT, GRPC, LLM, Places, SHOP};

/// The ports that are asked for first: they look familiar in addresses.
const WANTED: [u16; 2] = [8443, 8000];

/// The origin, bound.
#[derive(Debug)]
pub struct Origin {
    authority: Authority,
    tls: Arc<ServerConfig>,
    https: TcpListener,
    http: TcpListener,
    /// Has a port, and listens to nobody.
    refusing: TcpSocket,
}

impl Origin {
    /// Binds free ports of 127.0.0.1, and makes certificates of an authority in the folder `home`.
    ///
    /// # Errors
    /// When there is no port, or no certificate.
    pub async fn bind(home: &Path) -> Result<Self, DemoError> {
        let authority = certificates::authority(home)?;
        let tls = certificates::tls(&authority).await?;
        let [https, http] = WANTED;
        let refusing = TcpSocket::new_v4()?;
        refusing.bind(local(0))?;
        Ok(Self { authority, tls, https: bind(https).await?, http: bind(http).await?, refusing })
    }

    /// The root of its certificates, which dashcam is to trust.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.authority.root_path().to_owned()
    }

    /// The same as PEM, for clients that trust the origin and not dashcam.
    #[must_use]
    pub fn root_pem(&self) -> String {
        self.authority.root_pem().to_owned()
    }

    /// Where it is.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn places(&self) -> Result<Places, DemoError> {
        Ok(Places {
            https: self.https.local_addr()?.port(),
            http: self.http.local_addr()?.port(),
            refusing: self.refusing.local_addr()?.port(),
        })
    }

    /// Answers until it is dropped.
    pub async fn serve(self) {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.tls));
        let https_port = self.https.local_addr().map_or(0, |address| address.port());
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.https.accept() => if let Ok((io, _)) = accepted {
                    let acceptor = acceptor.clone();
                    connections.spawn(async move {
                        if let Ok(io) = acceptor.accept(io).await {
                            let is_h2 = io.get_ref().1.alpn_protocol() == Some(b"h2");
                            connection(io, is_h2, https_port).await;
                        }
                    });
                },
                accepted = self.http.accept() => if let Ok((io, _)) = accepted {
                    connections.spawn(connection(io, false, https_port));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

async fn bind(wanted: u16) -> Result<TcpListener, DemoError> {
    match TcpListener::bind(local(wanted)).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind(local(0)).await?),
    }
}

async fn connection(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, is_h2: bool, https_port: u16) {
    let service = service_fn(move |request| answer(request, https_port));
    let io = TokioIo::new(io);
    let served = if is_h2 {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(io, service).await
    } else {
        hyper::server::conn::http1::Builder::new().serve_connection(io, service).with_upgrades().await
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the demonstration's server broke off");
    }
}

/// Answers a request by the host that it names.
async fn answer(request: Request<Incoming>, https_port: u16) -> Result<Answer, std::io::Error> {
    let named = request.headers().get("host").and_then(|host| host.to_str().ok());
    let host = request.uri().host().or(named).unwrap_or_default();
    match host.split(':').next().unwrap_or_default() {
        SHOP => site::answer(request, https_port).await,
        API => api::answer(request).await,
        GRPC => grpc::answer(request).await,
        CHAT => Ok(chat::answer(request)),
        LLM => language_model::answer(request).await,
        _ => Ok(answer::text(404, "There is no such host here.\n")),
    }
}
