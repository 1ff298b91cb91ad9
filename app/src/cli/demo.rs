//! Arguments of `dashcam demo`.

use clap::Args;

/// Arguments of `dashcam demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The port of the proxy [default: 8080, or a free one].
    #[arg(short = 'p', long, value_name = "PORT")]
    pub(crate) listen_port: Option<u16>,
    /// The port of the page [default: 8081, or a free one].
    #[arg(long, value_name = "PORT")]
    pub(crate) web_port: Option<u16>,
    /// Do not open the page in a browser.
    #[arg(long)]
    pub(crate) no_open: bool,
}
