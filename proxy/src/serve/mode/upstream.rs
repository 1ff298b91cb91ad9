//! Upstream mode: forward mode whose traffic goes out through another proxy, its parent.

use crate::serve::mode::forward;
use crate::serve::mode::spec::ModeSpec;

/// The mode's line of the table.
pub(super) const MODE: ModeSpec = ModeSpec {
    name: "upstream",
    upstream: None,
    parent: Some("http://proxy.example:3128"),
    foreign: false,
    run: |accepted| Box::pin(forward::run(accepted)),
};
