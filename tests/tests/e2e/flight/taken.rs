//! Snapshots that join, that say what is missing, that fill in bodies, and that go.

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::{Message, read_response};
use serde_json::{Value, json};

use super::{exchanges, get, in_ring, numbered, start, stored};

#[tokio::test]
async fn a_second_call_joins_the_first() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let dashcam = start(home.path(), &[]).await?;
    get(&dashcam, &origin, &numbered(2)).await?;
    in_ring(&dashcam, 2).await?;
    let api = dashcam.api();
    let take = async |body: Value| -> Result<Value> {
        let answer = api.call("POST", "/snapshots", &body).await?;
        Ok(serde_json::from_slice(&answer.body)?)
    };
    let first = take(json!({"reason": "one", "after": "2s"})).await?;
    let second = take(json!({"reason": "two"})).await?;
    assert_eq!((&first["joined"], &second["joined"]), (&json!(false), &json!(true)));
    assert_eq!(
        (&first["name"], &first["until"]),
        (&second["name"], &second["until"]),
        "it goes on as long as it was to"
    );
    get(&dashcam, &origin, &numbered(3)).await?;
    let taken = stored(&dashcam).await?;
    assert_eq!(
        (&taken["name"], &taken["exchanges"]),
        (&first["name"], &json!(5)),
        "with what followed: {taken}"
    );
    for (body, expect) in [
        (json!({"after": "2h"}), "at most 1h"),
        (json!({"reason": "x".repeat(2000)}), "more than 1000 bytes"),
        (json!({"until": 1}), "until"),
    ] {
        let answer = api.call("POST", "/snapshots", &body).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.head.status()? >= 400 && text.contains(expect), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn bodies_that_a_level_leaves_out_are_filled_in() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let ring = home.path().join("ring").display().to_string();
    let arguments =
        ["--record", "metadata", "--flight", "60s,16MB", "--flight-after", "100ms", "--flight-file", &ring];
    let dashcam = Dashcam::start_in(home.path(), &arguments).await?;
    get(&dashcam, &origin, &numbered(3)).await?;
    in_ring(&dashcam, 3).await?;
    let api = dashcam.api();
    let before = api.ended("n=0").await?;
    assert_eq!(
        (&before["level"], &before["response_body"]["stored"]),
        (&json!("metadata"), &json!(0)),
        "{before}"
    );
    api.call("POST", "/snapshots", &json!({})).await?;
    let taken = stored(&dashcam).await?;
    assert_eq!(taken["exchanges"], 3, "{taken}");
    let after = api.ended("n=0").await?;
    assert_eq!((&after["id"], &after["level"]), (&before["id"], &json!("full")));
    let body = api.bytes(&format!("/exchanges/{}/response/body", after["id"])).await?;
    assert_eq!(body.len(), 2000);
    Ok(())
}

#[tokio::test]
async fn exchanges_that_are_stored_whole_belong_to_it_as_well() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let dashcam = start(home.path(), &[]).await?;
    get(&dashcam, &origin, &numbered(2)).await?;
    in_ring(&dashcam, 2).await?;
    dashcam.api().change(&json!({"level": "full"})).await?;
    get(&dashcam, &origin, &["/bytes/10?kept".to_owned()]).await?;
    dashcam.api().ended("?kept").await?;
    dashcam.api().call("POST", "/snapshots", &json!({"after": "50ms"})).await?;
    let taken = stored(&dashcam).await?;
    let urls: Vec<_> = exchanges(&dashcam, &taken).await?.into_iter().map(|one| one["url"].clone()).collect();
    assert_eq!(urls.len(), 3, "{urls:?}");
    assert!(urls[0].as_str().is_some_and(|url| url.ends_with("?kept")), "{urls:?}");
    Ok(())
}

