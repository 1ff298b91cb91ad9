//! The recording made readable: for the API, the page, the command line and exported files alike.
//!
//! [`dto`] has the shapes, which [`hydrate`] fills from the store; [`payload`] reads bodies and messages part by part,
//! [`arrivals`] knows when they came, [`decode`] undoes their codings and [`content`] shows them; [`export`], [`curl`],
//! [`snippet`] and [`edit`] make something else of an exchange; [`search`] finds those that match a filter, by their
//! contents too, [`selection`] changes them, and [`figures`] makes figures of them; [`boundaries`] says which times are
//! complete; [`web_socket`] knows those that are WebSockets; [`unseal`] puts sealed secrets back.

pub mod arrivals;
pub mod boundaries;
pub mod content;
pub mod curl;
pub mod decode;
pub mod dto;
pub mod edit;
pub mod export;
pub mod figures;
pub mod graphql;
pub mod hydrate;
pub mod payload;
mod pen;
#[cfg(test)]
mod sample;
pub mod search;
pub mod selection;
pub mod snippet;
pub mod stored_redaction;
pub mod unseal;
pub mod web_socket;
