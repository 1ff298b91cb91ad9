//! Why addresses could not be connected to.

use std::io;

use dashcam_exchange::{Failure, Side, Stage};

use crate::upstream::connect::addresses::Peer;
use crate::upstream::connect::race::{Tried, Why};
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::upstreams::Upstreams;

/// Addresses that a text names at most.
const NAMED: usize = 4;
/// The system's errors when it (`ENFILE`) or the process (`EMFILE`) has no room for one more open file.
const ENFILE: i32 = 23;
pub(super) const EMFILE: i32 = 24;

/// Without room for a single attempt it is not the other end's fault.
pub(super) fn not_connected(upstreams: &Upstreams, peer: Peer<'_>, tried: &[Tried]) -> NoAnswer {
    let refused = |(_, why): &Tried| match why {
        Why::NoRoom(limit) => Some(*limit),
        Why::Error(_) | Why::Silent(_) => None,
    };
    match tried.first().and_then(refused) {
        Some(limit) if tried.iter().all(|tried| refused(tried).is_some()) => {
            NoAnswer::no_room(&upstreams.context.limited, limit)
        }
        _ => {
            // A client that asks for an upstream learns nothing of ours by its parent's.
            let unreached = match peer {
                Peer::Upstream { .. } => tried.iter().filter_map(|(_, why)| why.unreached()).max(),
                Peer::Parent(_) => None,
            };
            let message = unreachable(&peer.to_string(), tried);
            NoAnswer { unreached, ..Failure::new(Side::Upstream, Stage::Connect, message).into() }
        }
    }
}

pub(super) fn unreachable(peer: &str, tried: &[Tried]) -> String {
    match outcomes(tried) {
        None => format!("{peer} has no address."),
        Some(outcomes) => format!("{peer} can't be reached: {outcomes}."),
    }
}

/// The outcome of each attempt, as one text; `None` if there was none.
pub(super) fn outcomes(tried: &[Tried]) -> Option<String> {
    let each: Vec<_> = tried.iter().take(NAMED).map(outcome).collect();
    let more = match tried.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    (!each.is_empty()).then(|| format!("{}{more}", each.join("; ")))
}

fn outcome((address, why): &Tried) -> String {
    match why {
        Why::Error(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            format!("{address} refused the connection")
        }
        Why::Error(error) if matches!(error.raw_os_error(), Some(ENFILE | EMFILE)) => format!(
            "dashcam has as many files and sockets open as the system lets it ({error}); raise its limit on open files (ulimit -n, LimitNOFILE)"
        ),
        Why::Error(error) => format!("{address}: {error}"),
        Why::NoRoom(_) => format!("{address}: there are as many connections to upstreams as there may be"),
        Why::Silent(time) => format!("{address} did not answer within {:.1} s", time.as_secs_f64()),
    }
}