#[tokio::test]
async fn bytes_win_over_time_and_a_snapshot_says_so() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let ring = home.path().join("ring");
    let path = ring.display().to_string();
    let arguments =
        ["--record", "metrics", "--flight", "60s,2MiB", "--flight-after", "50ms", "--flight-file", &path];
    let dashcam = Dashcam::start_in(home.path(), &arguments).await?;
    let large: Vec<_> = (0..60).map(|number| format!("/bytes/100000?n={number}")).collect();
    get(&dashcam, &origin, &large).await?;
    in_ring(&dashcam, 60).await?;
    assert!(std::fs::metadata(&ring)?.len() <= 2 << 20);
    dashcam.api().call("POST", "/snapshots", &json!({})).await?;
    let taken = stored(&dashcam).await?;
    let found = exchanges(&dashcam, &taken).await?;
    assert!((5..25).contains(&found.len()), "{}", found.len());
    assert!(found[0]["url"].as_str().is_some_and(|url| url.ends_with("n=59")), "the newest");
    assert_eq!(taken["complete"], false);
    assert!(taken["note"].as_str().is_some_and(|note| note.contains("the ring was too small")), "{taken}");
    let status = dashcam.api().get("/snapshots").await?;
    assert!(status["flight"]["squeezed"].as_u64() > Some(0), "{status}");
    Ok(())
}

#[tokio::test]
async fn one_that_is_deleted_takes_its_exchanges_with_it() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let dashcam = start(home.path(), &[]).await?;
    get(&dashcam, &origin, &numbered(3)).await?;
    in_ring(&dashcam, 3).await?;
    let api = dashcam.api();
    api.call("POST", "/snapshots", &json!({"after": "50ms"})).await?;
    let taken = stored(&dashcam).await?;
    let name = taken["name"].as_str().context("a name")?;
    let answer = api.call("DELETE", &format!("/snapshots/{name}"), &Value::Null).await?;
    assert_eq!(serde_json::from_slice::<Value>(&answer.body)?, json!({"exchanges": 3}));
    assert_eq!(api.call("DELETE", &format!("/snapshots/{name}"), &Value::Null).await?.head.status()?, 404);
    assert_eq!(api.get("/exchanges").await?["exchanges"], json!([]));
    assert_eq!(api.get("/snapshots").await?["snapshots"], json!([]));
    Ok(())
}

/// Calls the page, and gives the answer.
async fn call(dashcam: &Dashcam, method: &str, path: &str, fields: &str, body: &str) -> Result<Message> {
    let mut io = raw::open(dashcam.page()).await?;
    let (host, length) = (dashcam.page(), body.len());
    let call = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{fields}Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    raw::send(&mut io, &call).await?;
    read_response(&mut io, method).await
}

#[tokio::test]
async fn the_history_has_the_address_and_the_session_of_the_one_who_asked() -> Result<()> {
    let home = tempfile::tempdir()?;
    let dashcam = start(home.path(), &[]).await?;
    let token = std::fs::read_to_string(home.path().join("token"))?;
    let signed = call(&dashcam, "GET", &format!("/?token={}", token.trim()), "", "").await?;
    let is_cookie = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("set-cookie");
    let (_, cookie) = signed.head.fields.iter().find(is_cookie).context("no cookie")?;
    let cookie = cookie.split(';').next().unwrap_or_default();
    let page = format!("Cookie: {cookie}\r\nOrigin: http://{}\r\n", dashcam.page());
    for (reason, fields) in
        [("of the token", format!("Authorization: Bearer {}\r\n", token.trim())), ("of a session", page)]
    {
        let body = json!({"reason": reason}).to_string();
        let answer = call(&dashcam, "POST", "/api/v1/snapshots", &fields, &body).await?;
        assert_eq!(answer.head.status()?, 202, "{}", String::from_utf8_lossy(&answer.body));
        let row = eventually("the snapshot is in the history", async || {
            let history = dashcam.api().get("/settings/history?limit=1").await?;
            Ok(Some(history["changes"][0].clone()).filter(|change| change["why"] == reason))
        })
        .await?;
        let (who, has_session) = if reason == "of a session" { ("page", true) } else { ("api", false) };
        assert_eq!((&row["kind"], &row["who"]), (&json!("snapshot"), &json!(who)), "{row}");
        assert_eq!(
            (&row["address"], row["session"].is_string()),
            (&json!("127.0.0.1"), has_session),
            "{row}"
        );
    }
    let output = cli(home.path())?.args(["boundaries", "--changes"]).output().await?;
    let said = String::from_utf8(output.stdout)?;
    assert!(said.contains("-of-the-token, by api (127.0.0.1): of the token"), "{said}");
    assert!(said.contains("-of-a-session, by page (127.0.0.1, session "), "{said}");
    Ok(())
}
