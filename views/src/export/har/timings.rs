//! Moments as HAR's phases.

use dashcam_exchange::{Exchange, Timings, UpstreamConnection};
use serde_json::{Value, json};

/// How much earlier the entry begins than the exchange, in microseconds; the whole time and the phases, in
/// milliseconds. The phases add up to the whole; -1 stands for a phase that there was not (an upstream connection
/// that was there already). `connect` includes `ssl`, as HAR has it.
///
/// A connection that was opened ahead of the exchange, for it, is shown as if it had been opened right before: so
/// the entry ends when the exchange did.
pub(super) fn timings(exchange: &Exchange, upstream: Option<&UpstreamConnection>) -> (i64, f64, Value) {
    let ahead = upstream.filter(|_| is_opened_ahead(exchange));
    let Some(connection) = ahead else {
        let (time, phases) = phases(&exchange.timings);
        return (0, time, phases);
    };
    let dns = connection.dns_us;
    let resolved = dns.unwrap_or(0);
    let connected = resolved + connection.connect_us.unwrap_or(0);
    let ready = connected + connection.tls_us.unwrap_or(0);
    let later = |moment: Option<i64>| moment.map(|moment| moment + ready);
    let (time, mut phases) = phases(&Timings {
        resolved_us: dns,
        connected_us: connection.connect_us.map(|_| connected),
        tls_us: connection.tls_us.map(|_| ready),
        request_end_us: later(exchange.timings.request_end_us),
        response_start_us: later(exchange.timings.response_start_us),
        end_us: later(exchange.timings.end_us),
    });
    phases["comment"] = json!("The connection was opened ahead of the request.");
    (ready, time, phases)
}

/// Returns whether the connection was opened for the exchange before that began.
fn is_opened_ahead(exchange: &Exchange) -> bool {
    let timings = &exchange.timings;
    let opened_within = timings.resolved_us.or(timings.connected_us).or(timings.tls_us).is_some();
    !opened_within && exchange.upstream.as_ref().is_some_and(|upstream| !upstream.reused)
}

fn phases(moments: &Timings) -> (f64, Value) {
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
    use dashcam_exchange::{Timestamp, Upstream, UpstreamConnectionId};

    use super::*;
    use crate::sample;

    fn check(moments: [Option<i64>; 6], time: f64, expect: [f64; 6]) {
        let [resolved_us, connected_us, tls_us, request_end_us, response_start_us, end_us] = moments;
        let moments =
            Timings { resolved_us, connected_us, tls_us, request_end_us, response_start_us, end_us };
        let (total, found) = phases(&moments);
        let names = ["dns", "connect", "ssl", "send", "wait", "receive"];
        assert_eq!((total, names.map(|name| found[name].as_f64().unwrap())), (time, expect), "{moments:?}");
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

    #[test]
    fn a_connection_opened_ahead_comes_right_before() {
        let connection = UpstreamConnection {
            id: UpstreamConnectionId(1),
            opened_at: Timestamp(0),
            destination: "a:443".to_owned(),
            address: "192.0.2.1:443".to_owned(),
            local_address: None,
            dns_us: None,
            connect_us: Some(2000),
            tls_us: Some(3000),
            tls: None,
            client_certificate: None,
            parent: None,
            tried: None,
        };
        let check = |reused, connected_us, expect: (i64, f64, f64, f64)| {
            let mut exchange = sample::exchange();
            let (address, tls_version) = (connection.address.clone(), None);
            exchange.upstream =
                Some(Upstream { address, reused, tls_version, connection: Some(connection.id) });
            exchange.timings = Timings {
                connected_us,
                request_end_us: Some(1000),
                response_start_us: Some(4000),
                end_us: Some(5000),
                ..Timings::default()
            };
            let (ahead, time, phases) = timings(&exchange, Some(&connection));
            let phase = |name: &str| phases[name].as_f64().unwrap();
            assert_eq!((ahead, time, phase("connect"), phase("send")), expect);
            assert_eq!(phases.get("comment").is_some(), ahead > 0);
        };
        check(false, None, (5000, 10.0, 5.0, 1.0));
        check(true, None, (0, 5.0, -1.0, 1.0));
        check(false, Some(500), (0, 5.0, 0.5, 0.5));
    }
}
