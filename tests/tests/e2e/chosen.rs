//! Commands that take ids or a filter: `rm`, `pin`, `unpin` and `replay`, with and without an instance.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use serde_json::Value;

use crate::same::through;

/// The code, stdout and stderr of `dashcam ARGUMENTS`.
async fn run(home: &Path, arguments: &[&str]) -> Result<(i32, String, String)> {
    let mut command = cli(home)?;
    command.args(arguments).stdin(std::process::Stdio::null());
    let output = within(&format!("dashcam {arguments:?}"), async { Ok(command.output().await?) }).await?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((output.status.code().context("it was killed")?, text(output.stdout), text(output.stderr)))
}

/// The stdout of one that succeeds.
async fn says(home: &Path, arguments: &[&str]) -> Result<String> {
    let (code, stdout, stderr) = run(home, arguments).await?;
    ensure!(code == 0, "dashcam {arguments:?}: {code}: {stderr}");
    Ok(stdout)
}

async fn ids(home: &Path) -> Result<Vec<i64>> {
    let rows = says(home, &["ls", "--json", "-n", "1000"]).await?;
    rows.lines().map(|row| serde_json::from_str::<Value>(row)?["id"].as_i64().context("an id")).collect()
}

/// Sends `count` requests for `/digest?N`, from `first` on.
async fn send(dashcam: &Dashcam, origin: &Origin, (first, count): (u32, u32)) -> Result<()> {
    let gets: Vec<Ask> =
        (first..first + count).map(|n| Ask::get(origin.url(&format!("/digest?n={n}")))).collect();
    ask("curl --http1.1", &through(dashcam), &gets).await?;
    dashcam.api().ended(&format!("/digest?n={}", first + count - 1)).await?;
    Ok(())
}

#[tokio::test]
async fn rm_deletes_what_a_filter_chose_and_asks_before() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    send(&dashcam, &origin, (10, 10)).await?;
    let all = ids(home).await?;
    assert_eq!(all.len(), 10);
    let [first, second] = [all[0].to_string(), all[1].to_string()];
    assert!(says(home, &["pin", "query.n:10"]).await?.contains("1 exchange pinned"));
    // Nobody can be asked here.
    for arguments in [&["rm", "query.n:10..14"][..], &["rm", "--all"], &["rm", &first, &second, "--pinned"]] {
        let (code, _, stderr) = run(home, arguments).await?;
        assert!(code == 1 && stderr.contains("add --yes"), "{arguments:?}: {code}: {stderr}");
    }
    for (arguments, expect) in [
        (&["rm", "--yes"][..], "--all for every exchange"),
        (&["rm", "--yes", " "], "--all for every exchange"),
        (&["rm", "--yes", "99999"], "no exchange 99999"),
        (&["rm", "--yes", "host:a", "7"], "write id:7"),
        (&["rm", "--yes", "staus:5"], "did you mean"),
    ] {
        let (code, _, stderr) = run(home, arguments).await?;
        assert!(code == 1 && stderr.contains(expect), "{arguments:?}: {stderr}");
    }
    assert_eq!(ids(home).await?.len(), 10);
    let gone = says(home, &["rm", "--yes", "query.n:10..14"]).await?;
    assert!(gone.contains("4 exchanges deleted; 1 pinned stay"), "{gone}");
    assert!(says(home, &["rm", "--yes", "query.n:11"]).await?.contains("nothing to delete"));
    assert_eq!(says(home, &["rm", "--yes", "--pinned", &first]).await?, "1 exchange deleted\n");
    assert_eq!(ids(home).await?, all[5..]);

    // Without an instance the database itself is changed.
    dashcam.stop().await?;
    assert_eq!(says(home, &["rm", "-y", "query.n:15,16 and method:GET"]).await?, "2 exchanges deleted\n");
    let (code, _, stderr) = run(home, &["rm", "-y", "99999"]).await?;
    assert!(code == 1 && stderr.contains("there is no exchange 99999"), "{stderr}");
    assert_eq!(says(home, &["unpin", "is:pinned"]).await?, "0 exchanges unpinned\n");
    assert!(says(home, &["pin", "-y"]).await.is_err());
    assert_eq!(says(home, &["pin", "query.n:17..18"]).await?, "2 exchanges pinned\n");
    let kept = says(home, &["rm", "--yes", "--all"]).await?;
    assert_eq!(kept, "1 exchange deleted; 2 pinned stay (--pinned deletes them)\n");
    assert_eq!(ids(home).await?, all[7..9]);
    says(home, &["db", "check", "--thorough"]).await?;
    Ok(())
}

