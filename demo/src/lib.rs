//! Traffic to try dashcam with, without a network: an [`Origin`] with one of everything, and [`Traffic`] of clients that
//! ask it through a proxy.
//!
//! All data is made up, and the same in each run: it comes from a seeded generator ([`chance`]).

mod certificates;
mod chance;
mod client;
mod codings;
mod error;
mod goods;
mod image;
mod origin;
mod places;
mod scenes;
mod traffic;
mod websocket;

pub use error::DemoError;
pub use origin::Origin;
pub use places::Places;
pub use traffic::Traffic;
