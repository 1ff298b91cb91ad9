//! Bodies far larger than the memory that dashcam may take: 200 MB down and up.

use std::io::Write as _;

use anyhow::{Result, ensure};
use dashcam_tests::clients::{curl_command, path};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::digest::{self, Digest};
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::Origin;

use crate::same::through;

const SIZE: u64 = 200_000_000;

/// How much dashcam may grow while the body passes.
const ROOM: u64 = 150 << 20;

fn digest_of(file: &str) -> Result<String> {
    let mut digest = Digest::default();
    let mut file = std::fs::File::open(file)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match std::io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(digest.finish()),
            count => digest.update(&buffer[..count]),
        }
    }
}

async fn stored_digest(dashcam: &Dashcam, target: &str, direction: &str) -> Result<String> {
    let exchange = eventually("the exchange is stored", async || {
        let exchange = dashcam.api().ended(target).await?;
        Ok(exchange[format!("{direction}_body")]["stored"]
            .as_u64()
            .filter(|stored| *stored == SIZE)
            .map(|_| exchange))
    })
    .await?;
    assert_eq!(exchange[format!("{direction}_body")]["truncated"], false);
    Ok(digest::of(&dashcam.api().bytes(&format!("/exchanges/{}/{direction}/body", exchange["id"])).await?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn download() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let before = dashcam.memory("VmRSS")?;
    let folder = tempfile::tempdir()?;
    let file = path(folder.path(), "got");
    let target = format!("/bytes/{SIZE}");
    let mut curl = curl_command(&through(&dashcam), &origin.url(&target));
    ensure!(curl.args(["--http1.1", "--output", &file]).status().await?.success(), "curl failed");
    assert_eq!(digest_of(&file)?, digest::of_pattern(SIZE));
    let exchange = dashcam.api().ended(&target).await?;
    assert_eq!(exchange["response_body"]["size"], SIZE);
    let growth = dashcam.memory("VmHWM")?.saturating_sub(before);
    assert!(growth < ROOM, "dashcam grew by {} MiB", growth >> 20);
    assert_eq!(stored_digest(&dashcam, &target, "response").await?, digest::of_pattern(SIZE));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upload() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let before = dashcam.memory("VmRSS")?;
    let folder = tempfile::tempdir()?;
    let file = path(folder.path(), "sent");
    let mut writer = std::io::BufWriter::new(std::fs::File::create(&file)?);
    digest::pattern(SIZE).try_for_each(|piece| writer.write_all(&piece))?;
    writer.flush()?;
    let mut curl = curl_command(&through(&dashcam), &origin.url("/digest?large"));
    // Slower than a busy machine's disk: else the record is cut, as it is to be.
    curl.args(["--limit-rate", "40M"]);
    let output = curl.args(["--http1.1", "--header", "Expect:", "--upload-file", &file]).output().await?;
    assert_eq!(String::from_utf8(output.stdout)?, digest::of_pattern(SIZE));
    dashcam.api().ended("/digest?large").await?;
    let growth = dashcam.memory("VmHWM")?.saturating_sub(before);
    assert!(growth < ROOM, "dashcam grew by {} MiB", growth >> 20);
    assert_eq!(stored_digest(&dashcam, "/digest?large", "request").await?, digest::of_pattern(SIZE));
    Ok(())
}

/// A body beyond the limit passes whole; the record has its beginning and says so.
#[tokio::test]
async fn a_body_beyond_the_limit_is_cut_in_the_record_only() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    dashcam.api().change(&serde_json::json!({"body_limit": 1000})).await?;
    let output = curl_command(&through(&dashcam), &origin.url("/bytes/5000")).output().await?;
    assert_eq!(digest::of(&output.stdout), digest::of_pattern(5000));
    let exchange = dashcam.api().ended("/bytes/5000").await?;
    let body = &exchange["response_body"];
    assert_eq!(
        (&body["size"], &body["stored"], &body["truncated"]),
        (&5000.into(), &1000.into(), &true.into())
    );
    let stored = dashcam.api().bytes(&format!("/exchanges/{}/response/body", exchange["id"])).await?;
    assert_eq!(stored, output.stdout[..1000]);
    Ok(())
}