#[tokio::test]
async fn notes_are_written_and_found() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    send(&dashcam, &origin, (10, 3)).await?;
    let all = ids(home).await?;
    let [first, last] = [all[0].to_string(), all[2].to_string()];
    let said = says(home, &["note", &first, &last, "-c", "look here", "--tag", "shop"]).await?;
    assert!(said.lines().count() == 2 && said.contains("look here [shop]"), "{said}");
    dashcam.stop().await?;
    let said = says(home, &["note", &last, "--untag", "shop", "-t", "slow query"]).await?;
    assert!(said.contains("look here [slow query]"), "{said}");
    for (filter, expect) in [("tag:shop", 1), ("comment:look", 2), ("~comment Look", 0), ("tag:*", 2)] {
        let rows = says(home, &["ls", "--json", filter]).await?;
        assert_eq!(rows.lines().count(), expect, "{filter}: {rows}");
    }
    let shown = says(home, &["show", &last]).await?;
    assert!(shown.contains("comment     look here") && shown.contains("tags        slow query"), "{shown}");
    let (code, _, stderr) = run(home, &["note", "99999", "-c", "x"]).await?;
    assert!(code == 1 && stderr.contains("there is no exchange 99999"), "{stderr}");
    assert_eq!(says(home, &["rm", "--yes", "tag:\"slow query\""]).await?, "1 exchange deleted\n");
    Ok(())
}

/// Recording goes on while thousands are deleted, and what comes meanwhile stays.
#[tokio::test]
async fn rm_works_beside_recording() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let dashcam = Dashcam::start_in(home, &[]).await?;
    send(&dashcam, &origin, (10_000, 60)).await?;
    let removing = says(home, &["rm", "--yes", "path:/digest"]);
    let sending = send(&dashcam, &origin, (20_000, 40));
    let (removed, sent) = tokio::join!(removing, sending);
    sent?;
    let number: usize = removed?.split(' ').next().context("a number")?.parse()?;
    // Those that had ended before the command looked are the only ones that went: the oldest.
    let left = ids(home).await?;
    assert!(number >= 60 && left.len() == 100 - number, "{number} of 100, and {} are left", left.len());
    // Nothing of what came after it went.
    send(&dashcam, &origin, (30_000, 1)).await?;
    assert_eq!(ids(home).await?.len(), left.len() + 1);
    Ok(())
}

#[tokio::test]
async fn replay_sends_what_a_filter_chose() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let home = dashcam.home();
    send(&dashcam, &origin, (10, 3)).await?;
    let post = Ask { method: "POST", body: Some("a=1".to_owned()), ..Ask::get(origin.url("/echo?n=13")) };
    ask("curl --http1.1", &through(&dashcam), &[post]).await?;
    dashcam.api().ended("/echo?n=13").await?;
    let replays = async || -> Result<Vec<String>> {
        let rows = says(home, &["ls", "--json", "is:replay"]).await?;
        let url = |row: &str| Ok(serde_json::from_str::<Value>(row)?["url"].to_string());
        rows.lines().map(url).collect()
    };
    for arguments in [&["replay", "path:/digest"][..], &["replay", "path:/echo"]] {
        let (code, _, stderr) = run(home, arguments).await?;
        assert!(code == 1 && stderr.contains("add --yes"), "{arguments:?}: {code}: {stderr}");
    }
    assert!(replays().await?.is_empty());
    let (code, _, stderr) = run(home, &["replay", "path:/echo"]).await?;
    assert!(code == 1 && stderr.contains("1 POST") && stderr.contains("may change something"), "{stderr}");
    // One that changes nothing is sent at once.
    assert!(says(home, &["replay", "query.n:12"]).await?.contains("/digest?n=12"));
    let (code, stdout, stderr) =
        run(home, &["replay", "--yes", "--limit", "3", "--json", "-is:replay"]).await?;
    assert!(code == 0 && stderr.contains("3 of 3 requests sent again, 3 complete"), "{code}: {stderr}");
    let rows: Vec<Value> = stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let numbers: Vec<_> = rows.iter().map(|row| row["url"].as_str().unwrap_or_default()).collect();
    assert!(numbers[0].ends_with("n=11") && numbers[1].ends_with("n=12") && numbers[2].ends_with("n=13"));
    eventually("all are recorded", async || Ok((replays().await?.len() == 4).then_some(()))).await?;
    assert_eq!(origin.site().seen_for("/echo?n=13").len(), 2);
    assert!(says(home, &["replay", "host:nowhere"]).await?.contains("nothing to send"));
    Ok(())
}

/// One that can't be sent does not keep the others from being sent, and the code says it.
#[tokio::test]
async fn replay_goes_on_behind_a_failure() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let gone = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let asks = [Ask::get(format!("http://{gone}/gone?n=1")), Ask::get(origin.url("/digest?n=2"))];
    ask("curl --http1.1", &through(&dashcam), &asks).await?;
    dashcam.api().ended("/digest?n=2").await?;
    let (code, stdout, stderr) =
        run(dashcam.home(), &["replay", "--yes", "path:/gone or path:/digest"]).await?;
    assert!(
        code == 1 && stderr.contains("2 of 2 requests sent again, 1 complete"),
        "{code}: {stdout}{stderr}"
    );
    let rows: Vec<&str> = stdout.lines().collect();
    assert!(rows.len() == 3 && rows[1].contains("failed") && rows[2].contains("/digest?n=2"), "{stdout}");
    Ok(())
}
