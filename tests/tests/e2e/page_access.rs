//! Signing in to the page and out of it, and its token.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::binary;
use dashcam_tests::clients::{node_script, run};
use dashcam_tests::dashcam::{Dashcam, cli, placed};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::raw;
use dashcam_tests::wire::{Message, read_response};
use serde_json::json;

fn token(home: &Path) -> Result<String> {
    Ok(std::fs::read_to_string(home.join("token"))?.trim().to_owned())
}

/// `GET target` of the page with `fields`.
async fn get(dashcam: &Dashcam, target: &str, fields: &str) -> Result<Message> {
    let mut io = raw::open(dashcam.page()).await?;
    raw::send(&mut io, &format!("GET {target} HTTP/1.1\r\nHost: {}\r\n{fields}\r\n", dashcam.page())).await?;
    within(&format!("a response to GET {target}"), read_response(&mut io, "GET")).await
}

/// The status of a call that needs to be let in.
async fn status(dashcam: &Dashcam, fields: &str) -> Result<u16> {
    get(dashcam, "/api/v1/settings", fields).await?.head.status()
}

/// Signs a browser in: the `Cookie` field that it sends from then on.
async fn sign_in(dashcam: &Dashcam) -> Result<String> {
    let answer = get(dashcam, &format!("/?token={}", token(dashcam.home())?), "").await?;
    ensure!(answer.head.status()? == 303, "{}", answer.head.start);
    let cookies = answer.head.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let (_, cookie) = cookies.context("no cookie")?;
    Ok(format!("Cookie: {}\r\n", cookie.split(';').next().unwrap_or_default()))
}

async fn dashcam(home: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = cli(home)?;
    command.args(arguments);
    within("dashcam's command line", async { Ok(command.output().await?) }).await
}

/// As a browser has them that knows both by one name: each on its port, as behind `ssh -L`.
#[tokio::test]
async fn two_in_one_browser_do_not_sign_each_other_out() -> Result<()> {
    let (one, other) = (Dashcam::start(&[]).await?, Dashcam::start(&[]).await?);
    let cookies = [sign_in(&one).await?, sign_in(&other).await?];
    let pairs = cookies.each_ref().map(|field| field.trim_start_matches("Cookie: ").trim_end());
    let names = pairs.map(|pair| pair.split('=').next().unwrap_or_default());
    let without_port = |name: &str| name.rsplit('_').next().map(str::to_owned);
    assert_ne!(without_port(names[0]), without_port(names[1]), "told apart without their ports as well");
    let both = format!("Cookie: {}\r\n", pairs.join("; "));
    for dashcam in [&one, &other] {
        assert_eq!(status(dashcam, &both).await?, 200);
    }
    let (page, mut io) = (one.page(), raw::open(one.page()).await?);
    let call = format!("POST /api/v1/sign-out HTTP/1.1\r\nHost: {page}\r\n{both}Content-Length: 0\r\n\r\n");
    raw::send(&mut io, &call).await?;
    let out = within("signing out", read_response(&mut io, "POST")).await?;
    assert_eq!(out.head.status()?, 204);
    let forgotten = out.head.field("set-cookie").context("the cookie is forgotten")?;
    assert!(forgotten.starts_with(names[0]), "{forgotten}");
    assert_eq!((status(&one, &both).await?, status(&other, &both).await?), (401, 200));
    Ok(())
}

