//! Programs that dashcam starts: `run`, `browser`, and what they call of dashcam itself.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::serve::ServeArgs;

/// Arguments of `dashcam run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Print which programs are looked after, with the variables and files that each gets, and end.
    #[arg(long)]
    pub(crate) clients: bool,
    /// End with the code 125 if the program succeeds and makes no request through dashcam.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Capture the connections of a program that goes by no proxy as well, of any language, static ones too (Linux 5.9).
    /// It needs no rights. Connections other than HTTP are relayed and listed as tunnels. Programs that would gain
    /// rights, such as sudo, do not work in there unless you are root.
    #[arg(long)]
    pub(crate) deep: bool,
    /// Leave the system's file of roots as the program finds it. Otherwise the program gets a mount namespace of its
    /// own (Linux), in which dashcam's file lies over it; if you are not root, sudo does not work in there.
    #[arg(long)]
    pub(crate) no_namespace: bool,
    /// Options for the dashcam that is started if none runs.
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// The program and its arguments.
    #[arg(
        required_unless_present = "clients",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "CMD"
    )]
    pub(crate) command: Vec<OsString>,
}

/// Arguments of `dashcam browser`.
#[derive(Debug, Args)]
pub(crate) struct BrowserArgs {
    /// The browser: a Chromium or a Firefox by its name or path [default: the first one that is found].
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) program: Option<OsString>,
    /// Options for the dashcam that is started if none runs.
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// The page to open.
    pub(crate) url: Option<String>,
    /// Further arguments for the browser.
    #[arg(last = true, value_name = "ARGUMENT")]
    pub(crate) arguments: Vec<OsString>,
}

/// Arguments of `dashcam enter-namespace`.
#[derive(Debug, Args)]
pub(crate) struct NamespaceArgs {
    /// A file, and the one that it is to lie over. Can be repeated.
    #[arg(long, num_args = 2, value_names = ["FILE", "OVER"])]
    pub(crate) lay: Vec<OsString>,
    /// The socket of the supervisor that is to see the program's connections.
    #[arg(long, value_name = "SOCKET")]
    pub(crate) supervised_by: Option<PathBuf>,
    /// Let the supervisor see the files that the program opens as well.
    #[arg(long)]
    pub(crate) shown_files: bool,
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// Arguments of `dashcam probe-connect`.
#[derive(Debug, Args)]
pub(crate) struct ProbeArgs {
    /// The address to connect to.
    pub(crate) address: SocketAddr,
    /// The word that is expected there.
    pub(crate) word: String,
}
