//! The part of a rule's exchanges that is recorded.

mod byte_rate;
pub(crate) mod hash;
mod rate;

use std::net::IpAddr;
use std::time::Duration;

use dashcam_exchange::{Destination, Exchange, RequestHead};

use self::byte_rate::ByteRate;
use self::hash::{hash, random};
use self::rate::Rate;
use crate::{By, Sample};

/// Of the exchanges of a rule, those are asked for that are in this share while the budget is at the step `sample`, in
/// millionths.
pub(crate) const THINNED: u32 = 100_000;

/// Facts by which an exchange is chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) request: &'a RequestHead,
    pub(crate) destination: Option<&'a Destination>,
    pub(crate) client: Option<IpAddr>,
    /// The whole exchange, once it has ended.
    pub(crate) ended: Option<&'a Exchange>,
}

/// A sample, with what it remembers.
#[derive(Debug)]
pub(crate) struct Sampler {
    sample: Sample,
    state: State,
}

#[derive(Debug)]
enum State {
    None,
    Rate(Rate),
    Bytes(ByteRate),
}

impl Sampler {
    pub(crate) fn new(sample: Sample) -> Self {
        let state = match &sample {
            Sample::Share { .. } => State::None,
            Sample::Rate(rate) => State::Rate(Rate::new(*rate)),
            Sample::Bytes(rate) => State::Bytes(ByteRate::new(*rate)),
        };
        Self { sample, state }
    }

    /// The sample.
    pub(crate) fn sample(&self) -> &Sample {
        &self.sample
    }

    /// Returns whether `subject` is in the sample: asked once an exchange. `bytes` are those that would be stored of it, if
    /// they are known.
    pub(crate) fn takes(
        &self,
        subject: &Subject<'_>,
        bytes: impl Fn() -> Option<u64>,
        now: impl Fn() -> Duration,
    ) -> bool {
        match (&self.sample, &self.state) {
            (Sample::Share { millionths, by }, _) => is_in_share(*millionths, number(by, subject)),
            (_, State::Rate(rate)) => rate.takes(subject, now()),
            (_, State::Bytes(rate)) => match bytes() {
                Some(bytes) => rate.take(bytes, now()),
                None => rate.has_left(now()),
            },
            (_, State::None) => true,
        }
    }

    /// Notes the bytes that were stored of an exchange that was taken before they were known.
    pub(crate) fn used(&self, bytes: u64, now: impl Fn() -> Duration) {
        if let State::Bytes(rate) = &self.state {
            rate.used(bytes, now());
        }
    }
}

/// Returns whether a number that is as likely as any other is in a share.
pub(crate) fn is_in_share(millionths: u32, number: u64) -> bool {
    (u128::from(number) * 1_000_000) >> 64 < u128::from(millionths)
}

/// The number of an exchange in a share: the same for all that have the trait in common. One without it is chosen by
/// itself.
fn number(by: &By, subject: &Subject<'_>) -> u64 {
    let headers = &subject.request.headers;
    let hashed = match by {
        By::Exchange => None,
        By::Client => subject.client.map(hash::address),
        By::Trace => trace(subject.request).map(hash),
        By::Header(name) => headers.first(name).map(hash),
        By::Cookie(name) => cookie(subject.request, name).map(hash),
    };
    hashed.unwrap_or_else(random)
}

/// The trace id of the request's `traceparent` (W3C Trace Context).
pub(crate) fn trace(request: &RequestHead) -> Option<&[u8]> {
    let id = request.headers.first("traceparent")?.split(|byte| *byte == b'-').nth(1)?;
    (!id.is_empty()).then_some(id)
}

