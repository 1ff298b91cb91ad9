//! `dashcam token`: the home's token, and tokens with a role.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use dashcam_store::Reader;
use dashcam_views::dto::Time;
use dashcam_web_ui::dto::{NewToken, Status, Token};
use hyper::Method;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::{TokenCommand, TokenNewArgs};
use crate::client::Client;
use crate::database;
use crate::home::Home;
use crate::terminal::{Color, escaped, escaped_json, is_colored, paint, print, print_line};

const HEADING: &str = "    ID  STATE    ROLE                   EXPIRES           USED              NAME";

/// Does what `command` says.
pub(crate) async fn token(
    home: &Home,
    db: Option<PathBuf>,
    client: &Client,
    command: TokenCommand,
) -> Result<()> {
    match command {
        TokenCommand::Rotate => rotate(home, client).await,
        TokenCommand::New(args) => new(client, args).await,
        TokenCommand::Ls(args) => list(&database::open(home, db).await?, args.json).await,
        TokenCommand::Rm(args) => revoke(client, &args.tokens).await,
    }
}

/// Has the running instance take a new token at once; where none runs, the next start takes it.
async fn rotate(home: &Home, client: &Client) -> Result<()> {
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

/// Prints the token alone to standard output, so that it can go into a file or a variable, and the rest beside it.
async fn new(client: &Client, args: TokenNewArgs) -> Result<()> {
    let TokenNewArgs { role, expires, name } = args;
    let lasting_us = expires.0.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    let request = json!({"role": role, "name": name, "lasting_us": lasting_us});
    let made = client.call(Method::POST, "/tokens", Some(request)).await?;
    let NewToken { secret, token } = serde_json::from_value(made)?;
    let status: Status = serde_json::from_value(client.get("/status").await?)?;
    let until = token.expires_at.map_or_else(String::new, |at| format!(" until {}", local(at)));
    let mut said = format!(
        "Token {} ({}) has the role {}{until}. This is the only time that dashcam shows it.\n",
        token.id,
        escaped(&token.name),
        token.role
    );
    if let Some(url) = status.page.url {
        said += &format!("A browser signs in at {url}?token=TOKEN\n");
    }
    print_line(&secret)?;
    std::io::stderr().write_all(said.as_bytes())?;
    Ok(())
}

async fn list(reader: &Reader, json: bool) -> Result<()> {
    let tokens: Vec<Token> = reader.tokens().await?.into_iter().rev().map(Token::from).collect();
    if json {
        let lines = tokens.iter().map(|token| Ok(escaped_json(&serde_json::to_string(token)?) + "\n"));
        return print(lines.collect::<Result<String>>()?);
    }
    if tokens.is_empty() {
        return print_line("there are no tokens with a role: `dashcam token new --role viewer` makes one");
    }
    let is_colored = is_colored();
    let rows: String = tokens.iter().map(|token| row(token, is_colored)).collect();
    print(paint(HEADING, Color::Dim, is_colored) + "\n" + &rows)
}

/// A token in a line.
fn row(token: &Token, is_colored: bool) -> String {
    let time = |at: Option<Time>| at.map_or_else(|| "-".to_owned(), local);
    let color = if token.state == "valid" { Color::Green } else { Color::Dim };
    format!(
        "{:>6}  {}  {:<21}  {:<16}  {:<16}  {}\n",
        token.id,
        paint(&format!("{:<7}", escaped(&token.state)), color, is_colored),
        escaped(&token.role),
        time(token.expires_at),
        time(token.last_used_at),
        escaped(&token.name),
    )
}

async fn revoke(client: &Client, wanted: &[String]) -> Result<()> {
    let answer = client.get("/tokens").await?;
    let tokens: Vec<Token> = serde_json::from_value(answer["tokens"].clone())?;
    // All are found before one is revoked.
    let found: Vec<&Token> = wanted.iter().map(|wanted| find(&tokens, wanted)).collect::<Result<_>>()?;
    for token in found {
        client.order(Method::DELETE, &format!("/tokens/{}", token.id)).await?;
        print_line(&format!("token {} ({}) lets nobody in any more", token.id, escaped(&token.name)))?;
    }
    Ok(())
}

/// The valid token with a name, or the token with a number.
fn find<'t>(tokens: &'t [Token], wanted: &str) -> Result<&'t Token> {
    let by_name = tokens.iter().find(|token| token.name == wanted && token.state == "valid");
    let by_number = || tokens.iter().find(|token| token.id.to_string() == wanted);
    by_name.or_else(by_number).ok_or_else(|| {
        anyhow!(
            "there is no valid token \u{201c}{wanted}\u{201d}: `dashcam token ls` lists those that are there"
        )
    })
}

fn local(at: Time) -> String {
    at.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(id: i64, name: &str, state: &str) -> Token {
        let at = Time("2026-11-22T15:04:05Z".parse().unwrap());
        Token {
            id,
            name: name.to_owned(),
            role: "viewer-without-bodies".to_owned(),
            state: state.to_owned(),
            created_at: at,
            expires_at: Some(at),
            last_used_at: None,
            who: "page".to_owned(),
            revoked_at: None,
        }
    }

    #[test]
    fn columns_stand_below_their_names() {
        let row = row(&token(3, "ci", "revoked"), false);
        let expires = local(Time("2026-11-22T15:04:05Z".parse().unwrap()));
        for (column, value) in [
            ("STATE", "revoked"),
            ("ROLE", "viewer-without-bodies"),
            ("EXPIRES", expires.as_str()),
            ("NAME", "ci"),
        ] {
            assert_eq!(HEADING.find(column), row.find(value), "{column} in\n{HEADING}\n{row}");
        }
    }

    #[test]
    fn a_token_is_found_by_its_name_or_number() {
        let tokens = [token(1, "ci", "expired"), token(2, "ci", "valid"), token(3, "1", "valid")];
        let found = |wanted| find(&tokens, wanted).map(|token| token.id).ok();
        assert_eq!((found("ci"), found("1"), found("2"), found("x")), (Some(2), Some(3), Some(2), None));
    }
}
