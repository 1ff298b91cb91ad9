//! Arguments of the commands about access to the page: tokens and the audit log.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use dashcam_web_ui::{ACTIONS, Role};

use super::{JsonArgs, examples};
use crate::bounds;

/// Arguments of `dashcam token`.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// The action.
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

/// Actions on tokens.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a new token of the home, and end all sessions. The running dashcam uses it at once; tokens with a role stay.
    #[command(after_help = examples::TOKEN_ROTATE)]
    Rotate,
    /// Make a token with a role, and print it: dashcam stores only its digest.
    #[command(after_help = examples::TOKEN_NEW)]
    New(TokenNewArgs),
    /// List tokens with a role, the newest last.
    #[command(after_help = examples::TOKEN_LS)]
    Ls(JsonArgs),
    /// Revoke tokens with a role: they and their sessions are cut off at once.
    #[command(after_help = examples::TOKEN_RM)]
    Rm(TokenRmArgs),
}

/// Arguments of `dashcam token new`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TokenNewArgs {
    /// How much its holder may see and do: viewer-without-bodies (lists, heads, figures), viewer (everything that is recorded),
    /// operator (also changes recording, deletes and replays) or admin (also tokens and the audit log).
    #[arg(long, value_name = "ROLE", value_parser = roles())]
    pub(crate) role: Role,
    /// How long it is valid, such as 8h or 30d; `none` sets no end.
    #[arg(long, value_name = "TIME", default_value = "30d")]
    pub(crate) expires: bounds::Age,
    /// A name, by which the audit log knows its holder [default: the role's].
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// Arguments of `dashcam token rm`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TokenRmArgs {
    /// Their numbers or names, as `dashcam token ls` lists them.
    #[arg(required = true, value_name = "TOKEN")]
    pub(crate) tokens: Vec<String>,
}

/// Arguments of `dashcam audit`.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Only entries since this long ago (30m, 1d) or this time (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = bounds::moment)]
    pub(crate) since: Option<jiff::Timestamp>,
    /// Only entries of those whose name has this in it.
    #[arg(long, value_name = "NAME")]
    pub(crate) who: Option<String>,
    /// Only entries of this kind.
    #[arg(long, value_name = "ACTION", value_parser = PossibleValuesParser::new(ACTIONS))]
    pub(crate) action: Option<String>,
    /// How many entries to list, the newest ones.
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 100)]
    pub(crate) number: u32,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

fn roles() -> impl clap::builder::TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::as_str)).try_map(|name| name.parse::<Role>())
}
