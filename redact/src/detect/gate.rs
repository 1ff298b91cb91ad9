//! Places in a text that are worth a look: where a keyword stands, and where digits, `@` or points could belong to a
//! secret. One pass over all of a body; most have none.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::keys::KEYS;
use super::{card, pem, url_credential};

/// Bytes from one point of a Discord token to the other.
const BETWEEN_POINTS: usize = 7;

/// A place that is worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Where it is.
    pub(crate) at: u32,
    pub(super) probe: Probe,
}

/// The thing to look for there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Probe {
    /// One of [`KEYS`], by its index.
    Key(u8),
    Aws,
    Stripe,
    Sk,
    Sendgrid,
    Twilio,
    Telegram,
    Azure,
    Signature,
    Webhook,
    Fly,
    Terraform,
    Plaid,
    Mailchimp,
    Putty,
    Jwt,
    Pem,
    Bearer,
    Basic,
    Authorization,
    Cookie,
    CookieArgument,
    UserArgument,
    PasswordArgument,
    Redis,
    Identified,
    Imap,
    Plain,
    /// The beginning of a PEM block in base64.
    CodedPem,
    Oracle,
    /// Words before or behind a code that people copy.
    OneTime,
    /// A word that secrets' names have.
    Word,
    Card,
    /// An `@` in an authority.
    At,
    /// The first of two points.
    Pieces,
}

/// Keywords and the probes for them.
const WORDS: [(&str, Probe); 102] = [
    ("AKIA", Probe::Aws),
    ("ASIA", Probe::Aws),
    ("ABIA", Probe::Aws),
    ("ACCA", Probe::Aws),
    ("_live_", Probe::Stripe),
    ("_test_", Probe::Stripe),
    ("sk-", Probe::Sk),
    ("SG.", Probe::Sendgrid),
    ("SK0", Probe::Twilio),
    ("SK1", Probe::Twilio),
    ("SK2", Probe::Twilio),
    ("SK3", Probe::Twilio),
    ("SK4", Probe::Twilio),
    ("SK5", Probe::Twilio),
    ("SK6", Probe::Twilio),
    ("SK7", Probe::Twilio),
    ("SK8", Probe::Twilio),
    ("SK9", Probe::Twilio),
    ("SKa", Probe::Twilio),
    ("SKb", Probe::Twilio),
    ("SKc", Probe::Twilio),
    ("SKd", Probe::Twilio),
    ("SKe", Probe::Twilio),
    ("SKf", Probe::Twilio),
    (":AA", Probe::Telegram),
    ("AccountKey=", Probe::Azure),
    ("SharedAccess", Probe::Azure),
    ("SharedSecret", Probe::Azure),
    ("sig=", Probe::Signature),
    ("hooks.slack.com", Probe::Webhook),
    ("/services/T", Probe::Webhook),
    ("/api/webhooks/", Probe::Webhook),
    ("/webhookb2/", Probe::Webhook),
    ("FlyV1 ", Probe::Fly),
    (".atlasv1.", Probe::Terraform),
    ("access-", Probe::Plaid),
    ("-us", Probe::Mailchimp),
    ("Private-Lines", Probe::Putty),
    ("eyJ", Probe::Jwt),
    (pem::BEGINS[0], Probe::Pem),
    (pem::BEGINS[1], Probe::Pem),
    ("Bearer", Probe::Bearer),
    ("bearer", Probe::Bearer),
    ("BEARER", Probe::Bearer),
    ("Basic ", Probe::Basic),
    ("basic ", Probe::Basic),
    ("BASIC ", Probe::Basic),
    ("orization", Probe::Authorization),
    ("ORIZATION", Probe::Authorization),
    ("ookie", Probe::Cookie),
    ("OOKIE", Probe::Cookie),
    ("-b ", Probe::CookieArgument),
    ("-u ", Probe::UserArgument),
    ("--user ", Probe::UserArgument),
    (" -p", Probe::PasswordArgument),
    ("redis-cli", Probe::Redis),
    ("IDENTIFIED ", Probe::Identified),
    ("identified by '", Probe::Identified),
    (" LOGIN ", Probe::Imap),
    (" PLAIN ", Probe::Plain),
    ("psk", Probe::Word),
    ("PSK", Probe::Word),
    ("LS0tLS1CRUdJTi", Probe::CodedPem),
    ("jdbc:oracle:", Probe::Oracle),
    // Without the space behind them, which is in every text.
    ("erification", Probe::OneTime),
    ("uthentication", Probe::OneTime),
    ("onfirmation", Probe::OneTime),
    ("ecurity", Probe::OneTime),
    ("ogin", Probe::OneTime),
    ("ign-in", Probe::OneTime),
    ("ne-time", Probe::OneTime),
    ("pass", Probe::Word),
    ("Pass", Probe::Word),
    ("PASS", Probe::Word),
    ("pwd", Probe::Word),
    ("Pwd", Probe::Word),
    ("PWD", Probe::Word),
    ("pswd", Probe::Word),
    ("secret", Probe::Word),
    ("Secret", Probe::Word),
    ("SECRET", Probe::Word),
    ("token", Probe::Word),
    ("Token", Probe::Word),
    ("TOKEN", Probe::Word),
    ("cred", Probe::Word),
    ("Cred", Probe::Word),
    ("CRED", Probe::Word),
    ("auth", Probe::Word),
    ("Auth", Probe::Word),
    ("AUTH", Probe::Word),
    ("key", Probe::Word),
    ("Key", Probe::Word),
    ("KEY", Probe::Word),
    ("session", Probe::Word),
    ("Session", Probe::Word),
    ("SESSION", Probe::Word),
    ("signature", Probe::Word),
    ("Signature", Probe::Word),
    ("otp", Probe::Word),
    ("OTP", Probe::Word),
    ("PIN", Probe::Word),
    ("pin", Probe::Word),
];

