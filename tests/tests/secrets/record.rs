//! The record of an exchange beside the exchange: everything but its secrets is as it was sent.

use anyhow::{Context as _, Result};
use dashcam_secrets::case::{Case, End, Protocol, Side};
use dashcam_secrets::marked::{Class, Marked};
use dashcam_tests::api::Api;
use dashcam_tests::same::fields;
use dashcam_tests::wire::Fields;
use serde_json::Value;

use crate::forms::NUMBER;
use crate::report::Report;
use crate::run::Corpus;

/// The most of a text that a report shows.
const SHOWN: usize = 300;

/// Checks the record of every exchange that ended as it was to.
pub(crate) async fn check(api: &Api, rows: &[Value], corpus: &Corpus, report: &mut Report) -> Result<usize> {
    let mut checked = 0;
    for row in rows.iter().filter(|row| row["replay_of"].is_null() && row["state"] != "refused") {
        let exchange = api.get(&format!("/exchanges/{}", row["id"])).await?;
        let Some(number) = number(&exchange)? else { continue };
        let case = &corpus.cases[number];
        let mut one = Check { name: corpus.name(number), api, id: &row["id"], report };
        one.exchange(case, &exchange).await.with_context(|| corpus.name(number))?;
        checked += 1;
    }
    Ok(checked)
}

/// The number that the request says.
fn number(exchange: &Value) -> Result<Option<usize>> {
    let fields = fields(&exchange["request"]["headers"])?;
    let field = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(NUMBER));
    Ok(field.and_then(|(_, number)| number.parse().ok()))
}

struct Check<'c> {
    name: String,
    api: &'c Api,
    id: &'c Value,
    report: &'c mut Report,
}

impl Check<'_> {
    async fn exchange(&mut self, case: &Case, exchange: &Value) -> Result<()> {
        let url = exchange["url"].as_str().context("a URL")?;
        let target = case.target();
        // A URL in the record has no credentials, or hides them; the rest is as it was.
        let path = url.splitn(4, '/').nth(3).map_or_else(|| "/".to_owned(), |path| format!("/{path}"));
        self.text("URL", &target, path.as_bytes(), true);
        self.side("request", case, exchange).await?;
        if case.end == End::Complete {
            self.side("response", case, exchange).await?;
        }
        let interim = exchange["interim"].as_array().into_iter().flatten();
        for ((_, expected), got) in case.interim.iter().zip(interim) {
            self.fields("interim", expected, &fields(&got["headers"])?);
        }
        if matches!(case.protocol, Protocol::WebSocket | Protocol::Grpc) {
            self.messages(case).await?;
        }
        Ok(())
    }

    async fn side(&mut self, name: &str, case: &Case, exchange: &Value) -> Result<()> {
        let side = if name == "request" { &case.request } else { &case.response };
        let (head, body) = (&exchange[name], &exchange[format!("{name}_body")]);
        self.fields(name, &side.fields, &fields(&head["headers"])?);
        if !side.trailers.is_empty() {
            let trailers =
                if body["trailers"].is_null() { Fields::new() } else { fields(&body["trailers"])? };
            self.fields(&format!("{name} trailers"), &side.trailers, &trailers);
        }
        if side.body.bytes.is_empty() || matches!(case.status, 101 | 204 | 304) && name == "response" {
            return Ok(());
        }
        let call = format!("/exchanges/{}/{name}/body", self.id);
        let decoded = self.api.call("GET", &format!("{call}?decoded"), &Value::Null).await;
        let got = match decoded {
            Ok(got) if got.head.status()? == 200 => got,
            // There is nothing to decode.
            Ok(_) => self.api.call("GET", &call, &Value::Null).await?,
            Err(error) => {
                let place = format!("{name} body, decoded");
                self.report.hurt(self.name.clone(), &place, "an answer", &format!("{error:#}"));
                self.api.call("GET", &call, &Value::Null).await?
            }
        };
        // Of frames, the messages are compared.
        let is_binary = !side.frames.is_empty() || content_type(side).contains("proto");
        if !is_binary {
            self.text(&format!("{name} body"), &side.body, &got.body, true);
        } else if case.protocol != Protocol::Grpc && side.coding.is_none() {
            self.text(&format!("{name} body"), &side.body, &got.body, false);
        }
        Ok(())
    }

    async fn messages(&mut self, case: &Case) -> Result<()> {
        let stored = self.api.messages(self.id).await?;
        let mut all = Vec::new();
        for message in stored {
            let call = format!("/exchanges/{}/messages/{}/payload", self.id, message["seq"]);
            all.extend(self.api.call("GET", &call, &Value::Null).await?.body);
            all.push(b'\n');
        }
        for message in &case.messages {
            self.text("messages", &message.payload, &all, false);
        }
        if case.protocol == Protocol::Grpc {
            self.text("request messages", &case.request.body, &all, false);
            self.text("response messages", &case.response.body, &all, false);
        }
        Ok(())
    }

    fn fields(&mut self, name: &str, expected: &dashcam_secrets::case::Fields, got: &Fields) {
        let mut got: Vec<_> = got.iter().collect();
        for (field, expected) in expected {
            let place = format!("{name}, {field}");
            match got.iter().position(|(name, _)| name.eq_ignore_ascii_case(field)) {
                Some(at) => {
                    let (_, value) = got.remove(at);
                    self.text(&place, expected, value.as_bytes(), true);
                }
                None => self.report.hurt(self.name.clone(), &place, &expected.text(), "no such field"),
            }
        }
    }

    /// Checks that `got` has all of `expected` but its secrets: in order and whole, if `exactly`, or else each text that is
    /// to stay.
    fn text(&mut self, place: &str, expected: &Marked, got: &[u8], exactly: bool) {
        let lost = expected.marked(Class::LookAlike).find(|(_, text)| !contains(got, text));
        if let Some((mark, text)) = lost {
            let around = mark.range.start.saturating_sub(60)..(mark.range.end + 60).min(expected.bytes.len());
            let around = shown(&expected.bytes[around]);
            self.report.hurt(self.name.clone(), place, &format!("{} in {around}", shown(text)), &shown(got));
        } else if exactly && let Some(at) = first_difference(expected, got) {
            let (from, rest) = (&expected.bytes[at.0.saturating_sub(30)..], &got[at.1.min(got.len())..]);
            self.report.hurt(self.name.clone(), place, &format!("as sent: {}", shown(from)), &shown(rest));
        }
    }
}

fn content_type(side: &Side) -> String {
    let field = side.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    field.map(|(_, value)| value.text()).unwrap_or_default()
}

fn shown(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(SHOWN)].escape_ascii().to_string()
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || hay.windows(needle.len()).any(|window| window == needle)
}

/// Where a text between secrets is not as it was: in `expected` and in `got`.
fn first_difference(expected: &Marked, got: &[u8]) -> Option<(usize, usize)> {
    // `gap`: something before may have been replaced, so that the next text begins further on.
    let (mut at, mut seen, mut gap) = (0, 0, false);
    for mark in expected.marks.iter().filter(|mark| mark.class != Class::LookAlike) {
        let literal = &expected.bytes[at..mark.range.start];
        if !literal.is_empty() {
            let found = if gap {
                position(&got[seen..], literal)
            } else {
                got[seen..].starts_with(literal).then_some(0)
            };
            let Some(found) = found else { return Some((at, seen)) };
            seen += found + literal.len();
        }
        (at, gap) = (mark.range.end, true);
    }
    let last = &expected.bytes[at..];
    let same = if gap { got[seen..].ends_with(last) } else { &got[seen..] == last };
    (!same).then_some((at, seen))
}

fn position(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}
