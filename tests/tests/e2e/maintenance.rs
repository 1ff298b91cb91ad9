//! `dashcam db`, on a recording that is being written, and on one that was damaged.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Output;

use anyhow::Result;
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use serde_json::Value;

use crate::same::through;

async fn db(home: &Path, arguments: &[&str]) -> Result<(Option<i32>, String)> {
    let mut command = cli(home)?;
    command.arg("db").args(arguments);
    let Output { status, stdout, stderr } =
        within(&format!("dashcam db {arguments:?}"), async { Ok(command.output().await?) }).await?;
    Ok((status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned()))
}

#[tokio::test]
async fn info_check_repair_and_vacuum() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let (code, said) = db(home, &["check"]).await?;
    assert!(code == Some(2) && said.contains("there is no recording"), "{said}");

    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    let asks: Vec<Ask> = (0..60).map(|n| Ask::get(origin.url(&format!("/bytes/60000?n={n}")))).collect();
    ask("curl --http1.1", &through(&dashcam), &asks).await?;
    dashcam.api().ended("/bytes/60000?n=59").await?;
    let (code, said) = db(home, &["info", "--json"]).await?;
    let info: Value = serde_json::from_str(&said)?;
    assert!(code == Some(0) && info["exchanges"].as_u64() >= Some(60), "{said}");
    assert!(db(home, &["info"]).await?.1.contains("exchanges    6"));
    assert_eq!(db(home, &["check", "--thorough"]).await?, (Some(0), "sound\n".to_owned()));
    for change in ["repair", "vacuum"] {
        let (code, said) = db(home, &[change]).await?;
        assert!(code == Some(1) && said.contains("another dashcam records to"), "{said}");
    }
    dashcam.stop().await?;

    let path = home.join("dashcam.db");
    let middle = std::fs::metadata(&path)?.len() / 2 / 32_768 * 32_768;
    let mut file = std::fs::OpenOptions::new().write(true).open(&path)?;
    file.seek(SeekFrom::Start(middle))?;
    file.write_all(&[0x5a; 3 * 32_768])?;
    let (code, said) = db(home, &["check"]).await?;
    assert!(code == Some(1) && said.contains("damaged: ") && said.contains("dashcam db repair"), "{said}");
    let (code, said) = db(home, &["repair"]).await?;
    assert!(
        code == Some(0) && said.contains("is sound now") && said.contains("dashcam.db.damaged-1"),
        "{said}"
    );
    // Overwritten pages may have been named by those that are left.
    let (code, said) = db(home, &["check", "--thorough"]).await?;
    assert!(code == Some(0) && said.ends_with("sound\n"), "{said}");
    assert_eq!(db(home, &["vacuum"]).await?.0, Some(0));

    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/json?after"))]).await?;
    dashcam.api().ended("/json?after").await?;
    dashcam.stop().await?;
    assert_eq!(db(home, &["check"]).await?.0, Some(0));
    Ok(())
}
