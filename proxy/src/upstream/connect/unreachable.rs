//! Why none of an upstream's addresses could be connected to.

use std::io;
use std::net::SocketAddr;

use dashcam_exchange::{Destination, Failure, Side, Stage};

use crate::upstream::connect::race::Why;
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::upstreams::Upstreams;

/// Addresses that an error names at most.
const NAMED: usize = 4;
/// The system's errors when it (`ENFILE`) or the process (`EMFILE`) has no room for one more open file.
const ENFILE: i32 = 23;
pub(super) const EMFILE: i32 = 24;

/// Without room for a single attempt it is not the upstream's fault.
pub(super) fn not_connected(
    upstreams: &Upstreams,
    destination: &Destination,
    tried: &[(SocketAddr, Why)],
) -> NoAnswer {
    let refused = |(_, why): &(SocketAddr, Why)| match why {
        Why::NoRoom(limit) => Some(*limit),
        Why::Error(_) | Why::Silent(_) => None,
    };
    match tried.first().and_then(refused) {
        Some(limit) if tried.iter().all(|tried| refused(tried).is_some()) => {
            NoAnswer::no_room(&upstreams.context.limited, limit)
        }
        _ => NoAnswer {
            unreached: tried.iter().filter_map(|(_, why)| why.unreached()).max(),
            ..Failure::new(Side::Upstream, Stage::Connect, unreachable(destination, tried)).into()
        },
    }
}

pub(super) fn unreachable(destination: &Destination, tried: &[(SocketAddr, Why)]) -> String {
    if tried.is_empty() {
        return format!("{destination} has no address.");
    }
    let each = tried.iter().take(NAMED).map(|(address, why)| match why {
        Why::Error(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            format!("{address} refused the connection")
        }
        Why::Error(error) if matches!(error.raw_os_error(), Some(ENFILE | EMFILE)) => format!(
            "dashcam has as many files and sockets open as the system lets it ({error}); raise its limit on open files (ulimit -n, LimitNOFILE)"
        ),
        Why::Error(error) => format!("{address}: {error}"),
        Why::NoRoom(_) => format!("{address}: there are as many connections to upstreams as there may be"),
        Why::Silent(time) => format!("{address} did not answer within {:.1} s", time.as_secs_f64()),
    });
    let each = each.collect::<Vec<_>>().join("; ");
    let more = match tried.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("{destination} can't be reached: {each}{more}.")
}
