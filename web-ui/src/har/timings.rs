//! Moments as HAR's phases.

use dashcam_exchange::Timings;
use serde_json::{Value, json};

/// The whole time and the phases, in milliseconds. The phases add up to the whole; -1 stands for a phase that
/// there was not (an upstream connection that was there already). `connect` includes `ssl`, as HAR has it.
pub(super) fn timings(moments: &Timings) -> (f64, Value) {
    let mut clock = Clock(0);
    let dns = clock.phase(moments.resolved_us);
    let tcp = clock.phase(moments.connected_us);
    let ssl = clock.phase(moments.tls_us);
    let send = clock.phase(moments.request_end_us).unwrap_or(0);
    // An exchange that failed before a response waited to its end.
    let wait = clock.phase(moments.response_start_us.or(moments.end_us)).unwrap_or(0);
    let receive = clock.phase(moments.end_us).unwrap_or(0);
    let connect = tcp.map(|tcp| tcp + ssl.unwrap_or(0));
    let phases = json!({
        "blocked": -1,
        "dns": dns.map_or(-1.0, milliseconds),
        "connect": connect.map_or(-1.0, milliseconds),
        "ssl": ssl.map_or(-1.0, milliseconds),
        "send": milliseconds(send),
        "wait": milliseconds(wait),
        "receive": milliseconds(receive),
    });
    (milliseconds(clock.0), phases)
}

/// The moment that the phases so far reach to, in microseconds.
struct Clock(i64);

impl Clock {
    /// The time from the last moment to `moment`; none if `moment` was before (a response that came while the
    /// request was still being sent).
    fn phase(&mut self, moment: Option<i64>) -> Option<i64> {
        let moment = moment?.max(self.0);
        Some(moment - std::mem::replace(&mut self.0, moment))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a millisecond's thousandths matter for less than 285 years")]
fn milliseconds(us: i64) -> f64 {
    us as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(moments: [Option<i64>; 6], time: f64, phases: [f64; 6]) {
        let [resolved_us, connected_us, tls_us, request_end_us, response_start_us, end_us] = moments;
        let moments =
            Timings { resolved_us, connected_us, tls_us, request_end_us, response_start_us, end_us };
        let (total, found) = timings(&moments);
        let names = ["dns", "connect", "ssl", "send", "wait", "receive"];
        assert_eq!((total, names.map(|name| found[name].as_f64().unwrap())), (time, phases), "{moments:?}");
    }

    #[test]
    fn phases_add_up() {
        let all = [Some(1000), Some(3000), Some(6000), Some(7000), Some(9500), Some(10_000)];
        check(all, 10.0, [1.0, 5.0, 3.0, 1.0, 2.5, 0.5]);
        check([None, None, None, Some(100), Some(1100), Some(1200)], 1.2, [-1.0, -1.0, -1.0, 0.1, 1.0, 0.1]);
        check([Some(1000), None, None, None, None, Some(5000)], 5.0, [1.0, -1.0, -1.0, 0.0, 4.0, 0.0]);
        check([None, None, None, Some(4000), Some(1000), Some(5000)], 5.0, [-1.0, -1.0, -1.0, 4.0, 0.0, 1.0]);
        check([None; 6], 0.0, [-1.0, -1.0, -1.0, 0.0, 0.0, 0.0]);
    }
}
