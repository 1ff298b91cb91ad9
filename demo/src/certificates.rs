//! The origin's certificates, one for each of its names.

use std::collections::HashMap;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use dashcam_ca::Authority;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::error::DemoError;
use crate::places::HOSTS;

/// The keys by name.
#[derive(Debug)]
struct Keys(HashMap<&'static str, Arc<CertifiedKey>>);

impl ResolvesServerCert for Keys {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.get(hello.server_name()?).cloned()
    }
}

/// TLS of the origin, with certificates of `authority`.
pub(crate) async fn tls(authority: &Authority) -> Result<Arc<ServerConfig>, DemoError> {
    let mut keys = HashMap::new();
    for host in HOSTS {
        keys.insert(host, authority.leaf(host).await?);
    }
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
    let mut config = builder.with_cert_resolver(Arc::new(Keys(keys)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The origin's own authority, in the folder `home`, which only this user can read.
pub(crate) fn authority(home: &Path) -> Result<Authority, DemoError> {
    DirBuilder::new().recursive(true).mode(0o700).create(home)?;
    Ok(Authority::open_or_create(home)?.0)
}
