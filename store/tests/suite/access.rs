//! Tokens with a role, and the audit log.

use dashcam_exchange::{ExchangeId, Timestamp};
use dashcam_store::{AuditChange, AuditEntry, AuditFilter, MOST_TOKENS, Store, Token};
use serde_json::json;

use crate::samples::{finished, plain, store};

fn token(byte: u8, name: &str) -> Token {
    Token {
        name: name.to_owned(),
        role: "viewer".to_owned(),
        sha256: [byte; 32],
        created_at: Timestamp(10),
        expires_at: Some(Timestamp(100)),
        who: "page".to_owned(),
        ..Token::default()
    }
}

fn entry(at: i64, who: &str, action: &str) -> AuditEntry {
    AuditEntry {
        at: Timestamp(at),
        who: who.to_owned(),
        role: "admin".to_owned(),
        action: action.to_owned(),
        ..AuditEntry::default()
    }
}

async fn write(store: &Store, entries: impl IntoIterator<Item = AuditEntry>) -> Vec<i64> {
    let changes = entries.into_iter().map(|entry| AuditChange::Add(Box::new(entry))).collect();
    store.admin().write_audit(changes).await.unwrap()
}

async fn times(store: &Store, filter: AuditFilter) -> Vec<i64> {
    let entries = store.reader().audit(&filter, 100).await.unwrap();
    entries.into_iter().map(|entry| entry.at.0).collect()
}

#[tokio::test]
async fn tokens_are_kept_used_and_revoked() {
    let (place, store) = store().await;
    let first = store.admin().put_token(token(1, "ci")).await.unwrap().unwrap();
    let second =
        store.admin().put_token(Token { expires_at: None, ..token(2, "ops") }).await.unwrap().unwrap();
    assert_eq!((first.id, second.id), (1, 2));
    store.admin().note_token_use(vec![([1; 32], Timestamp(50)), ([1; 32], Timestamp(40))]).await.unwrap();
    assert!(store.admin().revoke_token([2; 32], Timestamp(60)).await.unwrap());
    assert!(!store.admin().revoke_token([2; 32], Timestamp(70)).await.unwrap(), "it is revoked already");
    assert!(!store.admin().revoke_token([3; 32], Timestamp(70)).await.unwrap(), "there is none");
    store.close().await;
    let store = Store::open(&place.path).await.unwrap();
    let first = Token { last_used_at: Some(Timestamp(50)), ..first };
    let second = Token { revoked_at: Some(Timestamp(60)), ..second };
    assert_eq!(store.reader().tokens().await.unwrap(), [second.clone(), first.clone()]);
    assert!(
        first.is_valid(Timestamp(99)) && !first.is_valid(Timestamp(100)) && !second.is_valid(Timestamp(61))
    );
}

#[tokio::test]
async fn the_number_of_valid_tokens_is_bounded() {
    let (_place, store) = store().await;
    let numbered = |number: usize, created_at: i64, expires_at: i64| {
        let mut sha256 = [0; 32];
        sha256[..8].copy_from_slice(&number.to_le_bytes());
        let [created_at, expires_at] = [created_at, expires_at].map(Timestamp);
        Token { sha256, created_at, expires_at: Some(expires_at), ..token(0, "t") }
    };
    for number in 0..MOST_TOKENS {
        assert!(store.admin().put_token(numbered(number, 10, 100)).await.unwrap().is_some());
    }
    assert!(store.admin().put_token(numbered(MOST_TOKENS, 10, 100)).await.unwrap().is_none());
    assert!(
        store.admin().put_token(numbered(MOST_TOKENS, 200, 300)).await.unwrap().is_some(),
        "the rest is over"
    );
    assert!(store.admin().put_token(numbered(MOST_TOKENS + 1, 400, 500)).await.unwrap().is_some());
    let left = store.reader().tokens().await.unwrap();
    assert_eq!((left.len(), left.last().unwrap().id), (MOST_TOKENS + 1, 2), "those that are over longest go");
}

