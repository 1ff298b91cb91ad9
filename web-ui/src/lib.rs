//! The axum API and the page.
//!
//! [`serve`] takes two listeners: the page's ([`page`]), where every call needs a token or a session ([`guard`],
//! [`access`]), and the control socket, which only the same user can open. Both lead to the same routes ([`api`]), each of
//! which needs a role ([`permissions`]).

mod access;
mod api;
mod app;
mod assets;
mod audit;
mod counting;
mod descriptors;
pub mod dto;
mod error;
mod filter;
mod guard;
mod headers;
mod home_file;
mod page;
mod paths;
mod permissions;
mod permit;
mod principal;
mod prometheus;
mod read_only;
mod recorded;
mod role;
mod serve;
mod sorted;
mod stalled_store;
mod stored_tokens;
mod unsealing;

pub use access::{Access, NewToken};
pub use api::openapi;
pub use app::Parts;
pub use audit::{ACTIONS, Action, Audit, AuditBounds, AuditWriter, Subject};
pub use error::{Code, ErrorBody, ErrorDetail, FilterFault};
pub use page::{Page, PageLimits, PageListener, PagePlace, PageTls, PageTlsError};
pub use role::Role;
pub use serve::serve;
