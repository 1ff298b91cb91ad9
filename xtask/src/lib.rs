//! Parts that chores share: timed steps, and the tools that they need.

pub mod step;
pub mod tools;

use std::path::Path;

/// The repository.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}