#[tokio::test]
async fn a_new_file_knows_the_tokens_that_are_revoked() {
    let (place, store) = store().await;
    for (byte, name) in [(1, "ci"), (2, "ops")] {
        store.admin().put_token(token(byte, name)).await.unwrap();
    }
    store.admin().revoke_token([1; 32], Timestamp(60)).await.unwrap();
    std::fs::remove_file(&place.path).unwrap();
    store.admin().retain().await.unwrap();
    store.sink().append(vec![finished(&plain(7))]).await.unwrap();
    let tokens = store.reader().tokens().await.unwrap();
    let tokens: Vec<_> = tokens.iter().map(|token| (token.name.as_str(), token.revoked_at)).collect();
    assert_eq!(tokens, [("ops", None), ("ci", Some(Timestamp(60)))]);
}

#[tokio::test]
async fn entries_are_kept_amended_and_found() {
    let (_place, store) = store().await;
    let full = AuditEntry {
        address: Some("192.0.2.1".to_owned()),
        session: Some("0123456789ab".to_owned()),
        exchanges: vec![ExchangeId(7), ExchangeId(9)],
        filter: Some("host:a".to_owned()),
        count: Some(2),
        detail: Some(json!({"parts": ["detail"]})),
        ..entry(1, "Alice (uid 1000)", "read")
    };
    let ids = write(&store, [full.clone(), entry(2, "page", "export"), entry(3, "page", "delete")]).await;
    assert_eq!(ids, [1, 2, 3]);
    let found = store.reader().audit(&AuditFilter::default(), 2).await.unwrap();
    assert_eq!(
        found,
        [
            AuditEntry { id: 3, ..entry(3, "page", "delete") },
            AuditEntry { id: 2, ..entry(2, "page", "export") }
        ]
    );
    let amended = vec![
        AuditChange::Amend { id: 1, count: None, detail: Some(json!({"parts": ["body"]})) },
        AuditChange::Amend { id: 2, count: Some(40), detail: None },
        AuditChange::Amend { id: 99, count: Some(1), detail: None },
    ];
    assert!(store.admin().write_audit(amended).await.unwrap().is_empty());
    let before = |before| AuditFilter { before: Some(before), ..AuditFilter::default() };
    let found = store.reader().audit(&before(3), 10).await.unwrap();
    assert_eq!(found[0].count, Some(40));
    assert_eq!(found[1], AuditEntry { id: 1, detail: Some(json!({"parts": ["body"]})), ..full });
    for (filter, expect) in [
        (AuditFilter { who: Some("ALICE".to_owned()), ..AuditFilter::default() }, &[1][..]),
        (AuditFilter { who: Some("%".to_owned()), ..AuditFilter::default() }, &[]),
        (AuditFilter { action: Some("delete".to_owned()), ..AuditFilter::default() }, &[3]),
        (
            AuditFilter { since: Some(Timestamp(2)), until: Some(Timestamp(3)), ..AuditFilter::default() },
            &[2],
        ),
        (AuditFilter { who: Some("page".to_owned()), ..before(3) }, &[2]),
    ] {
        assert_eq!(times(&store, filter.clone()).await, expect, "{filter:?}");
    }
}

#[tokio::test]
async fn the_log_keeps_to_its_bounds_and_numbers_are_not_used_twice() {
    let (_place, store) = store().await;
    write(&store, (1..=5000).map(|at| entry(at, "page", "read"))).await;
    let all = || times(&store, AuditFilter::default());
    assert_eq!(store.admin().cut_audit(None, None).await.unwrap(), 0);
    assert_eq!(store.admin().cut_audit(Some(Timestamp(11)), Some(100_000)).await.unwrap(), 10);
    assert_eq!(store.admin().cut_audit(Some(Timestamp(11)), Some(10)).await.unwrap(), 4980);
    assert_eq!(all().await, (4991..=5000).rev().collect::<Vec<_>>());
    assert_eq!(store.admin().cut_audit(Some(Timestamp(9999)), None).await.unwrap(), 9);
    assert_eq!(write(&store, [entry(1, "page", "read")]).await, [5001]);
}
