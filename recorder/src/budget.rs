//! An amount that many clients draw on, each within its share: bytes held in memory, or places in a queue.
//!
//! A [`Budget`] is never exceeded. Each client connection draws on it through an account of its own, its [`Share`],
//! and all connections from one [`Source`] together through theirs. While less than half of the budget is used nobody
//! else is in want, and a client may hold more than its share: a single busy client bursts as it would alone. Beyond
//! half, only clients within their shares get more, and of what is left a source gets no more than it leaves to the
//! others. So whatever one client does, half of the budget is there for the others; and of many that come at once each
//! gets as much as it leaves to the next. See [`Share::take`]. Nothing is taken from those who hold it; but whoever owns a
//! budget can wait until room is wanted ([`Budget::wanted`]) and make some, at the cost of those who hold more than an
//! even share ([`Budget::even_share`]).
//!
//! Taking and giving back are a few atomic operations. The lock on the table of sources is taken when a connection's
//! account is made, and when the last account of a source goes: then the source is forgotten, so that the table is no
//! longer than the list of clients that are connected or hold something.

mod held;
mod source;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Notify;

pub use held::Held;
pub use source::Source;

/// How much may be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// By all together; never exceeded.
    pub total: usize,
    /// By one client connection, once more than `ample` is used.
    pub connection: usize,
    /// By all connections from one source, once more than `ample` is used.
    pub source: usize,
    /// Up to here shares need not be kept, as nobody is in want: half of the total. With 0 they always are.
    pub ample: usize,
}

impl Bounds {
    /// A quarter of `total` for a source, and a quarter of that for a connection.
    #[must_use]
    pub const fn of(total: usize) -> Self {
        Self::with_source_percent(total, 25)
    }

    /// `percent` of `total` for a source, and a quarter of that for a connection. With more than 50 percent a client
    /// alone may use as much; with 100 no shares are kept.
    #[must_use]
    pub const fn with_source_percent(total: usize, percent: u8) -> Self {
        let percent = if percent > 100 { 100 } else { percent as usize };
        let source = at_least_one(total / 100 * percent + total % 100 * percent / 100);
        let ample = if source > total / 2 { source } else { at_least_one(total / 2) };
        let connection = if source < total { at_least_one(source / 4) } else { total };
        Self { total, connection, source, ample }
    }
}

impl Bounds {
    /// Why there was no room for a client that is `within` its shares or not.
    fn why(&self, within: bool) -> Full {
        if within || self.connection >= self.total { Full::Budget } else { Full::Client }
    }
}

/// Of a very small budget a share is one.
const fn at_least_one(share: usize) -> usize {
    if share == 0 { 1 } else { share }
}

/// Why something could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All clients together hold too much; this one is within its share.
    Budget,
    /// The client holds as much as its share, and others may want the rest.
    Client,
}

/// A bound on what all clients hold together. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Total>);

#[derive(Debug)]
struct Total {
    bounds: Bounds,
    held: AtomicUsize,
    sources: Mutex<HashMap<Source, Weak<SourceAccount>>>,
    wanted: Notify,
}

/// The amount that the connections from one source hold.
#[derive(Debug)]
struct SourceAccount {
    source: Source,
    held: AtomicUsize,
    total: Arc<Total>,
}

/// A client connection's account. Cheap to clone: all clones are the same account. What it still holds when the last
/// clone goes is given back.
#[derive(Debug, Clone)]
pub struct Share(Arc<Account>);

#[derive(Debug)]
struct Account {
    held: AtomicUsize,
    source: Option<Arc<SourceAccount>>,
    total: Arc<Total>,
}

