//! Secrets that were sealed, put back from a recording.

use std::sync::Arc;

use dashcam_exchange::{Headers, Record, Redaction, RequestHead, Seal, Timestamp};
use dashcam_redact::Keys;
use dashcam_store::Store;

use super::*;
use crate::payload::Parts;
use crate::sample;

const FAR: Timestamp = Timestamp(i64::MAX / 2);

struct Home {
    _folder: tempfile::TempDir,
    store: Store,
    keys: Arc<Keys>,
}

impl Home {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
        Self { _folder: folder, store, keys: Arc::new(Keys::new([1; 32])) }
    }

    /// The placeholder of a secret, which is sealed until `expires_at`.
    async fn seal(&self, secret: &str, expires_at: Timestamp) -> String {
        let id = self.keys.pseudonym(secret.as_bytes());
        let seal = Seal { id, sealed: self.keys.seal(secret.as_bytes(), &id), expires_at };
        self.store.sink().append(vec![Record::Seal(Box::new(seal))]).await.unwrap();
        format!("~sealed.token.{id}~")
    }

    fn unsealer(&self) -> Unsealer {
        Unsealer::new(self.store.reader(), Some(Arc::clone(&self.keys)))
    }
}

#[tokio::test]
async fn secrets_stand_again_in_heads() {
    let home = Home::new().await;
    let (one, other) = (home.seal("s3cret", FAR).await, home.seal("n\u{e4}chster", FAR).await);
    let mut exchange = sample::exchange();
    exchange.redaction = Some(Redaction { set: "default@1a2b3c4d".into(), replaced: 3 });
    exchange.request.target = format!("/a?key={other}&b=~");
    exchange.request.headers.push_line("Authorization", format!("  Bearer {one} "));
    exchange.request.headers.push_line("X-B", "1 ");
    exchange.request_body.trailers = Some([("x-key", one.as_str())].into_iter().collect::<Headers>());
    let unsealer = home.unsealer();
    unsealer.exchange(&mut exchange).await.unwrap();
    assert_eq!(exchange.request.target, "/a?key=n\u{e4}chster&b=~");
    assert_eq!(exchange.request.headers.text("authorization"), Some("Bearer s3cret"));
    assert_eq!(exchange.request_body.trailers.unwrap().text("x-key"), Some("s3cret"));
    assert_eq!(unsealer.counts(), Counts { put_back: 3, missing: 0 });
    assert!(!format!("{unsealer:?}").contains("s3cret"));
    // One that was recorded without redaction, whose client sent such a text.
    let mut exchange = sample::exchange();
    exchange.request.target = format!("/a?key={one}");
    unsealer.exchange(&mut exchange).await.unwrap();
    assert_eq!(exchange.request.target, format!("/a?key={one}"));
    assert!(unsealer.of(&exchange).is_none());
    home.store.close().await;
}

#[tokio::test]
async fn payloads_are_put_together_whatever_the_pieces() {
    let home = Home::new().await;
    let sealed = home.seal("a longer secret", FAR).await;
    let text = format!("~{sealed}~ {sealed}{sealed} ~sealed.x ~");
    let expect = "~a longer secret~ a longer secreta longer secret ~sealed.x ~";
    for size in [1, 7, 39, 64, 1000] {
        let mut pieces = Pieces::new(home.unsealer());
        let mut out = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            out.extend(pieces.push(piece.to_vec()).await.unwrap());
        }
        out.extend(pieces.end().await.unwrap());
        assert_eq!(String::from_utf8(out).unwrap(), expect, "{size}");
    }
    let parts = Parts::held(text.into_bytes()).unsealed(Some(&home.unsealer()));
    assert_eq!(parts.gathered(None).await.unwrap(), expect.as_bytes());
    home.store.close().await;
}

#[tokio::test]
async fn what_is_lost_is_named_with_its_place() {
    let home = Home::new().await;
    let sealed = home.seal("s3cret", FAR).await;
    let expired = home.seal("old", Timestamp(1)).await;
    let mut head = sample::exchange().request;
    head.target = "/?card=~masked.card.lt32~".to_owned();
    head.headers.push("Authorization", format!("Bearer {sealed}"));
    let lost = async |unsealer: &Unsealer, head: &RequestHead, body: &str| {
        let lost = lost_in_request(unsealer, head, body.as_bytes()).await.unwrap();
        lost.iter().map(LostValue::to_string).collect::<Vec<_>>()
    };
    let here = home.unsealer();
    assert_eq!(
        lost(&here, &head, &format!("{{\"a\": \"{expired}\"}}")).await,
        [
            "URL (card): it was replaced without being sealed",
            "body (token): its seal has expired or was deleted, or was never stored (flight recorder)"
        ]
    );
    head.target = "/".to_owned();
    assert_eq!(lost(&here, &head, "").await, [""; 0]);
    let nobody = Unsealer::new(home.store.reader(), None);
    let why = "header authorization (token): the file redaction.key is not in the home";
    assert_eq!(lost(&nobody, &head, "").await, [why]);
    let other = Unsealer::new(home.store.reader(), Some(Arc::new(Keys::new([2; 32]))));
    let why = "header authorization (token): it was sealed with another redaction.key";
    assert_eq!(lost(&other, &head, "").await, [why]);
    home.store.close().await;
}

#[test]
fn pieces_with_placeholders_stay_where_they_were() {
    let sealed = "~sealed.token.0123456789abcdef01234567~";
    let mut recorded = sample::exchange().request;
    recorded.headers.push("Authorization", format!("Bearer {sealed}"));
    let differs = |change: fn(&mut RequestHead), body: &str| {
        let mut sent = recorded.clone();
        change(&mut sent);
        sealed_pieces_differ((&recorded, b"{}"), (&sent, body.as_bytes()))
    };
    assert!(!differs(|_| {}, "{}"));
    assert!(!differs(|sent| sent.headers.push("X-New", "1"), "edited"));
    assert!(!differs(|sent| sent.headers.remove("authorization"), "{}"));
    assert!(differs(|_| {}, sealed));
    assert!(differs(|sent| sent.headers.push("X-New", "~sealed.token.0123456789abcdef01234567~"), "{}"));
    assert!(differs(|sent| sent.target = "/~sealed.token.0123456789abcdef01234567~".to_owned(), "{}"));
}
