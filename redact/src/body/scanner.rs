//! The scanners of all kinds of text, as one: each goes through a piece up to where it can, and gets the rest again.

use super::csv::Csv;
use super::cx::{Cx, Found};
use super::json::Json;
use super::kind::Kind;
use super::multipart::Multipart;
use super::xml::Xml;
use super::{events, form, text};

/// A scanner, with its state between two pieces.
#[derive(Debug)]
pub(super) enum Scanner {
    Json(Json),
    Form,
    Multipart(Box<Multipart>),
    Xml(Xml),
    Events,
    Csv(Csv),
    Text,
    /// Nothing is looked for.
    Opaque,
}

impl Scanner {
    /// The scanner for a kind; those of binary messages are apart.
    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Json => Self::Json(Json::default()),
            Kind::Form => Self::Form,
            Kind::Multipart(boundary) => Self::Multipart(Box::new(Multipart::new(&boundary))),
            Kind::Xml => Self::Xml(Xml::default()),
            Kind::Events => Self::Events,
            Kind::Csv => Self::Csv(Csv::default()),
            Kind::Text => Self::Text,
            Kind::Grpc | Kind::GrpcText | Kind::Protobuf | Kind::Opaque => Self::Opaque,
        }
    }

    /// Finds secrets in `piece`, and returns up to where it was gone through.
    pub(super) fn scan<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> usize {
        match self {
            Self::Multipart(multipart) => return multipart.scan(cx, piece, last, found),
            Self::Opaque => return piece.len(),
            _ => cx.begin(piece),
        }
        match self {
            Self::Json(json) => json.scan(cx, piece, last, found),
            Self::Form => form::scan(cx, piece, last, found),
            Self::Xml(xml) => xml.scan(cx, piece, last, found),
            Self::Events => events::scan(cx, piece, last, found),
            Self::Csv(csv) => csv.scan(cx, piece, last, found),
            Self::Text => text::scan(cx, piece, 0, last, found),
            Self::Multipart(_) | Self::Opaque => piece.len(),
        }
    }
}
