//! Filters that are kept under a name, and values that were seen of late.

use dashcam_exchange::{Connection, Program, Record, Timestamp};
use dashcam_filter::Source;
use dashcam_store::{MOST_PRESETS, Preset, Store};

use crate::samples::{connection, finished, plain, rich, store};

fn preset(name: &str, filter: &str, at: i64) -> Preset {
    Preset { name: name.to_owned(), filter: filter.to_owned(), at: Timestamp(at) }
}

async fn names(store: &Store) -> Vec<String> {
    store.reader().presets().await.unwrap().into_iter().map(|preset| preset.name).collect()
}

#[tokio::test]
async fn presets_are_kept_replaced_and_removed() {
    let (place, store) = store().await;
    for kept in [preset("slow", "dur:>1s", 1), preset("errors", "~e", 2), preset("slow", "dur:>2s", 3)] {
        assert!(store.admin().put_preset(kept).await.unwrap());
    }
    store.close().await;
    let store = Store::open(&place.path).await.unwrap();
    let expect = [preset("errors", "~e", 2), preset("slow", "dur:>2s", 3)];
    assert_eq!(store.reader().presets().await.unwrap(), expect);
    assert!(store.admin().remove_preset("errors".to_owned()).await.unwrap());
    assert!(!store.admin().remove_preset("errors".to_owned()).await.unwrap());
    assert_eq!(names(&store).await, ["slow"]);
}

#[tokio::test]
async fn their_number_is_bounded() {
    let (_place, store) = store().await;
    for number in 0..MOST_PRESETS {
        assert!(store.admin().put_preset(preset(&format!("p{number}"), "a", 1)).await.unwrap());
    }
    assert!(!store.admin().put_preset(preset("one-more", "a", 1)).await.unwrap());
    assert!(store.admin().put_preset(preset("p7", "b", 2)).await.unwrap(), "one that is there is replaced");
    assert_eq!(names(&store).await.len(), MOST_PRESETS);
}

#[tokio::test]
async fn the_most_frequent_values_come_first() {
    let (_place, store) = store().await;
    let program = Program { name: "curl".to_owned(), pid: 77, path: None, command: None, cgroup: None };
    let opened = Connection { program: Some(program), ..connection(7) };
    let mut records = vec![Record::Connection(Box::new(opened))];
    records.extend((1..=3).map(|id| finished(&plain(id))));
    records.push(finished(&rich(4)));
    store.sink().append(records).await.unwrap();
    assert!(store.admin().put_preset(preset("slow", "dur:>1s", 1)).await.unwrap());
    let host = plain(1).destination.host;
    for (source, prefix, expect) in [
        (Source::Hosts, "", &[host.as_str(), "::1"][..]),
        (Source::Hosts, "::", &["::1"]),
        (Source::Paths, "/\u{fc}", &["/\u{fc}"]),
        (Source::Methods, "PATCH", &["pAtCh"]),
        (Source::Statuses, "29", &["299"]),
        (Source::Types, "TEXT/H", &["text/html"]),
        (Source::HeaderNames, "content-t", &["content-type"]),
        (Source::Clients, "", &["127.0.0.1"]),
        (Source::Programs, "", &["curl"]),
        (Source::Presets, "s", &["slow"]),
        (Source::Hosts, "100%", &[]),
    ] {
        let found = store.reader().recent(source, prefix, 10).await.unwrap();
        assert_eq!(found, expect, "{source:?} {prefix}");
    }
    assert_eq!(store.reader().recent(Source::Hosts, "", 1).await.unwrap(), [host]);
}
