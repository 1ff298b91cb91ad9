//! TLS with clients: certificates that we issue, or the operator's.

use std::sync::Arc;
use std::time::Duration;

use dashcam_ca::Authority;
use dashcam_exchange::{Certificate, Failure, Side, Stage, TlsFacts};
use moka::sync::Cache;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, ProducesTickets};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CommonState, ServerConfig};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::config::Config;
use crate::detect::Hello;
use crate::io::Io;
use crate::listener::BindError;

/// How long a host's TLS config is kept: far less than its certificate is valid.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How many hosts' configs are kept.
const HOSTS: u64 = 2048;

/// Whom a client wants to talk to.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The name in the certificate.
    pub(crate) name: String,
    /// What the client asked for.
    pub(crate) sni: Option<String>,
}

impl Identity {
    /// The name that the client asks for, or `unnamed` if it asks for none.
    pub(crate) fn new(hello: Hello, unnamed: &str) -> Self {
        let name = hello.sni.clone().unwrap_or_else(|| unnamed.to_owned());
        Self { name, sni: hello.sni }
    }
}

/// Terminates clients' TLS.
pub(crate) struct ServerTls {
    authority: Authority,
    /// The operator's certificate for reverse listeners.
    own: Option<Arc<ServerConfig>>,
    configs: Cache<String, Arc<ServerConfig>>,
    tickets: Arc<dyn ProducesTickets>,
    limit: Duration,
}

impl ServerTls {
    pub(crate) fn new(config: &Config, authority: Authority) -> Result<Self, BindError> {
        let tickets = aws_lc_rs::Ticketer::new().map_err(BindError::tls)?;
        let own = match &config.certificate {
            Some((certificate, key)) => {
                let key = operators_key(certificate, key)?;
                Some(server_config(key, &tickets).map_err(BindError::tls)?)
            }
            None => None,
        };
        let configs = Cache::builder().max_capacity(HOSTS).time_to_live(KEPT).build();
        Ok(Self { authority, own, configs, tickets, limit: config.timeouts.tls_handshake })
    }

    /// Does the handshake as `identity`; `reverse` prefers the operator's certificate.
    pub(crate) async fn accept(
        &self,
        io: Io,
        identity: &Identity,
        reverse: bool,
    ) -> Result<(Io, TlsFacts), Failure> {
        let name = identity.name.as_str();
        let failed = |message| Failure::new(Side::Client, Stage::TlsHandshake, message);
        let config = match self.own.as_ref().filter(|_| reverse) {
            Some(own) => Arc::clone(own),
            None => self
                .config_for(name)
                .await
                .map_err(|error| failed(format!("No certificate could be issued for {name}: {error}.")))?,
        };
        match timeout(self.limit, TlsAcceptor::from(config).accept(io)).await {
            Ok(Ok(stream)) => {
                let io = Io::from(stream);
                let facts = io.tls().map(|state| facts(state, identity.sni.clone())).unwrap_or_default();
                Ok((io, facts))
            }
            Ok(Err(error)) => Err(failed(explain(&error, name))),
            Err(_) => Err(failed(format!(
                "The TLS handshake for {name} was not done within {} s.",
                self.limit.as_secs()
            ))),
        }
    }

    async fn config_for(
        &self,
        name: &str,
    ) -> Result<Arc<ServerConfig>, Box<dyn std::error::Error + Send + Sync>> {
        if let Some(config) = self.configs.get(name) {
            return Ok(config);
        }
        let leaf = self.authority.leaf(name).await?;
        let config = server_config(leaf, &self.tickets)?;
        self.configs.insert(name.to_owned(), Arc::clone(&config));
        Ok(config)
    }
}

fn server_config(
    key: Arc<CertifiedKey>,
    tickets: &Arc<dyn ProducesTickets>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ticketer = Arc::clone(tickets);
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

fn operators_key(
    certificate: &std::path::Path,
    key: &std::path::Path,
) -> Result<Arc<CertifiedKey>, BindError> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| BindError::certificate(certificate, &error))?;
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| BindError::certificate(key, &error))?;
    let key = CertifiedKey::from_der(chain, key_der, &aws_lc_rs::default_provider())
        .map_err(|error| BindError::certificate(certificate, &error))?;
    Ok(Arc::new(key))
}

/// What a handshake agreed on.
pub(crate) fn facts(state: &CommonState, sni: Option<String>) -> TlsFacts {
    TlsFacts {
        version: state.protocol_version().map(version_name).unwrap_or_default(),
        cipher: state
            .negotiated_cipher_suite()
            .map(|suite| format!("{:?}", suite.suite()))
            .unwrap_or_default(),
        sni,
        alpn: state.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        certificates: state
            .peer_certificates()
            .into_iter()
            .flatten()
            .map(|one| Certificate::new(one))
            .collect(),
    }
}

/// "TLSv1.3" or "TLSv1.2".
pub(crate) fn version_name(version: rustls::ProtocolVersion) -> String {
    version.as_str().map_or_else(|| format!("{version:?}"), |name| name.replace('_', "."))
}

/// A failed handshake, for the person who has to mend it.
fn explain(error: &std::io::Error, name: &str) -> String {
    use rustls::{AlertDescription as Alert, Error};
    let tls = error.get_ref().and_then(|source| source.downcast_ref::<Error>());
    let trust = "Let it trust dashcam's certificate (`dashcam ca` says how), or tunnel the host unread with --ignore-hosts";
    match tls {
        Some(Error::AlertReceived(
            Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::CertificateUnknown
            | Alert::UnsupportedCertificate
            | Alert::AccessDenied
            | Alert::DecryptError,
        )) => {
            format!("The client rejected dashcam's certificate for {name}. {trust}.")
        }
        Some(error) => format!("The TLS handshake with the client for {name} failed: {error}."),
        None if error.kind() == std::io::ErrorKind::UnexpectedEof
            || error.kind() == std::io::ErrorKind::ConnectionReset =>
        {
            format!(
                "The client closed the connection during the TLS handshake for {name}; most clients do that when they don't trust the certificate. {trust}."
            )
        }
        None => format!("The TLS handshake with the client for {name} failed: {error}."),
    }
}
