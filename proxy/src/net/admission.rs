//! Admission of connections: limits on those of clients and on those to upstreams, with a share of each for every
//! source address.
//!
//! A connection is counted once when it opens and once when it closes; a request counts nothing here.

pub(crate) mod account;

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use account::take;
pub(crate) use account::{Account, LOOKUPS, LOOKUPS_OF_ADDRESS};
use dashcam_recorder::Source;

use crate::config::ConnectionLimits;
use crate::net::limited::Limit;
use crate::net::lock::lock;
use crate::net::own_sockets::OwnSocket;
use crate::net::swept_map::SweptMap;

/// Counts connections, and says where there are enough.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: ConnectionLimits,
    clients: AtomicUsize,
    upstreams: AtomicUsize,
    accounts: Mutex<SweptMap<Source, Arc<Account>>>,
}

/// How many connections there are, and may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connections {
    /// Those of clients.
    pub clients: usize,
    /// Those to upstreams: in use, kept, or being opened.
    pub upstreams: usize,
    /// How many there may be.
    pub limits: ConnectionLimits,
    /// The source address with the most client connections, and how many those are, if it is near its limit.
    pub near_limit: Option<(String, usize)>,
}

impl Admission {
    pub(crate) fn new(limits: ConnectionLimits) -> Arc<Self> {
        let (clients, upstreams) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { limits, clients, upstreams, accounts: Mutex::default() })
    }

    pub(crate) fn limits(&self) -> ConnectionLimits {
        self.limits
    }

    /// Admits a connection from `ip`, or says which limit it would go beyond.
    pub(crate) fn admit(self: &Arc<Self>, ip: IpAddr) -> Result<Admitted, Limit> {
        let account = self.account(ip.into());
        if !take(&account.clients, self.limits.clients_of_address) {
            return Err(Limit::ConnectionsOfAddress);
        }
        // It gives back both counts from here on.
        let admitted = Admitted { admission: Arc::clone(self), account };
        let before = self.clients.fetch_add(1, Ordering::Relaxed);
        let fits = before < self.limits.clients || self.limits.clients == 0;
        if fits { Ok(admitted) } else { Err(Limit::Connections) }
    }

    /// Makes room for a connection to an upstream on behalf of `account`, or says which limit it would go beyond.
    pub(crate) fn admit_upstream(
        self: &Arc<Self>,
        account: Option<&Arc<Account>>,
    ) -> Result<UpstreamPermit, Limit> {
        if account.is_some_and(|account| !account.take_upstream(self.limits.upstreams_of_address)) {
            return Err(Limit::UpstreamConnectionsOfAddress);
        }
        if !take(&self.upstreams, self.limits.upstreams) {
            account.iter().for_each(|account| account.give_back_upstream());
            return Err(Limit::UpstreamConnections);
        }
        Ok(UpstreamPermit { admission: Arc::clone(self), account: account.cloned(), socket: None })
    }

    /// Returns whether little room is left for clients: then one that is silent has less time.
    pub(crate) fn is_crowded(&self) -> bool {
        let limit = self.limits.clients;
        limit > 0 && self.clients() > limit / 4 * 3
    }

    /// How many connections there are.
    pub(crate) fn read(&self) -> Connections {
        let heaviest = lock(&self.accounts)
            .values()
            .map(|account| (account.clients.load(Ordering::Relaxed), account.address))
            .max_by_key(|(clients, _)| *clients);
        let limit = self.limits.clients_of_address;
        let near_limit = heaviest.filter(|(clients, _)| limit > 0 && *clients > limit / 4 * 3);
        Connections {
            clients: self.clients(),
            upstreams: self.upstreams.load(Ordering::Relaxed),
            limits: self.limits,
            near_limit: near_limit.map(|(clients, address)| (address.to_string(), clients)),
        }
    }

    /// How many client connections are open.
    pub(crate) fn clients(&self) -> usize {
        self.clients.load(Ordering::Relaxed)
    }

    /// Forgets source addresses that take nothing; called now and then.
    pub(crate) fn sweep(&self) {
        lock(&self.accounts).sweep(is_needed);
    }

    fn account(&self, address: Source) -> Arc<Account> {
        let mut accounts = lock(&self.accounts);
        if let Some(account) = accounts.get(&address) {
            return Arc::clone(account);
        }
        let account = Account::new(address);
        accounts.insert(address, Arc::clone(&account), is_needed);
        account
    }
}

/// Somebody holds it: a connection of a client or to an upstream, or a look-up.
fn is_needed(account: &Arc<Account>) -> bool {
    Arc::strong_count(account) > 1
}

/// A client connection's place, as long as it lasts.
#[derive(Debug)]
pub(crate) struct Admitted {
    admission: Arc<Admission>,
    pub(crate) account: Arc<Account>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.account.clients.fetch_sub(1, Ordering::Relaxed);
        self.admission.clients.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The place of a connection to an upstream, as long as it lasts.
#[derive(Debug)]
pub(crate) struct UpstreamPermit {
    admission: Arc<Admission>,
    /// Whose request opened the connection, or uses it now.
    account: Option<Arc<Account>>,
    /// The connection among our own.
    socket: Option<OwnSocket>,
}

impl UpstreamPermit {
    /// Returns whether it counts as `account`'s.
    pub(crate) fn is_of(&self, account: Option<&Arc<Account>>) -> bool {
        self.account.as_ref().map(Arc::as_ptr) == account.map(Arc::as_ptr)
    }

    /// Takes its connection's entry among our own, which ends with it.
    pub(crate) fn hold(&mut self, socket: Option<OwnSocket>) {
        self.socket = socket;
    }

    /// Counts it as `account`'s from now on: a kept connection counts as that of whoever uses it.
    pub(crate) fn pass_to(&mut self, account: Option<&Arc<Account>>) -> Result<(), Limit> {
        if self.is_of(account) {
            return Ok(());
        }
        let limit = self.admission.limits.upstreams_of_address;
        if account.is_some_and(|account| !account.take_upstream(limit)) {
            return Err(Limit::UpstreamConnectionsOfAddress);
        }
        self.give_back();
        self.account = account.cloned();
        Ok(())
    }

    fn give_back(&self) {
        self.account.iter().for_each(|account| account.give_back_upstream());
    }
}

impl Drop for UpstreamPermit {
    fn drop(&mut self) {
        self.give_back();
        self.admission.upstreams.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
