//! The flight recorder beside the level that it is to be measured against.

use super::{Case, reverse};
use crate::peer::variant::FLIGHT;
use crate::peer::{Peer, Way};

pub(super) const SMALL: Case = Case {
    name: "flight",
    title: "1 KiB of JSON, flight recorder",
    about: "As reverse-1k, where everything goes into the ring of a flight recorder (`--record metrics --flight \
            60s,256MB`, on a tmpfs if there is one with room), beside `metrics` alone.",
    contenders: &[
        (Peer::Dashcam("metrics"), Way::Reverse),
        (Peer::Dashcam(FLIGHT), Way::Reverse),
        (Peer::Dashcam("full"), Way::Reverse),
    ],
    ..reverse::SMALL
};

pub(super) const LARGER: Case = Case {
    name: "flight-10k",
    title: "10 KiB of JSON, flight recorder",
    about: "As reverse-10k, in the same way.",
    contenders: SMALL.contenders,
    ..reverse::LARGER
};