static GATE: LazyLock<Gate> = LazyLock::new(Gate::new);

/// The keywords by two bytes of each that are rare in texts: most places are passed with one look at a small table.
struct Gate {
    /// A bit for each two bytes.
    pairs: Box<[u64; 1024]>,
    /// The keywords that have two bytes, by these.
    keywords: HashMap<u16, Vec<Keyword>>,
}

struct Keyword {
    text: &'static [u8],
    /// Where its two bytes are in it.
    pair: usize,
    probe: Probe,
}

impl Gate {
    fn new() -> Self {
        let keys = KEYS.iter().zip(0..).map(|(key, index)| (key.prefix, Probe::Key(index)));
        let mut gate = Self { pairs: Box::new([0; 1024]), keywords: HashMap::new() };
        for (text, probe) in keys.chain(WORDS) {
            let text = text.as_bytes();
            let pair = (0..text.len() - 1).min_by_key(|at| usual(text[*at]) * usual(text[*at + 1]));
            let pair = pair.expect("two bytes at least");
            let bytes = number([text[pair], text[pair + 1]]);
            gate.pairs[usize::from(bytes >> 6)] |= 1 << (bytes & 63);
            gate.keywords.entry(bytes).or_default().push(Keyword { text, pair, probe });
        }
        gate
    }

    fn find(&self, text: &[u8], mut each: impl FnMut(usize, Probe)) {
        for (at, two) in text.array_windows::<2>().enumerate() {
            let bytes = number(*two);
            if self.pairs[usize::from(bytes >> 6)] >> (bytes & 63) & 1 == 1 {
                self.look(text, (at, bytes), &mut each);
            }
        }
    }

    #[cold]
    fn look(&self, text: &[u8], (at, bytes): (usize, u16), each: &mut impl FnMut(usize, Probe)) {
        for Keyword { text: keyword, pair, probe } in self.keywords.get(&bytes).into_iter().flatten() {
            if let Some(start) = at.checked_sub(*pair)
                && text[start..].starts_with(keyword)
            {
                each(start, *probe);
            }
        }
    }
}

fn number(two: [u8; 2]) -> u16 {
    u16::from_le_bytes(two)
}

/// How usual a byte is in texts, roughly.
fn usual(byte: u8) -> u32 {
    match byte {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 30,
        b'a'..=b'z' => 12,
        b'0'..=b'9' | b' ' | b':' | b'/' | b'-' | b'.' => 10,
        b'A'..=b'Z' => 4,
        _ => 3,
    }
}

/// Puts the places in `text` that are worth a look into `hits`, in order.
pub(crate) fn hits(text: &[u8], hits: &mut Vec<Hit>) {
    hits.clear();
    let mut note = |at: usize, probe: Probe| {
        if let Ok(at) = u32::try_from(at) {
            hits.push(Hit { at, probe });
        }
    };
    GATE.find(text, &mut note);
    card::runs(text, |at| note(at, Probe::Card));
    for at in memchr::memchr_iter(b'@', text) {
        if url_credential::authority(text, at).is_some() {
            note(at, Probe::At);
        }
    }
    for at in memchr::memchr_iter(b'.', text) {
        let is_airtable = || at >= 17 && text[at - 17..].starts_with(b"pat");
        if text.get(at + BETWEEN_POINTS) == Some(&b'.') || is_airtable() {
            note(at, Probe::Pieces);
        }
    }
    hits.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_in_order() {
        let mut found = Vec::new();
        hits(b"the password=x 4111111111111111 http://a:b@c ghp_", &mut found);
        let probes: Vec<Probe> = found.iter().map(|hit| hit.probe).collect();
        assert!(matches!(probes[..], [Probe::Word, Probe::Card, Probe::At, Probe::Key(0)]), "{probes:?}");
        hits(b"nothing to be seen here, 2024-01-01T10:00:00Z", &mut found);
        assert_eq!(found, []);
    }
}
