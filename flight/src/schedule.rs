//! When snapshots are taken: one at a time, and of those that traffic sets off not too many.

use std::time::Duration;

use dashcam_exchange::Timestamp;

use crate::trigger::Cause;

/// A snapshot may be prolonged to so many times the time that it goes on for by itself.
const LONGEST: u32 = 12;

/// How snapshots are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long a snapshot goes on after what set it off.
    pub after: Duration,
    /// How long after a snapshot traffic sets off none.
    pub cooldown: Duration,
}

/// A wish for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its cause.
    pub cause: Cause,
    /// Why, in the words of the one that asks for it.
    pub reason: Option<String>,
    /// The one that asks for it; `None` if traffic does.
    pub by: Option<Asker>,
    /// How long it is to go on, if not as long as usual.
    pub after: Option<Duration>,
}

/// The one that asks for a snapshot, as the history of the settings names authors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The user, or `signal`.
    pub who: String,
    /// The address of a caller of the page.
    pub address: Option<String>,
    /// The beginning of the name of its session.
    pub session: Option<String>,
}

/// A snapshot that is being taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its name.
    pub name: String,
    /// Its cause.
    pub cause: Cause,
    /// When.
    pub at: Timestamp,
    /// Until when it goes on.
    pub until: Timestamp,
    /// How many wishes joined it.
    pub joined: u64,
}

/// The answer to a wish for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has begun.
    Begun(Running),
    /// One is being taken, and goes on until then.
    Joined(Running),
    /// Traffic set one off a short time ago: this is counted only.
    Suppressed,
}

/// The snapshot that is being taken, and those before it.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) pace: Pace,
    pub(crate) running: Option<Running>,
    /// The name of one that has ended, and of which the last part is still to be stored.
    pub(crate) ending: Option<String>,
    /// The last one, which may be running.
    pub(crate) last: Option<Running>,
    ended_at: Option<Timestamp>,
    pub(crate) taken: u64,
    pub(crate) suppressed: u64,
}

impl Schedule {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, running: None, ending: None, last: None, ended_at: None, taken: 0, suppressed: 0 }
    }

    /// Asks for a snapshot.
    pub(crate) fn ask(&mut self, request: &Request, at: Timestamp) -> Answer {
        let until = at.after(request.after.unwrap_or(self.pace.after));
        if let Some(running) = &mut self.running {
            let longest = running.at.after(self.pace.after.max(Duration::from_secs(10)) * LONGEST);
            running.until = running.until.max(until.min(longest));
            running.joined += 1;
            return Answer::Joined(running.clone());
        }
        let cools = self.ended_at.is_some_and(|ended| at < ended.after(self.pace.cooldown));
        if request.cause.is_traffic() && cools {
            self.suppressed += 1;
            return Answer::Suppressed;
        }
        let name = name(request, at);
        let running = Running { name, cause: request.cause.clone(), at, until, joined: 0 };
        (self.running, self.last) = (Some(running.clone()), Some(running.clone()));
        self.taken += 1;
        Answer::Begun(running)
    }

    /// The snapshot ends now: nobody joins it any more.
    pub(crate) fn end(&mut self, at: Timestamp) {
        if let Some(running) = self.running.take() {
            self.ending = Some(running.name.clone());
            self.last = Some(running);
            self.ended_at = Some(at);
        }
    }
}

/// Letters of the cause in a name, at most.
const MOST_LETTERS: usize = 40;

/// The name of a snapshot: when it was set off, and why.
fn name(request: &Request, at: Timestamp) -> String {
    let why = match (&request.reason, &request.cause) {
        (Some(reason), _) => slug(reason),
        (None, Cause::Slow(slow)) => slug(&format!("slow {}", slow.route)),
        (None, cause) => slug(cause.as_str()),
    };
    let time = time(at);
    if why.is_empty() { time } else { format!("{time}-{why}") }
}

/// A time in UTC as it stands in names.
pub(crate) fn time(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%dT%H-%M-%S").to_string()
}

/// The letters and digits of a text, with hyphens between its words.
fn slug(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    slug.truncate(MOST_LETTERS);
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::Slow;

    const SECOND: i64 = 1_000_000;
    const PACE: Pace = Pace { after: Duration::from_secs(10), cooldown: Duration::from_secs(60) };

    fn request(cause: Cause) -> Request {
        Request { cause, reason: None, by: None, after: None }
    }

    fn filter() -> Request {
        request(Cause::Filter("status:5xx".to_owned()))
    }

    /// A snapshot's state in a few letters, with the seconds until it ends.
    fn ask(schedule: &mut Schedule, request: &Request, seconds: i64) -> String {
        match schedule.ask(request, Timestamp(seconds * SECOND)) {
            Answer::Begun(running) => format!("begun until {}", running.until.0 / SECOND),
            Answer::Joined(running) => format!("joined until {}", running.until.0 / SECOND),
            Answer::Suppressed => "suppressed".to_owned(),
        }
    }

    #[test]
    fn a_second_wish_joins_and_prolongs_up_to_a_bound() {
        let mut schedule = Schedule::new(PACE);
        assert_eq!(ask(&mut schedule, &filter(), 0), "begun until 10");
        assert_eq!(ask(&mut schedule, &filter(), 4), "joined until 14");
        let long = Request { after: Some(Duration::from_secs(30)), ..request(Cause::Asked) };
        assert_eq!(ask(&mut schedule, &long, 5), "joined until 35");
        assert_eq!(ask(&mut schedule, &filter(), 6), "joined until 35", "never shorter");
        let longer = Request { after: Some(Duration::from_secs(3600)), ..request(Cause::Asked) };
        assert_eq!(ask(&mut schedule, &longer, 7), "joined until 120");
        assert_eq!(schedule.running.as_ref().unwrap().joined, 4);
    }

    #[test]
    fn traffic_sets_off_none_for_a_while_but_people_may() {
        let mut schedule = Schedule::new(PACE);
        ask(&mut schedule, &filter(), 0);
        schedule.end(Timestamp(10 * SECOND));
        assert_eq!(ask(&mut schedule, &filter(), 11), "suppressed");
        assert_eq!(ask(&mut schedule, &filter(), 69), "suppressed");
        assert_eq!(ask(&mut schedule, &request(Cause::Signal), 69), "begun until 79");
        schedule.end(Timestamp(79 * SECOND));
        assert_eq!(ask(&mut schedule, &filter(), 139), "begun until 149");
        assert_eq!((schedule.taken, schedule.suppressed), (3, 2));
        assert_eq!(schedule.last.as_ref().unwrap().cause.as_str(), "status:5xx");
    }

    #[test]
    fn names_say_when_and_why() {
        let at = Timestamp(1_796_000_733 * SECOND);
        let slow = Slow { route: "GET a.example/users/{id}".to_owned(), took_us: 1, p99_us: 1 };
        for (request, expect) in [
            (filter(), "2026-11-30T01-05-33-status-5xx"),
            (request(Cause::Slow(slow)), "2026-11-30T01-05-33-slow-get-a-example-users-id"),
            (request(Cause::Asked), "2026-11-30T01-05-33-api"),
            (
                Request { reason: Some("INC-123: it's down!".to_owned()), ..filter() },
                "2026-11-30T01-05-33-inc-123-it-s-down",
            ),
            (Request { reason: Some("\u{1f600}".to_owned()), ..filter() }, "2026-11-30T01-05-33"),
            (
                Request { reason: Some("x".repeat(39) + " y"), ..filter() },
                "2026-11-30T01-05-33-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            ),
        ] {
            assert_eq!(name(&request, at), expect);
        }
    }
}
