//! dashcam's own redaction of the corpus, with the default set.

use anyhow::{Context as _, Result};
use dashcam_exchange::{
    Direction, ExchangeId, Headers, Message, MessageKind, RequestHead, ResponseHead, Timestamp, Version,
};
use dashcam_redact::{Body, Definitions, Keys, Memory, MessageContext, Redactor, Set, Sets, placeholders};
use dashcam_secrets::case::{Case, Fields, Side};
use dashcam_secrets::marked::Class;
use dashcam_secrets::search::Search;
use dashcam_secrets::{base64, case};

use crate::score::Score;

/// The score: a secret is found if nothing of it is left. False finds are look-alikes that are gone, or, if they are more,
/// placeholders that stand in the place of no secret.
pub(crate) fn score(cases: &[Case], misses: bool) -> Result<Score> {
    let sets = Sets::compile(&Definitions::default()).context("the default set")?;
    let set = sets.set(None).context("a default set")?;
    let (keys, mut memory) = (Keys::new([7; 32]), Memory::default());
    let (mut found, mut wrong) = (0, 0);
    for case in cases {
        let redacted = redacted(case, set, Redactor::new(set, &keys, &mut memory, &host(case)));
        let mut gone = [Class::Secret, Class::Neutral, Class::LookAlike].map(|class| {
            let gone = case.marked(class).filter(|(_, text)| is_gone(&redacted, text, class));
            gone.map(|(mark, text)| (mark.kind.clone(), text.to_vec())).collect::<Vec<_>>()
        });
        let placed = placeholders(&redacted).count();
        let hurt = std::mem::take(&mut gone[2]);
        // A placeholder in the place of a part of a secret is no false find.
        let touched = case.marked(Class::Secret).filter(|(_, text)| !contains(&redacted, text)).count();
        let beyond = placed.saturating_sub(touched + gone[1].len());
        found += gone[0].len();
        wrong += hurt.len().max(beyond);
        if misses {
            show(case, &redacted, &hurt, beyond);
        }
    }
    Ok(Score { name: "dashcam, default set".to_owned(), found, wrong })
}

fn show(case: &Case, redacted: &[u8], hurt: &[(String, Vec<u8>)], beyond: usize) {
    for (mark, text) in case.marked(Class::Secret).filter(|(_, text)| !is_gone(redacted, text, Class::Secret))
    {
        println!("MISSED {} | {} | {}", mark.kind, case.name, text.escape_ascii());
    }
    for (_, text) in hurt {
        println!("HURT {} | {}", case.name, text.escape_ascii());
    }
    if beyond > 0 {
        println!("BEYOND {beyond} | {} | {}", case.name, redacted[..redacted.len().min(1500)].escape_ascii());
    }
}

/// The text of everything in `case` after redaction.
fn redacted(case: &Case, set: &Set, mut redactor: Redactor<'_>) -> Vec<u8> {
    let url = case.url.text();
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
    let target = if authority.contains('@') { url.clone() } else { case.target().text() };
    let (method, version) = (case.method.clone(), Version::Http11);
    let mut out = Vec::new();
    let mut request =
        RequestHead { method, target, authority: None, version, headers: headers(&case.request.fields) };
    let body = body(&case.request, set, Direction::Request, &request.headers, &mut redactor);
    redactor.request(&mut request);
    out.extend(format!("{} {}\n", request.method, request.target).bytes());
    push(&request.headers, &mut out);
    out.extend(body);
    trailers(&case.request, Direction::Request, &mut redactor, &mut out);
    let interim = case.interim.iter().map(|(status, fields)| (*status, fields));
    for (status, fields) in interim.chain([(case.status, &case.response.fields)]) {
        let mut response = ResponseHead { version, status, reason: String::new(), headers: headers(fields) };
        redactor.response(&mut response);
        push(&response.headers, &mut out);
    }
    let head = headers(&case.response.fields);
    out.extend(self::body(&case.response, set, Direction::Response, &head, &mut redactor));
    trailers(&case.response, Direction::Response, &mut redactor, &mut out);
    for message in &case.messages {
        out.push(b'\n');
        out.extend(self::message(message, &mut redactor));
    }
    out
}

fn host(case: &Case) -> String {
    case.authority().and_then(|authority| authority.split(':').next().map(str::to_owned)).unwrap_or_default()
}

fn headers(fields: &Fields) -> Headers {
    fields.iter().map(|(name, value)| (name.as_str(), value.text())).collect()
}

fn push(headers: &Headers, out: &mut Vec<u8>) {
    for (name, value) in headers.iter() {
        out.extend([name, b": ", value, b"\n"].concat());
    }
}

fn body(
    side: &Side,
    set: &Set,
    direction: Direction,
    headers: &Headers,
    redactor: &mut Redactor<'_>,
) -> Vec<u8> {
    let mut sent = Vec::new();
    for frame in &side.frames {
        let payload = &side.body.bytes[frame.payload.clone()];
        sent.push(frame.flags);
        sent.extend((payload.len() as u32).to_be_bytes());
        sent.extend(payload);
    }
    if side.frames.is_empty() {
        sent.clone_from(&side.body.bytes);
    }
    let is_text = side.coding.as_deref() == Some("base64");
    if is_text {
        sent = base64::standard(&sent).into_bytes();
    }
    let mut body = Body::new(set, direction, headers);
    let mut stored = body.push(&sent, redactor);
    stored.extend(body.finish(false, redactor));
    if is_text { base64::decode(&stored).unwrap_or(stored) } else { stored }
}

fn trailers(side: &Side, direction: Direction, redactor: &mut Redactor<'_>, out: &mut Vec<u8>) {
    let on = match direction {
        Direction::Request => dashcam_redact::On::Request,
        Direction::Response => dashcam_redact::On::Response,
    };
    let mut fields = headers(&side.trailers);
    redactor.fields(on, &mut fields);
    push(&fields, out);
}

fn message(message: &case::Message, redactor: &mut Redactor<'_>) -> Vec<u8> {
    let mut stored = Message {
        exchange: ExchangeId(1),
        seq: 0,
        at: Timestamp::default(),
        direction: if message.from_client { Direction::Request } else { Direction::Response },
        kind: if message.text { MessageKind::Text } else { MessageKind::Binary },
        size: message.payload.bytes.len() as u64,
        coding: None,
        redacted: false,
        data: message.payload.bytes.clone(),
    };
    redactor.message(&mut stored, &MessageContext::default());
    stored.data
}

/// Returns whether nothing of `text` is left: of a secret, no long piece and no other spelling either.
fn is_gone(redacted: &[u8], text: &[u8], class: Class) -> bool {
    !contains(redacted, text) && (class != Class::Secret || Search::of([text]).find(redacted).is_empty())
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || hay.windows(needle.len()).any(|window| window == needle)
}
