//! The axum API and the page.
//!
//! [`serve`] takes two listeners: the page's, where every call needs the token ([`guard`]), and the Unix
//! socket, which only the same user can open. Both lead to the same routes ([`api`]).

mod api;
mod app;
mod assets;
mod caller;
pub mod curl;
pub mod decode;
pub mod dto;
mod edit;
mod error;
mod exposition;
mod guard;
pub mod har;
mod headers;
pub mod load;
mod patience;
pub mod payload;
mod pen;
mod read_only;
#[cfg(test)]
mod sample;
mod serve;

pub use api::openapi;
pub use app::Parts;
pub use error::{Code, ErrorBody, ErrorDetail};
pub use serve::serve;
