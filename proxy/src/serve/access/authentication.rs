//! Names and passwords of clients that name their destinations (RFC 7617, RFC 1929).
//!
//! Checking one may be slow by design. So it is done apart from traffic, few at a time; who was checked is remembered for
//! an hour, per address. Wrong passwords are limited per address, except for who was right there before.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dashcam_exchange::{Failure, Headers, Side, Stage};
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::config::Credential;
use crate::serve::access::password::Shown;

/// How many that were right are remembered, and for how long.
const MOST_VERIFIED: u64 = 4096;
const VERIFIED: Duration = Duration::from_secs(3600);
/// How many wrong ones an address may show in a minute.
const MOST_WRONG: u32 = 10;
const WRONG: Duration = Duration::from_secs(60);
/// How many addresses are watched.
const MOST_ADDRESSES: u64 = 16_384;
/// How many passwords are checked at the same time.
const AT_ONCE: usize = 2;

type Digest = [u8; 32];

/// Verifies the credentials that forward clients must show.
pub(crate) struct Authentication {
    credentials: Arc<[Credential]>,
    /// For digests that nobody else can make.
    key: Digest,
    verified: Cache<Digest, ()>,
    wrong: Cache<IpAddr, Arc<AtomicU32>>,
    checks: Arc<Semaphore>,
}