#[tokio::test]
async fn sessions_outlive_dashcam_and_end_with_the_token() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let mut first = Dashcam::start_in(home, &[]).await?;
    let port = first.page().port().to_string();
    let (cookie, out) = (sign_in(&first).await?, sign_in(&first).await?);
    assert!(!cookie.contains(&token(home)?), "{cookie}");
    assert_eq!(std::fs::metadata(home.join("sessions"))?.permissions().mode() & 0o777, 0o600);
    let mut io = raw::open(first.page()).await?;
    let call =
        format!("POST /api/v1/sign-out HTTP/1.1\r\nHost: {}\r\n{out}Content-Length: 0\r\n\r\n", first.page());
    raw::send(&mut io, &call).await?;
    assert_eq!(read_response(&mut io, "POST").await?.head.status()?, 204);
    first.stop().await?;

    let again = || placed(home, &["--web-port", &port]);
    let mut second = Dashcam::start_command(home, again()?).await?;
    assert_eq!(status(&second, &cookie).await?, 200, "a restart signs nobody out");
    assert_eq!(status(&second, &out).await?, 401, "nor in again");
    let old = token(home)?;
    assert!(dashcam(home, &["token", "rotate"]).await?.status.success());
    let new = token(home)?;
    assert_ne!(old, new);
    assert_eq!(std::fs::metadata(home.join("token"))?.permissions().mode() & 0o777, 0o600);
    for (fields, expect) in [
        (cookie, 401),
        (format!("Authorization: Bearer {old}\r\n"), 401),
        (format!("Authorization: Bearer {new}\r\n"), 200),
    ] {
        assert_eq!(status(&second, &fields).await?, expect, "{fields}");
    }
    let cookie = sign_in(&second).await?;
    second.stop().await?;

    // The same where none runs.
    assert!(dashcam(home, &["token", "rotate"]).await?.status.success());
    assert_ne!(token(home)?, new);
    let third = Dashcam::start_command(home, again()?).await?;
    assert_eq!(status(&third, &cookie).await?, 401);
    assert_eq!(status(&third, &format!("Authorization: Bearer {}\r\n", token(home)?)).await?, 200);
    Ok(())
}

#[tokio::test]
async fn wrong_tokens_are_seen_and_not_shown() -> Result<()> {
    let dashcam_ = Dashcam::start(&[]).await?;
    let guess = "0123456789abcdef0123456789abcdef";
    assert_eq!(get(&dashcam_, &format!("/?token={guess}"), "").await?.head.status()?, 401);
    assert_eq!(status(&dashcam_, &format!("Authorization: Bearer {guess}\r\n")).await?, 401);
    let log = eventually("the log says it", async || {
        Ok(Some(dashcam_.log()).filter(|log| log.contains("sign-ins with a wrong token")))
    })
    .await?;
    assert!(
        log.contains("127.0.0.1") && !log.contains(guess) && !log.contains(&token(dashcam_.home())?),
        "{log}"
    );
    assert_eq!(log.matches("sign-ins with a wrong token").count(), 1, "{log}");
    let page = dashcam_.api().get("/status").await?["page"].clone();
    assert_eq!(page["sign_ins_failed"], 2);
    let table = String::from_utf8(dashcam(dashcam_.home(), &["status"]).await?.stdout)?;
    assert!(table.contains("; 2 sign-ins with a wrong token\n"), "{table}");
    Ok(())
}

#[tokio::test]
async fn status_says_where_the_page_is_and_shows_the_token_on_a_terminal_only() -> Result<()> {
    let running = Dashcam::start(&[]).await?;
    let (home, token) = (running.home(), token(running.home())?);
    let address = format!("http://{}/", running.page());
    let table = String::from_utf8(dashcam(home, &["status"]).await?.stdout)?;
    assert!(
        table.contains(&format!("\npage         {address} (--token ")) && !table.contains(&token),
        "{table}"
    );
    let refused = dashcam(home, &["status", "--token"]).await?;
    let said = String::from_utf8(refused.stderr)?;
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0));
    assert!(said.contains("only to a terminal") && !said.contains(&token), "{said}");

    let mut terminal = tokio::process::Command::new("script");
    let command = format!("'{}' status --token", binary::dashcam()?.display());
    terminal.args(["-qec", &command, "/dev/null"]).env("DASHCAM_HOME", home).env("NO_COLOR", "1");
    let output = within("dashcam on a terminal", async { Ok(terminal.output().await?) }).await?;
    let table = String::from_utf8(output.stdout)?;
    assert!(table.contains(&format!("{address}?token={token}")), "{table}");
    assert!(
        !dashcam(home, &["status", "--json"])
            .await?
            .stdout
            .windows(token.len())
            .any(|part| part == token.as_bytes())
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_out_and_is_told_when_a_session_ends() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let page = format!("http://{}/", dashcam.page());
    let input = json!({"page": page, "home": dashcam.home(), "dashcam": binary::dashcam()?});
    let got = run(node_script("sessions.mjs")?, &input).await?;
    // The browser complains of each 401, and of each stream that is cut off, which are what is tested.
    let expected = ["status of 401", "net::ERR_INCOMPLETE_CHUNKED_ENCODING"];
    let errors = got["errors"].as_array().context("no errors")?.iter().filter_map(|error| error.as_str());
    let others: Vec<_> =
        errors.filter(|error| !expected.iter().any(|expected| error.contains(expected))).collect();
    assert_eq!(others, [""; 0], "errors in the browser's console");
    Ok(())
}
