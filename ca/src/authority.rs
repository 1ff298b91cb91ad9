//! The authority: the root and the leaves that it has issued of late.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use rustls::sign::CertifiedKey;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::CaError;
use crate::host::Host;
use crate::key::KeySource;
use crate::leaf::LeafMaker;
use crate::root::{self, Created, Root, RootCertificate};

/// How many hosts' certificates are kept.
const LEAVES_KEPT: u64 = 10_000;
/// How long one is handed out: well below the 90 days that it is valid, so that none is near its end.
const LEAF_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How many programs that sign for the root may run at the same time, and how long a host waits for its turn.
const SIGNERS: usize = 4;
const TURN: Duration = Duration::from_secs(10);
/// A host that nobody reaches (RFC 6761): a certificate for it shows that the root's key can be used.
const NOBODY: &str = "dashcam.invalid";

/// Issues certificates for hosts in the name of the root. Clones share the root and the leaves.
#[derive(Clone)]
pub struct Authority {
    inner: Arc<Inner>,
}

struct Inner {
    root: Root,
    maker: LeafMaker,
    leaves: Cache<String, Arc<CertifiedKey>>,
    /// Turns to sign where that runs a program.
    turns: Semaphore,
}

impl Authority {
    /// Opens the root in the directory `home` (`ca.pem`, and `ca-key.pem` that only its owner can read), or
    /// makes one that is valid for ten years. Nothing that is there is ever overwritten.
    ///
    /// # Errors
    /// When the root is damaged, its key does not fit or is open to others, it has ended, or `home` can't be
    /// read or written.
    pub fn open_or_create(home: &Path) -> Result<(Self, Created), CaError> {
        Self::open_or_create_with(home, &KeySource::File)
    }

    /// The same with the root's key from `source`. Where the key is outside, a first signature is asked for.
    ///
    /// # Errors
    /// As [`Authority::open_or_create`]; when the key can't be unlocked, or what signs doesn't.
    pub fn open_or_create_with(home: &Path, source: &KeySource) -> Result<(Self, Created), CaError> {
        let (root, created) = root::open_or_create(home, source)?;
        let leaves = Cache::builder().max_capacity(LEAVES_KEPT).time_to_live(LEAF_KEPT).build();
        let maker = LeafMaker::new()?;
        if root.issuer.key().is_outside() {
            let tried = maker.issue(&root, &Host::parse(NOBODY)?);
            tried.map_err(|source| CaError::Signer { source })?;
        }
        let inner = Inner { root, maker, leaves, turns: Semaphore::new(SIGNERS) };
        Ok((Self { inner: Arc::new(inner) }, created))
    }

    /// The root as PEM, as it stands in [`Authority::root_path`].
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.inner.root.certificate.pem
    }

    /// The file that clients are told to trust.
    #[must_use]
    pub fn root_path(&self) -> &Path {
        &self.inner.root.certificate.path
    }

    /// The root's certificate.
    #[must_use]
    pub fn certificate(&self) -> &RootCertificate {
        &self.inner.root.certificate
    }

    /// The SHA-256 of the root's DER, as browsers show it: `AB:CD:…`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.certificate().fingerprint()
    }

    /// Returns whether the root may issue a certificate for `host`, as far as its name constraints go.
    #[must_use]
    pub fn permits(&self, host: &str) -> bool {
        let constraints = &self.certificate().constraints;
        constraints.is_empty() || Host::parse(host).is_ok_and(|host| constraints.permit(&host))
    }

    /// The certificate and key to answer as `host`: a domain name, or an address without brackets. Kept for the
    /// next time; when many ask at once for a new host, one certificate is issued and all get it.
    ///
    /// # Errors
    /// [`CaError::InvalidHost`] when `host` is no host, [`CaError::NotPermitted`] when the root may not issue for it.
    pub async fn leaf(&self, host: &str) -> Result<Arc<CertifiedKey>, CaError> {
        // Most calls are for a host just as it stands in the cache.
        if let Some(leaf) = self.inner.leaves.get(host).await {
            return Ok(leaf);
        }
        let host = Host::parse(host)?;
        if !self.certificate().constraints.permit(&host) {
            let permitted = self.certificate().constraints.to_string();
            return Err(CaError::NotPermitted { host: host.to_string(), permitted });
        }
        let name = host.to_string();
        let issue = self.issue(host);
        let leaf = self.inner.leaves.try_get_with_by_ref(name.as_str(), issue).await;
        leaf.map_err(|source| CaError::Issue { subject: name, source })
    }

    /// Issues a certificate for `host`. A program that signs is not waited for on a thread that carries traffic.
    async fn issue(&self, host: Host) -> Result<Arc<CertifiedKey>, Unissued> {
        if !self.inner.root.issuer.key().is_outside() {
            return Ok(Arc::new(self.inner.maker.issue(&self.inner.root, &host)?));
        }
        let turn = timeout(TURN, self.inner.turns.acquire()).await;
        let _turn = turn.map_err(|_| Unissued::Busy)?.map_err(|_| Unissued::Busy)?;
        let inner = Arc::clone(&self.inner);
        let issued = tokio::task::spawn_blocking(move || inner.maker.issue(&inner.root, &host));
        Ok(Arc::new(issued.await.map_err(|_| Unissued::Busy)??))
    }
}

/// Why a certificate was not issued.
#[derive(Debug, thiserror::Error)]
enum Unissued {
    #[error(transparent)]
    Maker(#[from] rcgen::Error),
    #[error("the command that signs for the root is busy: try again in a moment")]
    Busy,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("root", &self.inner.root.certificate.path).finish_non_exhaustive()
    }
}
