//! Views of bodies and messages, chosen and made.

use std::sync::Arc;

use dashcam_exchange::{BodyRecord, Direction, Exchange, Headers, MessageCoding, MessageKind};
use dashcam_store::{MessagePreview, ReadError};
use tokio::task::spawn_blocking;

use super::budget::{Budget, Deadline};
use super::decoded::Decoded;
use super::descriptors::Descriptors;
use super::split::Piece;
use super::subject::Subject;
use super::table::VIEWS;
use super::view::ViewSpec;
use super::{hex, text};
use crate::decode::{Decoders, Plan, scan};
use crate::dto::shown::Shown;
use crate::dto::viewed::{ViewName, Viewed, Views};
use crate::payload::Parts;

/// Bytes by which a view is chosen.
const SAMPLE: u64 = 64 << 10;

/// The owner of the bytes that are viewed.
#[derive(Debug, Clone, Copy)]
pub enum Viewing<'e> {
    /// One of an exchange's bodies.
    Body(&'e Exchange, Direction),
    /// A message of an exchange.
    Message(&'e Exchange, &'e MessagePreview),
    /// A message that stands in a body.
    Piece(&'e Exchange, Direction, &'e Piece),
}

/// The wish of a reader.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The name of the view; `None` for the one that fits best.
    pub name: Option<String>,
    /// The most bytes that are decoded for it.
    pub limit: u64,
    /// The bytes that are left out before those of `hex`.
    pub offset: u64,
    /// With `hex`: the bytes as they are stored, content codings and all.
    pub as_stored: bool,
    /// Types of Protocol Buffers.
    pub descriptors: Option<Arc<Descriptors>>,
    /// The message of theirs that it is; `None` for the one that the request or the head names.
    pub message_type: Option<String>,
}

/// Returns whether there is a view with this name.
#[must_use]
pub fn is_view(name: &str) -> bool {
    VIEWS.iter().any(|view| view.name == name)
}

/// The names of all views.
pub fn view_names() -> impl Iterator<Item = ViewName> {
    VIEWS.iter().map(ViewSpec::names)
}

/// The views that fit, the best first. `parts` are the kept bytes.
///
/// # Errors
/// When the store cannot be read.
pub async fn views(parts: &Parts, decoders: &Decoders, of: Viewing<'_>) -> Result<Views, ReadError> {
    let read = of.read(parts, decoders, SAMPLE).await?;
    let place = decoders.place().await;
    let fitting = spawn_blocking(move || {
        let found = fitting(&read.subject);
        drop(place);
        found
    });
    let views = fitting.await.unwrap_or_else(|error| {
        tracing::error!(%error, "choosing a view failed");
        Vec::new()
    });
    Ok(Views { views: views.into_iter().map(ViewSpec::names).collect() })
}

/// The bytes as a view shows them. `parts` are the kept bytes.
///
/// # Errors
/// When the store cannot be read.
pub async fn view(
    parts: &Parts,
    decoders: &Decoders,
    of: Viewing<'_>,
    wanted: Wanted,
) -> Result<Viewed, ReadError> {
    if wanted.name.as_deref() == Some(hex::VIEW.name) {
        return window(parts, decoders, of, &wanted).await;
    }
    let Read { subject, charset, encoding, size, note } = of.read(parts, decoders, wanted.limit).await?;
    let subject = Subject { descriptors: wanted.descriptors, message_type: wanted.message_type, ..subject };
    let (truncated, place) = (subject.truncated, decoders.place().await);
    let shown = spawn_blocking(move || {
        let shown = shown(&subject, wanted.name.as_deref(), Deadline::begin());
        drop(place);
        shown
    });
    let (view, shown, why) = shown.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a view failed");
        (None, None, Some("dashcam failed to show it: its log says why.".to_owned()))
    });
    let notes: Vec<String> = note.into_iter().chain(why).collect();
    let names = view.map(ViewSpec::names);
    Ok(Viewed {
        name: names.as_ref().map(|names| names.name.clone()),
        title: names.map(|names| names.title),
        shown,
        charset,
        encoding,
        size,
        truncated,
        note: (!notes.is_empty()).then(|| notes.join(" ")),
    })
}

/// The views that fit, the best first.
fn fitting(subject: &Subject) -> Vec<&'static ViewSpec> {
    let mut fitting: Vec<_> = VIEWS.iter().filter_map(|view| Some(((view.fits)(subject)?, view))).collect();
    fitting.sort_by_key(|(fit, _)| *fit);
    fitting.into_iter().map(|(_, view)| view).collect()
}