/// The value of the first cookie `name` (RFC 6265).
fn cookie<'a>(request: &'a RequestHead, name: &str) -> Option<&'a [u8]> {
    let pairs = request.headers.all("cookie").flat_map(|line| line.split(|byte| *byte == b';'));
    let mut values =
        pairs.filter_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    values.next()
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{Headers, Version};

    use super::*;

    fn request(fields: &[(&str, &str)]) -> RequestHead {
        let mut headers = Headers::default();
        for (name, value) in fields {
            headers.push(name, value);
        }
        let (method, target) = ("GET".to_owned(), "/".to_owned());
        RequestHead { method, target, authority: None, version: Version::Http11, headers }
    }

    fn takes(sample: &str, request: &RequestHead, client: Option<&str>) -> bool {
        let destination = Destination::parse(dashcam_exchange::Scheme::Http, "a").unwrap();
        let client = client.map(|client| client.parse().unwrap());
        let subject = Subject { request, destination: Some(&destination), client, ended: None };
        Sampler::new(sample.parse().unwrap()).takes(&subject, || None, || Duration::ZERO)
    }

    /// These must never change: machines of different versions choose the same sessions.
    #[test]
    fn the_same_are_chosen_everywhere() {
        let chosen = |sample: &str, field: &dyn Fn(u32) -> Vec<(&'static str, String)>| -> Vec<u32> {
            let is_chosen = |number: &u32| {
                let fields = field(*number);
                let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                takes(sample, &request(&fields), None)
            };
            (0..40).filter(is_chosen).collect()
        };
        let users = chosen("10% by header x-user", &|number| vec![("X-User", format!("user{number}"))]);
        let sessions =
            chosen("10% by cookie sid", &|number| vec![("Cookie", format!("a=b; sid=user{number}"))]);
        assert_eq!(users, sessions, "the value alone counts");
        assert_eq!(users, CHOSEN_USERS);
        let clients: Vec<u32> = (0..40)
            .filter(|number| takes("10% by client", &request(&[]), Some(&format!("10.0.0.{number}"))))
            .collect();
        assert_eq!(clients, CHOSEN_CLIENTS);
    }

    const CHOSEN_USERS: &[u32] = &[31, 32, 39];
    const CHOSEN_CLIENTS: &[u32] = &[8, 17, 28, 29];

    #[test]
    fn larger_shares_have_the_smaller_ones_within() {
        for number in 0..1000 {
            let request = request(&[("x-user", &number.to_string())]);
            let [small, large] =
                ["3% by header x-user", "30% by header x-user"].map(|sample| takes(sample, &request, None));
            assert!(!small || large, "{number}");
            assert!(takes("100% by header x-user", &request, None));
            assert!(!takes("0% by header x-user", &request, None));
        }
    }

    #[test]
    fn a_share_is_what_it_says() {
        let mut by_itself = 0;
        let mut by_trace = 0;
        for number in 0..20_000_u32 {
            let traceparent = format!("00-{:032x}-0000000000000001-01", u128::from(number) * 0x1_0001);
            let request = request(&[("traceparent", &traceparent)]);
            by_itself += u32::from(takes("25%", &request, None));
            by_trace += u32::from(takes("25% by trace", &request, None));
        }
        assert!(
            (4500..5500).contains(&by_itself) && (4500..5500).contains(&by_trace),
            "{by_itself} {by_trace}"
        );
    }

    #[test]
    fn without_the_trait_each_is_chosen_by_itself() {
        let none = request(&[]);
        let taken = (0..2000).filter(|_| takes("50% by cookie sid", &none, None)).count();
        assert!((800..1200).contains(&taken), "{taken}");
    }

    #[test]
    fn cookies_and_traces_are_found() {
        let head = request(&[("Cookie", "asid=1; sid=2; sid=3"), ("traceparent", "00-abc-def-01")]);
        assert_eq!(cookie(&head, "sid"), Some(&b"2"[..]));
        assert_eq!(cookie(&head, "si"), None);
        assert_eq!(trace(&head), Some(&b"abc"[..]));
        assert_eq!(trace(&request(&[("traceparent", "junk")])), None);
    }
}
