//! The cost of each way to record, beside the others.

use super::{Case, reverse};
use crate::peer::variant::{BOUNDED, BUDGET, FLIGHT, LOSSLESS, RULES};
use crate::peer::{Peer, Way};

pub(super) const SMALL: Case = Case {
    name: "switch",
    title: "1 KiB of JSON, by levels, rules and guarantees",
    about: "As reverse-1k: each level, the flight recorder beside `metrics`, and beside `full` 20 rules that match nothing, a \
            budget that is never used up, and the guarantees `bounded 5ms` and `lossless` for everything.",
    contenders: &[
        (Peer::Dashcam("metrics"), Way::Reverse),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam(FLIGHT), Way::Reverse),
        (Peer::Dashcam("metadata"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Reverse),
        (Peer::Dashcam(RULES), Way::Reverse),
        (Peer::Dashcam(BUDGET), Way::Reverse),
        (Peer::Dashcam(BOUNDED), Way::Reverse),
        (Peer::Dashcam(LOSSLESS), Way::Reverse),
    ],
    ..reverse::SMALL
};
