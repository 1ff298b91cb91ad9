//! Secrets that are shown to the one who asks for it, with the key alone.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;

use super::{SECRET, dashcam, fails, guarded, recorded, says};

#[tokio::test]
async fn only_unseal_shows_them() -> Result<()> {
    let (origin, folder) = (guarded().await?, tempfile::tempdir()?);
    let mut instance = Dashcam::start_in(folder.path(), &[]).await?;
    let id = recorded(&instance, &origin, "/shown").await?;
    let har = folder.path().join("some.har");
    let har = har.to_string_lossy();
    for is_running in [true, false] {
        for arguments in [
            vec!["show", &id],
            vec!["show", "--curl", &id],
            vec!["show", "--raw", &id],
            vec!["show", "--json", &id],
            vec!["show", "--body", "--request", &id],
            vec!["export", "-o", "-"],
            vec!["export", "--format", "ndjson", "-o", "-"],
        ] {
            let plain = says(folder.path(), &arguments).await?;
            assert!(plain.contains("~sealed.") && !plain.contains(SECRET), "{arguments:?}: {plain}");
            let with = [&arguments[..], &["--unseal"]].concat();
            let unsealed = says(folder.path(), &with).await?;
            assert!(!unsealed.contains("~sealed.") && unsealed.contains(SECRET), "{with:?}: {unsealed}");
        }
        let exported = dashcam(folder.path(), &["export", "--force", "-o", &har], &[]).await?;
        assert!(std::fs::read_to_string(&*har)?.contains("\"_secrets\": \"as_recorded\""));
        assert!(String::from_utf8_lossy(&exported.stderr).contains("placeholders"));
        let exported = dashcam(folder.path(), &["export", "--force", "--unseal", "-o", &har], &[]).await?;
        assert!(std::fs::read_to_string(&*har)?.contains("\"_secrets\": \"unsealed\""));
        assert!(String::from_utf8_lossy(&exported.stderr).contains("the file has secrets in it"));
        if is_running {
            instance.stop().await?;
        }
    }
    let audit = says(folder.path(), &["audit", "--action", "unseal", "--json", "-n", "100"]).await?;
    assert!(audit.lines().count() >= 16, "each use is noted: {audit}");
    Ok(())
}

#[tokio::test]
async fn a_copy_without_the_key_shows_nothing() -> Result<()> {
    let (origin, folder, other) = (guarded().await?, tempfile::tempdir()?, tempfile::tempdir()?);
    let mut instance = Dashcam::start_in(folder.path(), &[]).await?;
    let id = recorded(&instance, &origin, "/copied").await?;
    instance.stop().await?;
    std::fs::copy(folder.path().join("dashcam.db"), other.path().join("dashcam.db"))?;
    let error = fails(other.path(), &["show", "--unseal", &id]).await?;
    assert!(error.contains("redaction.key is not there"), "{error}");
    let shown = says(other.path(), &["show", &id]).await?;
    assert!(shown.contains("~sealed.credential.") && !shown.contains(SECRET), "{shown}");
    Ok(())
}
