//! TLS with upstreams.

mod explain;
mod identity;
mod verifier;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::BytesMut;
use dashcam_exchange::{Failure, Side, Stage};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, KeyLog, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::UpstreamTls;
use crate::error::BindError;
use crate::net::alpn::Alpn;
use crate::net::io::Io;
use crate::upstream::no_answer::NoAnswer;
pub(crate) use crate::upstream::tls::explain::refused_renegotiation;
use crate::upstream::tls::explain::{Handshake, explain, is_refusal};
use crate::upstream::tls::identity::{Identity, Shows, noticing};
use crate::upstream::tls::verifier::Verifier;

/// How long an upstream that asked for a certificate may take to say that it does not like it. Most say something
/// at once; for the others the request waits so long, once a connection.
const JUDGED: Duration = Duration::from_millis(500);

/// How we speak TLS to upstreams. Connections share sessions, so that they can be resumed.
pub(crate) struct ClientTls {
    nameless: ClientConfig,
    /// With a certificate of ours.
    named: Vec<(Identity, ClientConfig)>,
}

impl ClientTls {
    pub(crate) fn new(config: &UpstreamTls, key_log: &Arc<dyn KeyLog>) -> Result<Self, BindError> {
        let verifier = Arc::new(Verifier::new(config)?);
        let client = |identity: Option<&Identity>| {
            let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(BindError::tls)?;
            let builder = builder.dangerous().with_custom_certificate_verifier(Arc::clone(&verifier) as _);
            let mut client = builder.with_client_cert_resolver(Arc::new(Shows::new(identity)));
            client.key_log = Arc::clone(key_log);
            Ok(client)
        };
        let named = Identity::read(&config.client_certificates)?.into_iter();
        let named = named.map(|identity| client(Some(&identity)).map(|client| (identity, client)));
        Ok(Self { nameless: client(None)?, named: named.collect::<Result<_, BindError>>()? })
    }

    /// Does the handshake with the upstream that is to prove that it is `name`, and offers it `alpn`. Gives the
    /// certificate that we showed as well, if the upstream asked for one.
    pub(crate) async fn connect(
        &self,
        io: Io,
        name: &str,
        alpn: &Alpn,
    ) -> Result<(Io, Option<CertificateDer<'static>>), NoAnswer> {
        let failed = |message| NoAnswer::from(Failure::new(Side::Upstream, Stage::TlsHandshake, message));
        let server = ServerName::try_from(name.to_owned())
            .map_err(|_| failed(format!("\u{201c}{name}\u{201d} is no name that TLS can ask for: a label of it begins or ends with a hyphen, or has other characters than letters, digits, hyphens and underscores. Ask for it by another name, or tunnel it unread with --ignore-hosts.")))?;
        let (identity, config) = match self.identity_for(name) {
            Some((identity, config)) => (Some(identity), config),
            None => (None, &self.nameless),
        };
        // A clone shares all that matters: verifier, identity and the sessions to resume.
        let mut config = config.clone();
        config.alpn_protocols = alpn.names();
        let connector = TlsConnector::from(Arc::new(config));
        let (connected, asked) = noticing(connector.connect(server, io).into_fallible()).await;
        let file = identity.map(|identity| identity.file.as_path());
        let explained = |error| NoAnswer {
            refuses_tls: is_refusal(&error),
            ..failed(explain(&error, &Handshake { name, alpn, asked, file }))
        };
        let mut stream = match connected {
            Ok(stream) => stream,
            Err((error, io)) => return Err(explained(last_word(error, io).await)),
        };
        let shown = identity.filter(|_| asked).and_then(Identity::certificate).cloned();
        if !asked || stream.get_ref().1.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
            return Ok((stream.into(), shown));
        }
        let ahead = judgement(&mut stream).await.map_err(explained)?;
        Ok((Io::from(stream).with_ahead(ahead), shown))
    }

    fn identity_for(&self, name: &str) -> Option<(&Identity, &ClientConfig)> {
        let fitting = self
            .named
            .iter()
            .filter_map(|(identity, config)| Some((identity.hosts.closeness(name)?, (identity, config))));
        fitting.max_by_key(|(closeness, _)| *closeness).map(|(_, named)| named)
    }
}

/// Why a server closed the connection while we were writing: its alert may still be there to be read.
async fn last_word(error: io::Error, mut io: Io) -> io::Error {
    let mut record = [0; 7];
    if matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
        && let Ok(Ok(_)) = timeout(JUDGED, io.read_exact(&mut record)).await
        && let [0x15, 3, _, 0, 2, _, alert] = record
    {
        return io::Error::new(io::ErrorKind::InvalidData, rustls::Error::AlertReceived(alert.into()));
    }
    error
}

/// A TLS 1.3 server looks at our certificate when the handshake is over for us. So that its refusal is not taken
/// for a failed request: waits until it sends anything, be it tickets, for a moment. What it sends comes back.
async fn judgement(stream: &mut TlsStream<Io>) -> io::Result<BytesMut> {
    let mut bytes = BytesMut::zeroed(4096);
    let sent = poll_fn(|cx| {
        let mut buffer = ReadBuf::new(&mut bytes);
        match Pin::new(&mut *stream).poll_read(cx, &mut buffer) {
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()))
            }
            Poll::Ready(Ok(())) => Poll::Ready(Ok(buffer.filled().len())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if stream.get_ref().1.tls13_tickets_received() > 0 => Poll::Ready(Ok(0)),
            Poll::Pending => Poll::Pending,
        }
    });
    let length = timeout(JUDGED, sent).await.unwrap_or(Ok(0))?;
    bytes.truncate(length);
    Ok(bytes)
}
