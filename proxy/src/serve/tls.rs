//! TLS with clients: certificates that we issue, or the operator's.

pub(crate) mod explain;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dashcam_ca::Authority;
use dashcam_exchange::{Failure, Runtime, Side, Stage, TlsFacts};
use moka::sync::Cache;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, ProducesTickets, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{KeyLog, RootCertStore, ServerConfig};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::config::Config;
use crate::error::BindError;
use crate::net::alpn::Alpn;
use crate::net::io::Io;
use crate::net::tls::facts;
use crate::serve::detect::Hello;
use crate::serve::rejection::Unused;
use crate::serve::tls::explain::{Handshake, is_refusal};

/// How long a host's TLS config is kept: far less than its certificate is valid.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How many hosts' configs are kept.
const HOSTS: u64 = 2048;

/// The host that a client wants to talk to.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The name in the certificate.
    pub(crate) name: String,
    /// The name that the client asked for.
    pub(crate) sni: Option<String>,
    /// The client's software, if it is known.
    pub(crate) runtime: Option<Runtime>,
    /// True if the hello is one of a browser.
    is_browser: bool,
}

/// A handshake that failed.
#[derive(Debug)]
pub(crate) struct HandshakeFailed {
    pub(crate) failure: Failure,
    /// True if the client refused us.
    pub(crate) is_refusal: bool,
}

impl From<Failure> for HandshakeFailed {
    fn from(failure: Failure) -> Self {
        Self { failure, is_refusal: false }
    }
}

impl Identity {
    /// The name that the client asks for, or `unnamed` if it asks for none.
    pub(crate) fn new(hello: Hello, unnamed: &str, runtime: Option<Runtime>) -> Self {
        let name = hello.sni.clone().unwrap_or_else(|| unnamed.to_owned());
        let is_browser = hello.shape.is_some_and(|shape| shape.is_browser());
        Self { name, sni: hello.sni, runtime, is_browser }
    }
}

/// Terminates clients' TLS.
pub(crate) struct ServerTls {
    authority: Authority,
    /// The operator's certificate for reverse listeners.
    own: Option<Arc<CertifiedKey>>,
    forward: ClientAuth,
    reverse: ClientAuth,
    configs: Cache<ConfigKey, Arc<ServerConfig>>,
    key_log: Arc<dyn KeyLog>,
    limit: Duration,
    silent_refusal: Duration,
}

/// The demands on a listener's clients. A ticket says that a client met the demands before: so every set of
/// demands has tickets of its own.
struct ClientAuth {
    certificate: Option<Arc<dyn ClientCertVerifier>>,
    tickets: Arc<dyn ProducesTickets>,
}

/// The choices in which the configurations that clients get to see differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ConfigKey {
    /// The name in the certificate; `None` for the operator's.
    name: Option<String>,
    alpn: Alpn,
    reverse: bool,
}

impl ServerTls {
    pub(crate) fn new(
        config: &Config,
        authority: Authority,
        key_log: &Arc<dyn KeyLog>,
    ) -> Result<Self, BindError> {
        let own = match &config.certificate {
            Some((certificate, key)) => Some(operators_key(certificate, key)?),
            None => None,
        };
        let certificate = config.client_ca.as_deref().map(client_verifier).transpose()?;
        let configs = Cache::builder().max_capacity(HOSTS).time_to_live(KEPT).build();
        Ok(Self {
            authority,
            own,
            forward: ClientAuth::new(None)?,
            reverse: ClientAuth::new(certificate)?,
            configs,
            key_log: Arc::clone(key_log),
            limit: config.timeouts.tls_handshake,
            silent_refusal: config.timeouts.silent_refusal,
        })
    }

