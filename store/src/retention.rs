//! Keeps the recording within its bounds: the oldest exchanges go, a few at a time, and with them the connections that
//! no exchange names any more. Pinned exchanges stay, and so do those that are under way.
//!
//! Where one client or host holds more than its share (`holdings`), its oldest exchanges go before anybody else's
//! (`fair`): nobody can push what others did out of the recording. Age is age, whoever it was.
//!
//! Exchanges that their rules keep until a time (`kept`) go then, and the age does not matter. Where size or number are
//! exceeded before, others go first, of each holder and altogether.
//!
//! The thread that writes does it behind each batch, so that what goes keeps pace with what comes. Pages that become
//! free are written again: the file does not grow, and nothing has to be moved.

mod bounds;
mod connections;
mod fair;
mod holdings;
mod keeper;
mod kept;
mod oldest;
mod status;
mod step;
mod window;

pub use bounds::Retention;
pub(crate) use holdings::Holdings;
pub(crate) use holdings::recount::BlockHeld;
pub(crate) use keeper::Keeper;
pub use status::Kept;
pub(crate) use status::Standing;
#[cfg(test)]
pub(crate) use window::NEXT as OLDEST;
