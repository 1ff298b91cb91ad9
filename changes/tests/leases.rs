//! Leases over a store: what is in force, what is kept, and what goes on after a restart.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dashcam_changes::{Author, Bounds, Changes, Ended, HistoryWriter, NewLease, Refused};
use dashcam_control::{Control, Guarantee, Patch, Rule, Settings, Step};
use dashcam_exchange::{Level, Timestamp};
use dashcam_store::{ChangeKind, Store};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A control with its changes, and the task that keeps them.
struct Running {
    control: Arc<Control>,
    changes: Changes,
    store: Store,
    keeping: JoinHandle<()>,
}

impl Running {
    async fn start(folder: &Path) -> Self {
        let store = Store::open(&folder.join("dashcam.db")).await.unwrap();
        let control = Arc::new(Control::new(Settings::default()));
        let (changes, writer): (_, HistoryWriter) = Changes::new(Arc::clone(&control), store.clone());
        #[expect(clippy::disallowed_methods, reason = "the test waits for it")]
        let keeping = tokio::spawn(writer.run());
        Self { control, changes, store, keeping }
    }

    /// Waits until everything is kept, and closes the store.
    async fn stop(self) {
        drop(self.changes);
        self.keeping.await.unwrap();
        self.store.close().await;
    }

    fn ids(&self) -> Vec<i64> {
        self.changes.leases().iter().map(|lease| lease.lease.id).collect()
    }
}

fn lease(bounds: Bounds, persist: bool) -> NewLease {
    let rule =
        serde_json::from_value(serde_json::json!({"name": "lease", "match": "host:a", "level": "metadata"}));
    NewLease { rule: rule.unwrap(), bounds, reason: Some("INC-1".to_owned()), persist }
}

fn lasting(time: Duration) -> Bounds {
    Bounds { lasting: Some(time), ..Bounds::default() }
}

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn no_lease_begins_before_those_that_are_stored_were_read() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let begin = || running.changes.begin_lease(Author::named("test"), lease(lasting(HOUR), false));
    assert!(matches!(begin(), Err(Refused::NotReady)));
    running.changes.restore_leases().await.unwrap();
    let (begun, keeping) = begin().unwrap();
    keeping.done().await.unwrap();
    assert_eq!((begun.lease.id, begun.lease.rule.name.as_str()), (1, "lease-1"));
    running.stop().await;
}

#[tokio::test]
async fn those_that_are_to_go_on_do_and_others_have_ended() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    running.changes.restore_leases().await.unwrap();
    for (bounds, persist) in
        [(lasting(HOUR), true), (lasting(HOUR), false), (lasting(Duration::from_micros(1)), true)]
    {
        running.changes.begin_lease(Author::named("test"), lease(bounds, persist)).unwrap().1.unattended();
    }
    running.stop().await;

    let running = Running::start(folder.path()).await;
    running.changes.restore_leases().await.unwrap();
    assert_eq!(running.ids(), [1]);
    let (next, keeping) =
        running.changes.begin_lease(Author::named("test"), lease(lasting(HOUR), false)).unwrap();
    keeping.done().await.unwrap();
    assert_eq!(next.lease.id, 4);
    let stored = running.store.reader().leases(false, 10).await.unwrap();
    let ends: Vec<_> = stored.iter().map(|lease| lease.ended.as_ref().map(|end| end.why.as_str())).collect();
    assert_eq!(ends, [None, Some("time"), Some("restart"), None]);
    running.stop().await;
}

#[tokio::test]
async fn a_lease_grows_and_ends_and_the_history_tells() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let changes = &running.changes;
    changes.restore_leases().await.unwrap();
    let bounds = Bounds { lasting: Some(HOUR), max_exchanges: Some(5), max_bytes: None };
    let (before, _) = changes.begin_lease(Author::named("test"), lease(bounds, false)).unwrap();
    let more = Bounds { lasting: Some(HOUR), max_exchanges: Some(5), max_bytes: Some(1000) };
    let (after, _) = changes.extend_lease((Author::named("other"), None), 1, more).unwrap();
    assert_eq!((after.lease.max_exchanges, after.lease.max_bytes), (Some(10), Some(1000)));
    let longer = after.terms.until.unwrap().0 - before.terms.until.unwrap().0;
    assert_eq!((longer, after.terms.author), (3_600_000_000, Author::named("test")));
    assert_eq!(running.control.leases().len(), 1);
    let by = (Author::named("other"), Some("done".to_owned()));
    changes.end_lease(by.clone(), 1, Ended::ByUser).unwrap().1.done().await.unwrap();
    assert!(matches!(changes.end_lease(by, 1, Ended::ByUser), Err(Refused::NoLease(1))));
    assert!(running.control.leases().is_empty());
    let history = running.store.reader().settings_history(10).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|change| {
            (change.kind, change.detail.as_ref().unwrap()["event"].as_str().unwrap(), change.why.as_deref())
        })
        .collect();
    let kind = ChangeKind::Lease;
    assert_eq!(
        told,
        [(kind, "ended", Some("done")), (kind, "extended", None), (kind, "begun", Some("INC-1"))]
    );
    running.stop().await;
}