    /// Does the handshake as `identity`, which speaks `alpn`; `reverse` prefers the operator's certificate and may
    /// demand the client's.
    pub(crate) async fn accept(
        &self,
        io: Io,
        identity: &Identity,
        alpn: &Alpn,
        reverse: bool,
    ) -> Result<(Io, TlsFacts), HandshakeFailed> {
        let name = identity.name.as_str();
        let failed = |message| Failure::new(Side::Client, Stage::TlsHandshake, message);
        let issued = self.own.is_none() || !reverse;
        let face = ConfigKey { name: issued.then(|| name.to_owned()), alpn: alpn.clone(), reverse };
        let config = self
            .config_for(face)
            .await
            .map_err(|error| failed(format!("No certificate could be issued for {name}: {error}.")))?;
        match timeout(self.limit, TlsAcceptor::from(config).accept(io)).await {
            Ok(Ok(stream)) => {
                let io = Io::from(stream);
                let facts = io.tls().map(|state| facts(state, identity.sni.clone())).unwrap_or_default();
                Ok((io, facts))
            }
            Ok(Err(error)) => {
                let failure = failed(self.handshake(identity, reverse).explain(&error));
                Err(HandshakeFailed { failure, is_refusal: is_refusal(&error) })
            }
            Err(_) => Err(failed(format!(
                "The client did not finish the TLS handshake for {name} within {} s.",
                self.limit.as_secs_f64()
            ))
            .into()),
        }
    }

    /// The failure of a client that ended the connection after the handshake, without a request, if that means that it
    /// refused the certificate.
    pub(crate) fn refusal(&self, identity: &Identity, unused: &Unused, reverse: bool) -> Option<Failure> {
        let alert = unused.alert();
        unused.is_refusal(identity.is_browser, self.silent_refusal).then(|| {
            let message = self.handshake(identity, reverse).explain_unused(alert);
            Failure::new(Side::Client, Stage::TlsHandshake, message)
        })
    }

    fn handshake<'a>(&'a self, identity: &'a Identity, reverse: bool) -> Handshake<'a> {
        let issued = self.own.is_none() || !reverse;
        Handshake {
            name: &identity.name,
            root: issued.then(|| self.authority.root_path()),
            runtime: identity.runtime,
            is_forward: !reverse,
        }
    }

    async fn config_for(
        &self,
        face: ConfigKey,
    ) -> Result<Arc<ServerConfig>, Box<dyn std::error::Error + Send + Sync>> {
        if let Some(config) = self.configs.get(&face) {
            return Ok(config);
        }
        let key = match (&face.name, &self.own) {
            (None, Some(own)) => Arc::clone(own),
            (name, _) => self.authority.leaf(name.as_deref().unwrap_or_default()).await?,
        };
        let config = Arc::new(self.server_config(&face, key)?);
        self.configs.insert(face, Arc::clone(&config));
        Ok(config)
    }

    fn server_config(&self, face: &ConfigKey, key: Arc<CertifiedKey>) -> Result<ServerConfig, rustls::Error> {
        let demands = if face.reverse { &self.reverse } else { &self.forward };
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?;
        let builder = match &demands.certificate {
            Some(verifier) => builder.with_client_cert_verifier(Arc::clone(verifier)),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
        config.alpn_protocols = face.alpn.names_for_clients();
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = Arc::clone(&demands.tickets);
        config.send_tls13_tickets = 1;
        config.key_log = Arc::clone(&self.key_log);
        Ok(config)
    }
}

impl ClientAuth {
    fn new(certificate: Option<Arc<dyn ClientCertVerifier>>) -> Result<Self, BindError> {
        Ok(Self { certificate, tickets: aws_lc_rs::Ticketer::new().map_err(BindError::tls)? })
    }
}

/// Asks for a certificate of one of the roots in `file`.
fn client_verifier(file: &Path) -> Result<Arc<dyn ClientCertVerifier>, BindError> {
    let failed = |why: &dyn std::fmt::Display| {
        BindError::certificate(
            file,
            &format!("--client-ca wants the roots of clients' certificates as PEM: {why}"),
        )
    };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| failed(&error))?;
    for certificate in certificates {
        roots.add(certificate).map_err(|error| failed(&error))?;
    }
    if roots.is_empty() {
        return Err(failed(&"the file has no certificate"));
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| failed(&error))
}

fn operators_key(certificate: &Path, key: &Path) -> Result<Arc<CertifiedKey>, BindError> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| BindError::certificate(certificate, &error))?;
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| BindError::certificate(key, &error))?;
    let key = CertifiedKey::from_der(chain, key_der, &aws_lc_rs::default_provider())
        .map_err(|error| BindError::certificate(certificate, &error))?;
    Ok(Arc::new(key))
}

#[cfg(test)]
mod tests;
