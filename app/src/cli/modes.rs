//! The help for `--mode`, from the table of modes.

use dashcam_proxy::{MODES, Mode};

/// How each mode is written, and which one serves if none is named.
pub(super) fn help() -> String {
    let modes: Vec<_> = MODES.iter().map(ToString::to_string).collect();
    format!(
        "How traffic comes in: {}. Append @PORT or @HOST:PORT to set where this mode listens. Can be repeated \
         [default: {}]",
        modes.join(", or "),
        Mode::default()
    )
}