impl Budget {
    /// A budget of which nothing is held.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Total {
            bounds,
            held: AtomicUsize::new(0),
            sources: Mutex::default(),
            wanted: Notify::new(),
        }))
    }

    /// An account for a connection from `client`, or for what has no client (a replay): that has the bounds of a
    /// connection. To be called once a connection: it takes a lock.
    #[must_use]
    pub fn share(&self, client: Option<IpAddr>) -> Share {
        let source = client.map(|address| self.source(address.into()));
        Share(Arc::new(Account { held: AtomicUsize::new(0), source, total: Arc::clone(&self.0) }))
    }

    fn source(&self, source: Source) -> Arc<SourceAccount> {
        let mut sources = self.0.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = sources.get(&source).and_then(Weak::upgrade) {
            return known;
        }
        let account =
            Arc::new(SourceAccount { source, held: AtomicUsize::new(0), total: Arc::clone(&self.0) });
        sources.insert(source, Arc::downgrade(&account));
        account
    }

    /// The bounds it was made with.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.0.bounds
    }

    /// How much is held by all together.
    #[must_use]
    pub fn held(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }

    /// Waits until more than seven eighths are held, or a client within its shares finds no room.
    pub async fn wanted(&self) {
        self.0.wanted.notified().await;
    }

    /// The most that each source could hold so that all together hold three quarters of the whole; no less than that is
    /// anybody's even share. `usize::MAX` if all hold no more than that as it is, or no shares are kept.
    #[must_use]
    pub fn even_share(&self) -> usize {
        let Bounds { total, source, .. } = self.0.bounds;
        if source >= total {
            return usize::MAX;
        }
        let aim = total / 4 * 3;
        let sources = self.0.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let accounts = sources.values().filter_map(Weak::upgrade).collect::<Vec<_>>();
        drop(sources);
        let mut held: Vec<_> = accounts.iter().map(|account| account.held.load(Ordering::Relaxed)).collect();
        if self.held() <= aim {
            return usize::MAX;
        }
        held.sort_unstable();
        // What is no source's is nobody's to give up.
        let mut room = aim.saturating_sub(self.held().saturating_sub(held.iter().sum()));
        for (index, of_one) in held.iter().enumerate() {
            let even = room / (held.len() - index);
            if *of_one > even {
                return even;
            }
            room -= of_one;
        }
        usize::MAX
    }

    /// The sources that have an account.
    #[must_use]
    pub fn sources(&self) -> usize {
        self.0.sources.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Total {
    #[cold]
    fn want(&self) {
        self.wanted.notify_one();
    }
}

impl Share {
    /// Takes `amount` if it is there; never waits.
    ///
    /// It is there if the client then holds no more than its share (of a connection and of a source) and its source
    /// leaves at least as much to others as it holds, or as others may claim; or if no more than half of the whole
    /// ([`Bounds::ample`]) is held then.
    ///
    /// # Errors
    ///
    /// Nothing was taken.
    pub fn take(&self, amount: usize) -> Result<(), Full> {
        let Account { held, source, total } = &*self.0;
        let bounds = &total.bounds;
        if amount > bounds.total {
            return Err(bounds.why(false));
        }
        let own = held.fetch_add(amount, Ordering::Relaxed) + amount;
        let of_source = match source {
            Some(source) => source.held.fetch_add(amount, Ordering::Relaxed) + amount,
            None => own,
        };
        let within = own <= bounds.connection && of_source <= bounds.source;
        let limit =
            if within { bounds.total - of_source.min(bounds.total - bounds.source) } else { bounds.ample };
        let fits = |before: usize| Some(before + amount).filter(|after| *after <= limit);
        if let Ok(before) = total.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            if before > bounds.total - bounds.total / 8 {
                total.want();
            }
            return Ok(());
        }
        held.fetch_sub(amount, Ordering::Relaxed);
        if let Some(source) = source {
            source.held.fetch_sub(amount, Ordering::Relaxed);
        }
        if within {
            total.want();
        }
        Err(bounds.why(within))
    }

    /// Gives back `amount` of what was taken.
    pub fn give_back(&self, amount: usize) {
        self.0.give_back(amount);
    }

    /// Takes `amount` until the returned value is dropped.
    ///
    /// # Errors
    ///
    /// Nothing was taken.
    pub fn hold(&self, amount: usize) -> Result<Held, Full> {
        let mut held = Held::nothing(self.clone());
        held.take(amount)?;
        Ok(held)
    }

    /// How much the connection holds.
    #[must_use]
    pub fn held(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }

    /// How much the connection's source holds, or the connection if there is no client.
    #[must_use]
    pub fn held_by_source(&self) -> usize {
        self.0.source.as_ref().map_or_else(|| self.held(), |source| source.held.load(Ordering::Relaxed))
    }

    /// The source, if there is a client.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        self.0.source.as_ref().map(|account| account.source)
    }

    /// Returns whether the connection or its source holds more than its share, which it may while others are
    /// not in want.
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        let Account { held, source, total } = &*self.0;
        let of_source = source.as_ref().map_or(0, |source| source.held.load(Ordering::Relaxed));
        held.load(Ordering::Relaxed) > total.bounds.connection || of_source > total.bounds.source
    }

    /// Returns whether less than a quarter of the whole is held.
    #[must_use]
    pub fn is_hardly_used(&self) -> bool {
        let total = &self.0.total;
        total.held.load(Ordering::Relaxed) < total.bounds.total / 4
    }
}

impl Account {
    fn give_back(&self, amount: usize) {
        self.held.fetch_sub(amount, Ordering::Relaxed);
        self.release(amount);
    }

    /// Gives back to the source and to all.
    fn release(&self, amount: usize) {
        if let Some(source) = &self.source {
            source.held.fetch_sub(amount, Ordering::Relaxed);
        }
        self.total.held.fetch_sub(amount, Ordering::Relaxed);
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let left = *self.held.get_mut();
        self.release(left);
    }
}

impl Drop for SourceAccount {
    fn drop(&mut self) {
        let mut sources = self.total.sources.lock().unwrap_or_else(PoisonError::into_inner);
        // Another may have come in its place meanwhile.
        if sources.get(&self.source).is_some_and(|account| account.strong_count() == 0) {
            sources.remove(&self.source);
        }
    }
}
