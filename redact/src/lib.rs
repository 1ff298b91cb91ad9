//! Secrets taken out of what is recorded: no I/O, no clock.
//!
//! [`Definitions`] say which [`Rule`]s hold; [`Sets`] are compiled from them. A [`Redactor`] goes through one exchange
//! under a [`Set`]: in the place of each secret it writes a placeholder, which says how it was replaced, its kind, and,
//! where it is sealed, the name under which [`Keys`] can open it again.

mod body;
mod definitions;
mod detect;
mod edits;
mod exchange;
mod forged;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod guard;
mod heads;
mod how;
mod keys;
mod memory;
mod names;
mod placeholder;
mod redactor;
mod replacer;
mod sets;
mod unsealing;

pub use body::{Body, MessageContext};
pub use definitions::{Chosen, Definitions, Keep, Rule, SetDefinition, TooLarge};
pub use guard::{guarded, is_redacting};
pub use how::{How, On};
pub use keys::Keys;
pub use memory::Memory;
pub use placeholder::{Placeholder, Unsealed, certain, placeholders, unseal};
pub use redactor::{Found, Redactor};
pub use sets::{InvalidSet, Set, Sets};
