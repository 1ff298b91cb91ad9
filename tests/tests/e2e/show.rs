//! Large and coded bodies as `dashcam show` prints them: whole, or said not to be.

use std::io::Write as _;

use anyhow::{Result, ensure};
use dashcam_tests::clients::curl_command;
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::same::through;

/// An origin that answers with a body of gzip.
async fn origin(body: Vec<u8>) -> Result<Origin> {
    Origin::raw(move |mut stream| {
        let body = body.clone();
        async move {
            let mut head = [0; 4096];
            let _some = stream.read(&mut head).await?;
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(&[head.as_bytes(), &body].concat()).await?;
            Ok(stream.shutdown().await?)
        }
    })
    .await
}

/// Says whether `dashcam show ARGUMENTS` ended well, and what it printed and reported.
async fn show(dashcam: &Dashcam, arguments: &[&str]) -> Result<(bool, Vec<u8>, String)> {
    let mut command = cli(dashcam.home())?;
    let run = async { Ok(command.arg("show").args(arguments).output().await?) };
    let output = within("dashcam show", run).await?;
    Ok((output.status.success(), output.stdout, String::from_utf8(output.stderr)?))
}

async fn recorded(body: Vec<u8>, arguments: &[&str]) -> Result<(Dashcam, String)> {
    let origin = origin(body).await?;
    let dashcam = Dashcam::start(arguments).await?;
    let run = curl_command(&through(&dashcam), &origin.url("/gz")).output().await?;
    ensure!(run.status.success(), "curl failed");
    let id = dashcam.api().ended("/gz").await?["id"].to_string();
    Ok((dashcam, id))
}

fn gzip(text: &str) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?)
}

#[tokio::test]
async fn a_large_body_is_whole_where_nobody_reads_along() -> Result<()> {
    let text: String = (0..400_000).map(|number| format!("{number} \u{fc}\r\n")).collect();
    let body = gzip(&text)?;
    let (dashcam, id) = recorded(body.clone(), &[]).await?;
    let (ended_well, shown, _) = show(&dashcam, &[&id, "--response"]).await?;
    let expect = format!("\n\n{}", text.replace("\r\n", "\n"));
    assert!(ended_well && shown.ends_with(expect.as_bytes()), "{} bytes", shown.len());
    let (ended_well, decoded, _) = show(&dashcam, &[&id, "--body"]).await?;
    assert!(ended_well && decoded == text.as_bytes(), "{} bytes", decoded.len());
    // Parts of it were looked into for secrets before they left memory, and are stored without their coding.
    let (ended_well, raw, _) = show(&dashcam, &[&id, "--body", "--raw"]).await?;
    assert!(ended_well && raw == text.as_bytes(), "{} bytes", raw.len());
    let (dashcam, id) = recorded(body.clone(), &["--redaction", "off"]).await?;
    let (ended_well, raw, _) = show(&dashcam, &[&id, "--body", "--raw"]).await?;
    assert!(ended_well && raw == body, "{} bytes", raw.len());
    Ok(())
}

#[tokio::test]
async fn a_body_that_can_not_be_decoded_does_not_look_whole() -> Result<()> {
    let mut body = gzip(&"0123456789".repeat(1000))?;
    body.truncate(body.len() - 4);
    let (dashcam, id) = recorded(body, &[]).await?;
    let (ended_well, _, reported) = show(&dashcam, &[&id, "--body"]).await?;
    assert!(!ended_well && reported.contains("its data ends too early"), "{reported}");
    let (_, shown, _) = show(&dashcam, &[&id]).await?;
    let shown = String::from_utf8(shown)?;
    assert!(shown.contains("[Content-Encoding says gzip, but its data ends too early.]"), "{shown}");
    let (dashcam, id) = recorded(b"this is no gzip at all".to_vec(), &[]).await?;
    let (ended_well, printed, reported) = show(&dashcam, &[&id, "--body"]).await?;
    assert!(
        !ended_well && printed == b"this is no gzip at all" && reported.contains("cannot be decoded"),
        "{reported}"
    );
    Ok(())
}
