//! The cost of capture on this machine: a few hundred exchanges are captured, of which nobody hears.

use dashcam_control::CaptureDecision;
use dashcam_exchange::{
    Destination, Direction, Headers, LastIds, Level, RequestHead, ResponseHead, Scheme, Version,
};
use dashcam_governor::CaptureCost;
use dashcam_recorder::{Begin, Limits, Recorder, recorder};

use super::metered::of_thread;

/// Exchanges of a try.
const EXCHANGES: u32 = 256;
/// Bytes of the bodies of a try that has some, each in pieces as they are read from sockets.
const BODY: u32 = 64 << 10;
const PIECE: usize = 16 << 10;

/// Measures it: about ten milliseconds of CPU time.
pub(super) fn calibrate() -> CaptureCost {
    // The first exchanges find caches empty.
    capture(0);
    let without = capture(0);
    CaptureCost::of(EXCHANGES, without, (capture(BODY), BODY))
}

/// The CPU time of exchanges whose responses have bodies of `body` bytes.
fn capture(body: u32) -> std::time::Duration {
    let limits = Limits { memory: 256 << 20, ..Limits::default() };
    // The writer holds what is handed over until the end.
    let (recorder, _writer) = recorder(limits, LastIds::default());
    let before = of_thread();
    (0..EXCHANGES).for_each(|_| exchange(&recorder, body as usize));
    of_thread().saturating_sub(before)
}

fn exchange(recorder: &Recorder, body: usize) {
    let begin = Begin {
        connection: None,
        client: None,
        replay_of: None,
        decision: CaptureDecision::certain(Level::Full, u64::MAX),
        destination: Destination { scheme: Scheme::Https, host: "api.example.com".to_owned(), port: 443 },
        request: RequestHead {
            method: "GET".to_owned(),
            target: "/v1/users/17".to_owned(),
            authority: None,
            version: Version::Http11,
            headers: headers(),
        },
    };
    let Some(open) = recorder.begin(begin) else { return };
    open.response(ResponseHead {
        status: 200,
        reason: "OK".to_owned(),
        version: Version::Http11,
        headers: headers(),
    });
    let mut tap = open.tap(Direction::Response);
    let piece = [b'x'; PIECE];
    (0..body / PIECE).for_each(|_| tap.data(&piece));
    tap.end(None);
}

fn headers() -> Headers {
    let fields = (0..10).map(|number| (format!("x-field-{number}"), "a value of usual length".to_owned()));
    fields.map(|(name, value)| (name.into_bytes(), value.into_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On any machine an exchange costs more than a tenth of a microsecond and less than a millisecond, and a byte less
    /// than a tenth of a microsecond.
    #[test]
    fn capture_costs_something() {
        let cost = calibrate();
        assert!((100.0..1e6).contains(&cost.exchange_ns), "{cost:?}");
        assert!((0.0..100.0).contains(&cost.byte_ns), "{cost:?}");
    }
}
