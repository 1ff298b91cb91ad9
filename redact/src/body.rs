//! Bodies and messages: decoded, gone through by the scanner of their kind, and written back without secrets.
//!
//! Scanners find the places of secrets ([`cx::Found`]); [`cx::Cx::replaced`] writes placeholders there. What a secret is
//! replaced for is the text as it stands at that place, with its escapes, so that it can be put back there.

mod charset;
mod codings;
mod contents;
mod csv;
mod cut;
mod cx;
mod escapes;
mod events;
mod first_look;
mod form;
mod frames;
mod json;
mod json_place;
mod json_syntax;
mod kind;
mod message;
mod multipart;
mod protobuf;
mod scanner;
mod stream;
mod text;
mod way;
mod xml;
mod xml_pair;

pub use message::MessageContext;
pub use stream::Body;

#[cfg(test)]
mod tests;
