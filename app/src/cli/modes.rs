//! The help for `--mode`, from the table of modes.

use dashcam_proxy::{MODES, Mode};

/// How each mode is written, and which one serves if none is named.
pub(super) fn help() -> String {
    let modes: Vec<_> = MODES.iter().map(ToString::to_string).collect();
    format!(
        "How traffic comes in: {}. Append @PORT or @HOST:PORT to set where this mode listens. Put NAME= before it to \
         name the listener. Append ,proxy-protocol (from this machine and private networks) or ,proxy-protocol=CIDR \
         where a load balancer sends the PROXY protocol, and ,reuse-port to share the port with another dashcam. Can \
         be repeated [default: {}]",
        modes.join(", or "),
        Mode::default()
    )
}
