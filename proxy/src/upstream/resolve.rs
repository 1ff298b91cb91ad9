//! Names to addresses, as the system resolves them: so many at once, each only once at a time, and remembered for a
//! moment. docs/decisions/0008-name-lookups.md says why it is the system.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex};

use moka::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::{Duration, Instant, timeout_at};

use crate::net::admission::{Account, LOOKUPS, LOOKUPS_OF_ADDRESS};
use crate::net::limited::{Limit, Limited};
use crate::net::lock::lock;

/// How long addresses are remembered. The system does not say how long their record lives; few live for less.
const FOUND: Duration = Duration::from_secs(10);
/// How long it is remembered that there are none: a name that was just made must not be missing for long.
const NOT_FOUND: Duration = Duration::from_secs(2);
/// Names that are remembered.
const REMEMBERED: u64 = 4096;
/// Addresses of one name; more are of no use, and whoever owns the name chooses their number.
const ADDRESSES: usize = 32;

/// The system's resolver, or a test's.
type Lookup = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// A name's addresses without a port, or the system's reason why there are none.
type Answer = Result<Arc<[SocketAddr]>, Arc<str>>;

/// Why a name has no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// The system says so.
    Refused(Arc<str>),
    /// The system has not answered in time.
    TimedOut,
    /// The look-up did not begin in time, because of the others.
    NoRoom(Limit),
}

/// Resolves names. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Resolver(Arc<Shared>);

struct Shared {
    lookup: Box<Lookup>,
    limited: Arc<Limited>,
    room: Arc<Semaphore>,
    /// Answers, and until when they hold.
    known: Cache<Box<str>, (Answer, Instant)>,
    /// Look-ups under way.
    running: Mutex<HashMap<Arc<str>, watch::Receiver<Option<Answer>>>>,
}

impl Resolver {
    /// Asks the system, which may be told of names by more than DNS: /etc/hosts, mDNS, a directory.
    pub(crate) fn system(limited: Arc<Limited>) -> Self {
        Self::new(limited, |host| (host, 0).to_socket_addrs().map(Iterator::collect))
    }

    fn new(
        limited: Arc<Limited>,
        lookup: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            lookup: Box::new(lookup),
            limited,
            room: Arc::new(Semaphore::new(LOOKUPS)),
            known: Cache::new(REMEMBERED),
            running: Mutex::default(),
        }))
    }

    /// The addresses of `host` with `port`, looked up on `account` if they are not known. A look-up that is given up at
    /// the `deadline` goes on for those who ask next.
    pub(crate) async fn resolve(
        &self,
        (host, port): (&str, u16),
        account: Option<&Arc<Account>>,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, Unresolved> {
        let answer = match self.0.known(host) {
            Some(answer) => answer,
            None => self.look_up(host, account, deadline).await?,
        };
        let addresses = answer.map_err(Unresolved::Refused)?;
        let with_port = |address: &SocketAddr| {
            let mut address = *address;
            address.set_port(port);
            address
        };
        Ok(addresses.iter().map(with_port).collect())
    }

    /// Forgets the addresses of `host`: none of them could be reached, and there may be others by now.
    pub(crate) fn forget(&self, host: &str) {
        self.0.known.invalidate(host);
    }

    async fn look_up(
        &self,
        host: &str,
        account: Option<&Arc<Account>>,
        deadline: Instant,
    ) -> Result<Answer, Unresolved> {
        let running = lock(&self.0.running).get(host).cloned();
        let mut running = match running {
            Some(running) => running,
            None => {
                let place = self.0.place(account, deadline).await?;
                self.start(host, place)
            }
        };
        match timeout_at(deadline, running.wait_for(Option::is_some)).await {
            Ok(Ok(answer)) => Ok(answer.clone().unwrap_or_else(ended)),
            Ok(Err(_)) => Ok(ended()),
            Err(_) => Err(Unresolved::TimedOut),
        }
    }

    /// Begins a look-up, unless somebody else did while a place was waited for.
    fn start(&self, host: &str, place: Place) -> watch::Receiver<Option<Answer>> {
        let mut running = lock(&self.0.running);
        if let Some(running) = running.get(host) {
            return running.clone();
        }
        let (tell, told) = watch::channel(self.0.known(host));
        if told.borrow().is_some() {
            return told;
        }
        let host: Arc<str> = host.into();
        running.insert(Arc::clone(&host), told.clone());
        let task = Running { shared: Arc::clone(&self.0), host, place: Some(place), answer: None, tell };
        // Where nothing is spawned any more, the task ends here and now, and takes the lock.
        drop(running);
        spawn_blocking(move || task.run());
        told
    }
}

/// For a look-up that broke off: dashcam ends, or the system's resolver panicked.
fn ended() -> Answer {
    Err("the look-up was broken off".into())
}

impl Shared {
    fn known(&self, host: &str) -> Option<Answer> {
        let (answer, until) = self.known.get(host)?;
        (Instant::now() < until).then_some(answer)
    }

    /// Room for a look-up on `account`: first in its own share, so that it waits for nobody else's room with more than
    /// that.
    async fn place(&self, account: Option<&Arc<Account>>, deadline: Instant) -> Result<Place, Unresolved> {
        let own = match account {
            Some(account) => Some(self.permit(&account.lookups, Limit::LookupsOfAddress, deadline).await?),
            None => None,
        };
        let shared = self.permit(&self.room, Limit::Lookups, deadline).await?;
        Ok(Place { _own: own, _shared: shared, _account: account.cloned() })
    }

    async fn permit(
        &self,
        room: &Arc<Semaphore>,
        limit: Limit,
        deadline: Instant,
    ) -> Result<OwnedSemaphorePermit, Unresolved> {
        if let Ok(permit) = Arc::clone(room).try_acquire_owned() {
            return Ok(permit);
        }
        self.limited.count(limit);
        match timeout_at(deadline, Arc::clone(room).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Unresolved::NoRoom(limit)),
        }
    }
}

/// A look-up's room, until the system has answered.
struct Place {
    _own: Option<OwnedSemaphorePermit>,
    _shared: OwnedSemaphorePermit,
    /// It is not forgotten while it takes a thread.
    _account: Option<Arc<Account>>,
}

/// A look-up under way; those who wait for it are told when it ends, however it does.
struct Running {
    shared: Arc<Shared>,
    host: Arc<str>,
    place: Option<Place>,
    answer: Option<Answer>,
    tell: watch::Sender<Option<Answer>>,
}

impl Running {
    fn run(mut self) {
        let (answer, holds) = match (self.shared.lookup)(&self.host) {
            Ok(addresses) => (Ok(addresses.into_iter().take(ADDRESSES).collect()), FOUND),
            Err(error) => (Err(error.to_string().into()), NOT_FOUND),
        };
        let until = Instant::now() + holds;
        self.shared.known.insert((*self.host).into(), (answer.clone(), until));
        self.answer = Some(answer);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        lock(&self.shared.running).remove(&self.host);
        self.place = None;
        // Last, so that whoever was told finds that it has ended.
        self.tell.send_replace(Some(self.answer.take().unwrap_or_else(ended)));
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::TimedOut => f.write_str("the system's resolver did not answer in time (timeouts.connect)"),
            Self::NoRoom(Limit::LookupsOfAddress) => write!(
                f,
                "{LOOKUPS_OF_ADDRESS} other names that this client asked for are still being looked up, and no more may be at once"
            ),
            Self::NoRoom(_) => {
                write!(f, "{LOOKUPS} other names are still being looked up, and no more may be at once")
            }
        }
    }
}

#[cfg(test)]
mod tests;