impl Authentication {
    /// Lets in whom `credentials` name; `None` if they name nobody.
    pub(super) fn new(credentials: &[Credential]) -> Option<Self> {
        if credentials.is_empty() {
            return None;
        }
        let mut key = [0; 32];
        rustls::crypto::aws_lc_rs::default_provider()
            .secure_random
            .fill(&mut key)
            .expect("the system's source of randomness does not fail once it is seeded");
        Some(Self {
            credentials: credentials.into(),
            key,
            verified: Cache::builder().max_capacity(MOST_VERIFIED).time_to_idle(VERIFIED).build(),
            wrong: Cache::builder().max_capacity(MOST_ADDRESSES).time_to_live(WRONG).build(),
            checks: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// Checks that the client at `address` shows in its request's fields that it may use the proxy; if not,
    /// returns the status to answer with and why.
    pub(crate) async fn check(&self, address: IpAddr, fields: &Headers) -> Result<(), (u16, Failure)> {
        let mut shown = fields.all("proxy-authorization");
        let (Some(value), None) = (shown.next(), shown.next()) else { return Err(missing("http")) };
        self.verify(address, value, (|| Shown::read(value), "http")).await
    }

    /// Checks the name and the password that the client at `address` shows elsewhere than in a field. `scheme` is that
    /// of the proxy's URL, for the reason why they will not do.
    pub(crate) async fn check_pair(
        &self,
        address: IpAddr,
        (user, password): (&[u8], &[u8]),
        scheme: &str,
    ) -> Result<(), Failure> {
        // No field's value begins with a zero, and no two pairs have the same bytes.
        let value = [&[0], user.len().to_be_bytes().as_slice(), user, password].concat();
        let shown = || Some(Shown::new(user, password));
        self.verify(address, &value, (shown, scheme)).await.map_err(|(_, failure)| failure)
    }

    /// Why a client is refused that can show no name and no password.
    pub(crate) fn nothing_shown(scheme: &str) -> Failure {
        missing(scheme).1
    }

    /// Verifies what `shown` reads, for which `value` stands.
    async fn verify(
        &self,
        address: IpAddr,
        value: &[u8],
        (shown, scheme): (impl FnOnce() -> Option<Shown>, &str),
    ) -> Result<(), (u16, Failure)> {
        let digest = self.digest(address, value);
        if self.verified.contains_key(&digest) {
            return Ok(());
        }
        let Some(shown) = shown() else { return Err(missing(scheme)) };
        let wrong = self.wrong.get_with(network_of(address), Arc::default);
        let _place = self.checks.acquire().await;
        // Who opens many connections at once is checked once.
        if self.verified.contains_key(&digest) {
            return Ok(());
        }
        // Counted before it is known: two at once are two.
        if wrong.fetch_add(1, Ordering::Relaxed) >= MOST_WRONG {
            return Err(limited(address));
        }
        let credentials = Arc::clone(&self.credentials);
        if !spawn_blocking(move || shown.is_one_of(&credentials)).await.unwrap_or(false) {
            tracing::warn!(client = %address, "a client showed a wrong name or password for the proxy");
            return Err(wrong_one(scheme));
        }
        wrong.fetch_sub(1, Ordering::Relaxed);
        self.verified.insert(digest, ());
        Ok(())
    }

    fn digest(&self, address: IpAddr, value: &[u8]) -> Digest {
        let address = address.to_canonical().to_string();
        let hash = Sha256::new().chain_update(self.key).chain_update(address).chain_update(b"\n");
        hash.chain_update(value).finalize().into()
    }
}

/// A client with one IPv6 address has all of its network's.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::new(Side::Proxy, Stage::RequestHead, message)
}

fn missing(scheme: &str) -> (u16, Failure) {
    let why = format!(
        "This proxy takes only clients with a user name and a password (--proxyauth). Put them into the proxy's URL: \
         {scheme}://USER:PASSWORD@HOST:PORT."
    );
    (407, refused(why))
}

fn wrong_one(scheme: &str) -> (u16, Failure) {
    let why = format!(
        "The user name or the password for this proxy is wrong (--proxyauth). Put the right ones into the proxy's URL: \
         {scheme}://USER:PASSWORD@HOST:PORT."
    );
    (407, refused(why))
}

fn limited(address: IpAddr) -> (u16, Failure) {
    let why = format!(
        "Too many wrong passwords for this proxy came from {}. Wait a minute, then show the right one.",
        address.to_canonical()
    );
    (429, refused(why))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn fields(pair: &str) -> Headers {
        [("Proxy-Authorization", format!("Basic {}", STANDARD.encode(pair)))].into_iter().collect()
    }

    async fn status(authentication: &Authentication, address: &str, pair: &str) -> u16 {
        let checked = authentication.check(address.parse().unwrap(), &fields(pair)).await;
        checked.map_or_else(|(status, _)| status, |()| 200)
    }

    #[tokio::test]
    async fn wrong_passwords_are_limited_for_each_address() {
        let authentication = Authentication::new(&["u:secret".parse().unwrap()]).unwrap();
        assert_eq!(status(&authentication, "192.0.2.1", "u:secret").await, 200);
        for _ in 0..MOST_WRONG {
            assert_eq!(status(&authentication, "192.0.2.1", "u:wrong").await, 407);
        }
        assert_eq!(status(&authentication, "192.0.2.1", "u:wrong").await, 429);
        assert_eq!(status(&authentication, "192.0.2.1", "u:secret").await, 200, "it was right before");
        assert_eq!(status(&authentication, "192.0.2.2", "u:secret").await, 200, "others are not concerned");
        for host in 0..MOST_WRONG {
            assert_eq!(status(&authentication, &format!("2001:db8::{host}"), "u:wrong").await, 407);
        }
        assert_eq!(status(&authentication, "2001:db8::ffff", "u:secret").await, 429, "of the same network");
        assert_eq!(status(&authentication, "2001:db8:0:1::1", "u:secret").await, 200);
    }

    #[tokio::test]
    async fn right_ones_are_not_limited() {
        let authentication = Authentication::new(&["u:secret".parse().unwrap()]).unwrap();
        for _ in 0..=MOST_WRONG {
            authentication.verified.invalidate_all();
            assert_eq!(status(&authentication, "192.0.2.1", "u:secret").await, 200);
        }
    }

    #[tokio::test]
    async fn nothing_and_twice_are_asked_again() {
        let authentication = Authentication::new(&["u:secret".parse().unwrap()]).unwrap();
        let address = "192.0.2.1".parse().unwrap();
        let mut twice = fields("u:secret");
        twice.push("Proxy-Authorization", "Basic dTpzZWNyZXQ=");
        for fields in
            [Headers::default(), twice, [("Proxy-Authorization", "Negotiate x")].into_iter().collect()]
        {
            assert_eq!(authentication.check(address, &fields).await.unwrap_err().0, 407);
        }
        assert!(Authentication::new(&[]).is_none());
    }
}