/// The contents by the view of a name, or by the best that can show them by the deadline, with what there is to note.
fn shown(
    subject: &Subject,
    name: Option<&str>,
    deadline: Deadline,
) -> (Option<&'static ViewSpec>, Option<Shown>, Option<String>) {
    let views = match name {
        Some(name) => VIEWS.iter().filter(|view| view.name == name).collect(),
        None => fitting(subject),
    };
    for view in &views {
        // Bytes are shown as they are in no time.
        if deadline.has_passed() && view.name != hex::VIEW.name {
            continue;
        }
        let budget = Budget::until(deadline);
        if let Some(shown) = (view.show)(subject, &budget) {
            return (Some(view), Some(shown), budget.into_note());
        }
    }
    let why = views.first().map(|view| format!("It can't be shown as {}.", view.title));
    (views.first().copied().filter(|_| name.is_some()), None, why.filter(|_| name.is_some()))
}

/// The bytes behind an offset, without holding those before them.
async fn window(
    parts: &Parts,
    decoders: &Decoders,
    of: Viewing<'_>,
    wanted: &Wanted,
) -> Result<Viewed, ReadError> {
    let (mut at, mut bytes, mut more) = (0u64, Vec::new(), false);
    let end = wanted.offset.saturating_add(wanted.limit);
    let plan = of.plan(u64::MAX);
    let wanted_plan = if wanted.as_stored { plan.as_stored() } else { plan.clone() };
    let mut decoded = Decoded::of_plan(parts, decoders, wanted_plan).await?;
    while let Some(piece) = decoded.next().await? {
        let start = wanted.offset.saturating_sub(at).min(piece.len() as u64);
        let stop = end.saturating_sub(at).min(piece.len() as u64);
        bytes.extend_from_slice(&piece[start as usize..stop.max(start) as usize]);
        at += piece.len() as u64;
        more = at > end;
        if more {
            break;
        }
    }
    let names = hex::VIEW.names();
    Ok(Viewed {
        name: Some(names.name),
        title: Some(names.title),
        shown: Some(hex::bytes(&bytes, wanted.offset, (at, more))),
        charset: String::new(),
        encoding: plan.encoding(),
        size: at,
        truncated: more || decoded.is_truncated(),
        note: if more { None } else { decoded.note() },
    })
}

/// Bytes that were read, and what was found in them.
struct Read {
    subject: Subject,
    charset: String,
    encoding: Option<String>,
    size: u64,
    note: Option<String>,
}

impl Viewing<'_> {
    fn plan(self, limit: u64) -> Plan {
        match self {
            Self::Body(exchange, direction) => Plan::of(exchange, direction, limit),
            Self::Message(_, preview) => Plan::of_message(preview, limit),
            Self::Piece(_, _, piece) => {
                let size = piece.payload.len() as u64;
                let record = BodyRecord { size, stored: size, complete: true, ..BodyRecord::default() };
                Plan::new(&piece_headers(piece), &record, limit)
            }
        }
    }

    /// All but the bytes.
    fn subject(self) -> Subject {
        match self {
            Self::Body(exchange, direction) => Subject::of(exchange, direction),
            Self::Piece(exchange, direction, piece) => {
                let own = Subject::of_headers(&piece_headers(piece));
                let subject = Subject::of(exchange, direction);
                Subject { media_type: own.media_type, headers: own.headers, is_message: true, ..subject }
            }
            Self::Message(exchange, MessagePreview { message, .. }) => {
                let subject = Subject::of(exchange, message.direction);
                let media_type = match message.kind {
                    // It stays compressed.
                    _ if matches!(message.coding, Some(MessageCoding::Deflate | MessageCoding::Other)) => {
                        "application/x-compressed"
                    }
                    MessageKind::Grpc if subject.media_type.ends_with("+json") => "application/json",
                    MessageKind::Grpc => "application/protobuf",
                    _ => "",
                };
                Subject { media_type: media_type.to_owned(), is_message: true, ..subject }
            }
        }
    }

    async fn read(self, parts: &Parts, decoders: &Decoders, limit: u64) -> Result<Read, ReadError> {
        let scanned = scan(decoders, parts, self.plan(limit), limit).await?;
        let subject = self.subject();
        Ok(Read {
            charset: scanned.charset.clone(),
            encoding: scanned.plan.encoding(),
            size: scanned.size,
            note: scanned.note.clone(),
            subject: Subject {
                text: text::text(&scanned),
                truncated: scanned.truncated,
                bytes: scanned.bytes,
                ..subject
            },
        })
    }
}

/// The head of a message in a body.
fn piece_headers(piece: &Piece) -> Headers {
    let named = Some(("content-type", piece.media_type.as_str()));
    named.filter(|(_, media_type)| !media_type.is_empty()).into_iter().collect()
}

#[cfg(test)]
mod tests;
