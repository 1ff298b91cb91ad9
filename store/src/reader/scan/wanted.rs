//! The parts of segments that a filter looks at.

use dashcam_filter::{Field, Node, Of, Term};

use crate::rows::segment::{Column, Wanted};

/// The parts that the filter of `node` needs.
pub(super) fn wanted(node: &Node) -> Wanted {
    match node {
        Node::All => Wanted::NONE,
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().map(wanted).fold(Wanted::NONE, Wanted::and),
        Node::Not(node) => wanted(node),
        Node::Term(Term { field, .. }) => of_field(field),
    }
}

fn of_field(field: &Field) -> Wanted {
    let column = match field {
        // Words are looked for in the whole URL.
        Field::Path | Field::Query | Field::Url => {
            return Wanted::TARGETS.and(Wanted::column(Column::Destination));
        }
        Field::Host | Field::Destination | Field::Port | Field::Scheme => Column::Destination,
        Field::Method => Column::Method,
        Field::Status => Column::Status,
        Field::Type => Column::Type,
        Field::Duration => Column::Duration,
        Field::Ttfb => Column::ResponseStart,
        Field::Size(Of::Request) => Column::RequestSize,
        Field::Size(_) => Column::ResponseSize,
        Field::At => Column::StartedAt,
        Field::Id => Column::Id,
        Field::Connection => Column::Connection,
        Field::ReplayOf => Column::ReplayOf,
        Field::Level | Field::Rule | Field::State | Field::Fail | Field::FailMessage => Column::Outcome,
        // Their rows are read, or those of their connections. Without a status there is no response.
        Field::Header(..) | Field::HeaderLines(_) | Field::Cookie(..) | Field::RequestType | Field::Trace => {
            Column::Status
        }
        Field::Client | Field::Mode | Field::Listener | Field::Sni | Field::Program | Field::Pid => {
            Column::Connection
        }
        _ => return Wanted::ALL,
    };
    Wanted::column(column)
}
