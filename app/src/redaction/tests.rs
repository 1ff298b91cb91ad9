//! A key that is not the one with which was sealed.

use dashcam_control::Settings;
use dashcam_exchange::{LastIds, Record, Seal, Timestamp};
use dashcam_recorder::{Limits, recorder};
use dashcam_store::Store;

use super::*;

#[tokio::test]
async fn seals_of_another_key_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(Some(folder.path().join("home"))).unwrap();
    home.create().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    let control = Arc::new(Control::new(Settings::default()));
    let (recorder, _writer) = recorder(Limits::default(), LastIds::default());
    let start = || Redacting::start((&home, false), (&control, &recorder), Definitions::default()).unwrap();
    let has_others = async || {
        let (redacting, stop) = (start(), CancellationToken::new());
        let shown = redacting.shown();
        let looking = redacting.watch_seals(store.reader().clone(), stop.clone());
        // It looks, and is then stopped while it waits for the next time.
        assert!(tokio::time::timeout(Duration::from_millis(500), looking).await.is_err());
        shown.borrow().has_other_seals
    };
    let keys = start().keys();
    let id = keys.pseudonym(b"secret");
    let seal = Seal { id, sealed: keys.seal(b"secret", &id), expires_at: Timestamp(i64::MAX / 2) };
    store.sink().append(vec![Record::Seal(Box::new(seal))]).await.unwrap();
    assert!(!has_others().await);
    std::fs::remove_file(redaction_key::path(&home)).unwrap();
    assert!(has_others().await, "another key was made");
    store.close().await;
}

#[test]
fn the_log_says_where_the_key_belongs() {
    let text = other_key(Some(Path::new("/home/a/.dashcam/redaction.key")));
    assert!(text.contains("/home/a/.dashcam/redaction.key") && text.contains("dashcam seal rm --all"));
}
