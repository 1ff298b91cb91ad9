//! The authority: the root and the leaves that it has issued of late.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};

use crate::CaError;
use crate::host::Host;
use crate::leaf::LeafMaker;
use crate::root::{self, Created, Root};

/// How many hosts' certificates are kept.
const LEAVES_KEPT: u64 = 10_000;
/// How long one is handed out: well below the 90 days that it is valid, so that none is near its end.
const LEAF_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Issues certificates for hosts in the name of the root. Clones share the root and the leaves.
#[derive(Clone)]
pub struct Authority {
    inner: Arc<Inner>,
}

struct Inner {
    root: Root,
    maker: LeafMaker,
    leaves: Cache<String, Arc<CertifiedKey>>,
}

impl Authority {
    /// Opens the root in the directory `home` (`ca.pem`, and `ca-key.pem` that only its owner can read), or
    /// makes one that is valid for ten years. Nothing that is there is ever overwritten.
    ///
    /// # Errors
    /// When the root is damaged, its key does not fit or is open to others, it has ended, or `home` can't be
    /// read or written.
    pub fn open_or_create(home: &Path) -> Result<(Self, Created), CaError> {
        let (root, created) = root::open_or_create(home)?;
        let leaves = Cache::builder().max_capacity(LEAVES_KEPT).time_to_live(LEAF_KEPT).build();
        let inner = Inner { root, maker: LeafMaker::new()?, leaves };
        Ok((Self { inner: Arc::new(inner) }, created))
    }

    /// The root as PEM, as it stands in [`Authority::root_path`].
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.inner.root.pem
    }

    /// The file that clients are told to trust.
    #[must_use]
    pub fn root_path(&self) -> &Path {
        &self.inner.root.path
    }

    /// The SHA-256 of the root's DER, as browsers show it: `AB:CD:…`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(&self.inner.root.chain[0]);
        digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// The certificate and key to answer as `host`: a domain name, or an address without brackets. Kept for the
    /// next time; when many ask at once for a new host, one certificate is issued and all get it.
    ///
    /// # Errors
    /// [`CaError::InvalidHost`] when `host` is no host.
    pub async fn leaf(&self, host: &str) -> Result<Arc<CertifiedKey>, CaError> {
        // Most calls are for a host just as it stands in the cache.
        if let Some(leaf) = self.inner.leaves.get(host).await {
            return Ok(leaf);
        }
        let host = Host::parse(host)?;
        let name = host.to_string();
        let issue = async { self.inner.maker.issue(&self.inner.root, &host).map(Arc::new) };
        let leaf = self.inner.leaves.try_get_with_by_ref(name.as_str(), issue).await;
        leaf.map_err(|source| CaError::Issue { subject: name, source })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("root", &self.inner.root.path).finish_non_exhaustive()
    }
}
