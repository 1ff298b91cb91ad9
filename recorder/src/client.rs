//! A client connection's shares of the recorder's memory and places.

use std::net::IpAddr;

use dashcam_exchange::GapReason;

use crate::Recorder;
use crate::budget::{Full, Share};

/// A client connection's shares of the recorder's memory and of the places in its queue. It is made once a
/// connection ([`Recorder::client`]), and cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) memory: Share,
    pub(crate) places: Share,
}

impl Recorder {
    /// The account of a connection from `address`, or of what no client asked for.
    #[must_use]
    pub fn client(&self, address: Option<IpAddr>) -> Client {
        Client { memory: self.shared.memory.share(address), places: self.shared.places.share(address) }
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
