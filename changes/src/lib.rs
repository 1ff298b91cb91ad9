//! Changes of the settings, rules and leases: one at a time, in force at once, and kept in the history with who, when and
//! why. The page, the command line, signals, `config.toml` and the ends of leases all come this way.

mod author;
mod changes;
mod history;
mod in_file;
mod leases;
mod rules;
mod steps;
mod toggle;

pub use author::Author;
pub use changes::{Changes, InForce, Refused};
pub use history::{HistoryWriter, Keeping, NotKept};
pub use in_file::InFile;
pub use leases::{Bounds, Ended, LeaseInForce, NewLease, Terms};
pub use rules::Place;
