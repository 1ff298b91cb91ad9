//! `dashcam sql` beside a dashcam that records, and other programs that read the same database.

use anyhow::{Result, ensure};
use dashcam_tests::clients::{Ask, ask, python_script, run};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use serde_json::{Value, json};

use crate::same::through;

/// Runs `dashcam sql ARGUMENTS`: whether it succeeded, and its output.
async fn sql(dashcam: &Dashcam, arguments: &[&str]) -> Result<(bool, String, String)> {
    let mut command = cli(dashcam.home())?;
    command.arg("sql").args(arguments);
    let output = within(&format!("{arguments:?}"), async { Ok(command.output().await?) }).await?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status.success(), text(&output.stdout), text(&output.stderr)))
}

async fn answer(dashcam: &Dashcam, arguments: &[&str]) -> Result<String> {
    let (succeeded, out, error) = sql(dashcam, arguments).await?;
    ensure!(succeeded, "{arguments:?}: {error}");
    Ok(out)
}

/// A dashcam that has recorded a POST with a body of text.
async fn recorded(origin: &Origin) -> Result<Dashcam> {
    let dashcam = Dashcam::start(&[]).await?;
    let fields = vec![("X-Tag".to_owned(), "a, \"b\"".to_owned())];
    let post = Ask {
        method: "POST",
        body: Some("{\"n\": 7}".to_owned()),
        fields,
        ..Ask::get(origin.url("/echo?sql"))
    };
    ask("curl --http1.1", &through(&dashcam), &[post]).await?;
    dashcam.api().ended("/echo?sql").await?;
    Ok(dashcam)
}

#[tokio::test]
async fn a_question_is_answered_in_each_format() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = recorded(&origin).await?;
    let asked = "SELECT method, status, header(request_headers, 'x-tag') AS tag, body(id, 'request') AS body, \
        body(id, 'request') ->> '$.n' AS n FROM exchanges WHERE target = '/echo?sql'";
    let table = answer(&dashcam, &[asked]).await?;
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["method", "status", "tag", "body", "n"], "{table}");
    assert_eq!(lines[2], ["POST", "200", "a,", "\"b\"", "{\"n\":", "7}", "7"], "{table}");
    let csv = answer(&dashcam, &["--format", "csv", asked]).await?;
    let expect = "method,status,tag,body,n\r\nPOST,200,\"a, \"\"b\"\"\",\"{\"\"n\"\": 7}\",7\r\n";
    assert_eq!(csv, expect);
    let row = json!({"method": "POST", "status": 200, "tag": "a, \"b\"", "body": "{\"n\": 7}", "n": 7});
    let found: Value = serde_json::from_str(&answer(&dashcam, &["--format", "json", asked]).await?)?;
    assert_eq!(found, json!([row]));
    let lines = answer(&dashcam, &["--format", "ndjson", asked]).await?;
    assert_eq!(serde_json::from_str::<Value>(lines.trim_end())?, row);
    let none = answer(&dashcam, &["--format", "json", "SELECT 1 AS one WHERE false"]).await?;
    assert_eq!(none, "[]\n");
    Ok(())
}

#[tokio::test]
async fn faults_change_nothing_and_say_what_to_do() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = recorded(&origin).await?;
    let file = dashcam.home().join("answer.csv");
    let file = file.to_str().unwrap_or_default();
    for (arguments, message) in [
        (&["DELETE FROM exchange_rows"][..], "only reading is allowed"),
        (&["SELECT nix"], "no such column: nix, at character 8"),
        (&["--format", "json", "SELECT 1 AS a, 2 AS a"], "two columns are called a: name them with AS"),
        (&["-o", "answer", "SELECT 1"], "does not say its format"),
        (&["--time-limit", "soon", "SELECT 1"], "expected one such as 12h"),
        (&["-o", file, "SELECT nix"], "no such column"),
    ] {
        let (succeeded, _, error) = sql(&dashcam, arguments).await?;
        assert!(!succeeded && error.contains(message), "{arguments:?}: {error}");
    }
    assert_eq!(answer(&dashcam, &["SELECT count(*) AS n FROM exchanges"]).await?, "n\n─\n1\n");
    answer(&dashcam, &["-o", file, "SELECT 1 AS a, NULL AS b, x'ff' AS c"]).await?;
    assert_eq!(std::fs::read_to_string(file)?, "a,b,c\r\n1,,/w==\r\n");
    let (succeeded, _, error) = sql(&dashcam, &["-o", file, "SELECT 2"]).await?;
    assert!(!succeeded && error.contains("already exists"), "{error}");
    answer(&dashcam, &["--force", "-o", file, "SELECT 2 AS a"]).await?;
    assert_eq!(std::fs::read_to_string(file)?, "a\r\n2\r\n");
    Ok(())
}

/// pandas, DuckDB, datasette and sqlite-utils, over the live database; DuckDB over a Parquet file too.
#[tokio::test]
async fn other_programs_read_it() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = recorded(&origin).await?;
    let database = dashcam.home().join("dashcam.db");
    let parquet = dashcam.home().join("all.parquet");
    let to = parquet.to_str().unwrap_or_default();
    answer(&dashcam, &["-o", to, "SELECT *, x'00ff' AS bytes, 1.5 AS real FROM v_exchanges"]).await?;
    let job = json!({"database": database, "parquet": parquet, "url": "/echo?sql"});
    let found = run(python_script("readers.py")?, &job).await?;
    let rows = json!([["POST", 200, "/echo"]]);
    for reader in ["pandas", "duckdb", "duckdb_parquet", "datasette", "sqlite_utils"] {
        assert_eq!(found[reader], rows, "{reader}: {found}");
    }
    Ok(())
}
