//! `dashcam token rotate`: a new token for the page, and no session any more.

use anyhow::{Context as _, Result};
use hyper::Method;

use crate::cli::TokenCommand;
use crate::client::Client;
use crate::home::Home;
use crate::terminal::print_line;

/// Has the running instance take a new token at once; where none runs, the next start takes it.
pub(crate) async fn token(home: &Home, client: &Client, command: TokenCommand) -> Result<()> {
    let TokenCommand::Rotate = command;
    if client.is_live().await {
        client.order(Method::POST, "/token/rotate").await?;
    } else {
        let path = home.token_path();
        home.renew_token().with_context(|| {
            format!(
                "{} can't be replaced: start dashcam once with this home, or name another with --home",
                path.display()
            )
        })?;
        return print_line(
            "The new token is valid from the next start. A dashcam that is running but does not answer on its control socket \
            accepts the old one until it is started again.",
        );
    }
    print_line(
        "The page has a new token, and all browsers are signed out: `dashcam status --token` prints its address.",
    )
}
