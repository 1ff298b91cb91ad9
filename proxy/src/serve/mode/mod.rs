//! How a listener's destinations become known: a table with a line a mode, and a file each.

pub(crate) mod forward;
pub(crate) mod listener_text;
pub(crate) mod parse;
pub(crate) mod reverse;
pub(crate) mod socks5;
pub(crate) mod spec;
pub(crate) mod transparent;
pub(crate) mod upstream;

use crate::config::Mode;
use crate::serve::mode::spec::ModeSpec;

/// The modes. A listener for which none is named has the first.
pub const MODES: &[ModeSpec] =
    &[forward::MODE, reverse::MODE, socks5::MODE, transparent::MODE, upstream::MODE];

impl Mode {
    /// Returns whether its clients can be asked for a password: they know that they speak to a proxy.
    #[must_use]
    pub fn asks_password(&self) -> bool {
        self.upstream.is_none() && !spec(self).foreign
    }
}

/// The line of the table that `mode` was read by.
pub(crate) fn spec(mode: &Mode) -> &'static ModeSpec {
    MODES.iter().find(|spec| spec.name == mode.name).expect("modes have their names from the table")
}