#[tokio::test]
async fn a_lease_ends_by_itself_when_its_time_is_up() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let changes = running.changes.clone();
    let ends = async {
        let mut policies = running.control.subscribe();
        while changes.restore_leases().await.is_err() {}
        let bounds = lasting(Duration::from_millis(300));
        changes.begin_lease(Author::named("test"), lease(bounds, false)).unwrap().1.unattended();
        policies.mark_unchanged();
        policies.changed().await.unwrap();
    };
    tokio::select! {
        () = changes.mind_leases() => unreachable!("it does not return"),
        ended = timeout(Duration::from_secs(20), ends) => ended.unwrap(),
    }
    assert!(running.ids().is_empty());
    drop(changes);
    running.stop().await;
}

#[tokio::test]
async fn leases_that_would_never_end_or_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    running.changes.restore_leases().await.unwrap();
    let bytes = Bounds { max_bytes: Some(1000), ..Bounds::default() };
    let begin = |level, bounds, change: fn(&mut Rule)| {
        let mut new = lease(bounds, false);
        new.rule.level = level;
        change(&mut new.rule);
        running.changes.begin_lease(Author::named("test"), new).map(|(_, keeping)| keeping.unattended())
    };
    for (level, bounds, ends) in [
        (Level::Off, bytes, false),
        (Level::Metrics, bytes, false),
        (Level::Metadata, bytes, true),
        (Level::Off, Bounds { lasting: Some(HOUR), ..bytes }, true),
        (Level::Off, Bounds { max_exchanges: Some(1), ..bytes }, true),
        (Level::Off, Bounds::default(), true),
    ] {
        let begun = begin(level, bounds, |_| {});
        let is_endless = matches!(begun, Err(Refused::Endless(refused)) if refused == level);
        assert_eq!((begun.is_ok(), is_endless), (ends, !ends), "{level} {bounds:?}");
    }
    let lossless = begin(Level::Off, lasting(HOUR), |rule| rule.guarantee = Guarantee::Lossless);
    assert!(lossless.unwrap_err().to_string().contains("means nothing at the level off"));
    let large = begin(Level::Full, lasting(HOUR), |rule| rule.body_limit = Some(u64::MAX));
    assert!(large.unwrap_err().to_string().contains("it can be at most"));
    running.stop().await;
}

/// The last row has the settings of the next start: a step must not bring back those that were in force before it.
#[tokio::test]
async fn steps_are_kept_in_the_order_of_changes() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let changes = &running.changes;
    let set = |level| {
        let patch = Patch { level: Some(level), ..Patch::default() };
        changes.settings(Author::named("test"), &patch, None).unwrap().keeping.unattended();
    };
    for level in [Level::Metadata, Level::Off] {
        changes.step(Timestamp(1), Step::Heads, Some("cpu".to_owned()));
        set(level);
    }
    let store = running.store.clone();
    drop(running.changes);
    running.keeping.await.unwrap();
    let history = store.reader().settings_history(10).await.unwrap();
    let told: Vec<_> = history.iter().map(|row| (row.kind, row.to["level"].as_str().unwrap())).collect();
    let (settings, step) = (ChangeKind::Settings, ChangeKind::Step);
    assert_eq!(told, [(settings, "off"), (step, "metadata"), (settings, "metadata"), (step, "full")]);
    assert_eq!(history[1].detail.as_ref().unwrap()["step"], "heads");
    store.close().await;
}

#[tokio::test]
async fn a_toggle_switches_off_and_on_whatever_is_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let changes = &running.changes;
    changes.restore_leases().await.unwrap();
    let toggle = async || changes.toggle(Author::named("signal")).await.unwrap().done().await.unwrap();
    toggle().await;
    assert_eq!(running.control.settings().level, Level::Off);
    toggle().await;
    assert_eq!(running.control.settings().level, Level::Full);
    changes.begin_lease(Author::named("test"), lease(lasting(HOUR), false)).unwrap().1.unattended();
    toggle().await;
    assert_eq!(running.ids(), [2, 1]);
    assert_eq!(running.control.leases()[0].rule.level, Level::Off);
    toggle().await;
    assert_eq!((running.ids(), running.control.settings().level), (vec![1], Level::Full));
    running.stop().await;
}
