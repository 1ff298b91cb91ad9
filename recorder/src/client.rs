//! A client connection's shares of the recorder's memory and places.

use std::net::IpAddr;

use dashcam_exchange::{GapReason, Program};

use crate::Recorder;
use crate::budget::{Full, Share};
use crate::client_connection::ClientConnection;

/// A client connection's shares of the recorder's memory and of the places in its queue. It is made once a
/// connection ([`Recorder::client`]), and cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) memory: Share,
    pub(crate) places: Share,
    /// The program that opened the connection.
    pub(crate) caller: ClientConnection,
}

impl Client {
    /// The program that opened the connection, if it is known by now.
    #[must_use]
    pub fn program(&self) -> Option<Program> {
        self.caller.lock().program.clone()
    }
}

impl Recorder {
    /// The account of a connection from `address`, or of what no client asked for.
    #[must_use]
    pub fn client(&self, address: Option<IpAddr>) -> Client {
        let (memory, places) = (self.shared.memory.share(address), self.shared.places.share(address));
        Client { memory, places, caller: ClientConnection::from_address(address) }
    }
}

impl From<Full> for GapReason {
    fn from(full: Full) -> Self {
        match full {
            Full::Budget => Self::QueueFull,
            Full::Client => Self::ClientShare,
        }
    }
}
