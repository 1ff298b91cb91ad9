//! An exchange's facts about both connections, of the heads as sent, and of being refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::{
    Certificate, Connection, Failure, Record, RequestHead, Side, Stage, State, Timestamp, TlsFacts, Upstream,
    UpstreamConnection, UpstreamConnectionId, Version, sample,
};
use hyper::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};

/// The DER of dashcam's own root: any certificate will do.
async fn root(instance: &Instance) -> Certificate {
    let pem = instance.get("/ca.pem").await;
    let pem = std::str::from_utf8(&pem.body).unwrap();
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    Certificate::new(&STANDARD.decode(base64).unwrap())
}

fn upstream_connection(certificates: &[&Certificate]) -> UpstreamConnection {
    UpstreamConnection {
        id: UpstreamConnectionId(4),
        opened_at: Timestamp(1_795_359_845_000_000),
        destination: "a:443".to_owned(),
        address: "192.0.2.1:443".to_owned(),
        local_address: Some("192.0.2.2:50000".to_owned()),
        dns_us: None,
        connect_us: Some(2),
        tls_us: Some(3),
        tls: Some(facts(certificates)),
        client_certificate: None,
        parent: None,
        tried: None,
    }
}

fn facts(certificates: &[&Certificate]) -> TlsFacts {
    TlsFacts {
        version: "TLSv1.3".to_owned(),
        cipher: "TLS13_AES_256_GCM_SHA384".to_owned(),
        sni: Some("a".to_owned()),
        alpn: Some("h2".to_owned()),
        certificates: certificates.iter().copied().cloned().collect(),
    }
}

fn upstream(connection: i64) -> Option<Upstream> {
    Some(Upstream {
        address: "192.0.2.1:443".to_owned(),
        reused: false,
        tls_version: Some("TLSv1.3".to_owned()),
        connection: Some(UpstreamConnectionId(connection)),
    })
}

#[tokio::test]
async fn certificates_are_read_where_they_are_at_hand() {
    let instance = Instance::start().await;
    let (root, junk) = (root(&instance).await, Certificate::new(b"junk"));
    let client = Connection { tls: Some(facts(&[&root])), ..sample::connection(3) };
    let (mut known, mut unknown) = (exchange(1, "a", "/", &[], b""), exchange(2, "a", "/", &[], b""));
    (known.upstream, unknown.upstream) = (upstream(4), upstream(5));
    let records = vec![
        Record::Certificate { certificate: root.clone(), at: Timestamp(0) },
        Record::Connection(Box::new(client)),
        Record::UpstreamConnection(Box::new(upstream_connection(&[&root, &junk]))),
    ];
    instance.store.sink().append(records).await.unwrap();
    instance.record([known, unknown]).await;

    let answer = instance.get("/exchanges/1").await.json();
    let connection = &answer["upstream"]["connection"];
    assert_eq!((&connection["id"], &connection["connect_us"]), (&json!(4), &json!(2)));
    let [shown, unread] = connection["tls"]["certificates"].as_array().unwrap().as_slice() else {
        panic!("{connection}")
    };
    assert_eq!(shown["sha256"], root.sha256.to_string());
    assert!(shown["subject"].as_str().unwrap().contains("dashcam"), "{shown}");
    assert_eq!(shown["subject"], shown["issuer"]);
    assert!(shown["not_before"].as_str().unwrap() < shown["not_after"].as_str().unwrap(), "{shown}");
    assert_eq!((&unread["sha256"], &unread["subject"]), (&json!(junk.sha256.to_string()), &Value::Null));
    assert_eq!(instance.get("/exchanges/2").await.json()["upstream"]["connection"], Value::Null);

    let client = &instance.get("/connections/3").await.json()["tls"]["certificates"][0];
    assert_eq!(client, shown);
    let listed = &instance.get("/connections").await.json()["connections"][0]["tls"]["certificates"][0];
    assert_eq!((&listed["sha256"], &listed["subject"]), (&shown["sha256"], &Value::Null));

    let pem = instance.get(&format!("/certificates/{}.pem", root.sha256)).await;
    assert_eq!(pem.body, instance.get("/ca.pem").await.body);
    for missing in [junk.sha256.to_string() + ".pem", root.sha256.to_string(), "x.pem".to_owned()] {
        let answer = instance.get(&format!("/certificates/{missing}")).await;
        assert_eq!(answer.error(), (404, "not_found".to_owned()), "{missing}");
    }
    instance.stop().await;
}

#[tokio::test]
async fn heads_as_sent_stand_beside_those_received() {
    let instance = Instance::start().await;
    let mut changed = exchange(1, "a", "/", &[("Connection", "close"), ("x", "1")], b"");
    let sent =
        RequestHead { version: Version::Http2, authority: Some("a".into()), ..changed.request.clone() };
    changed.request_sent = Some(sent);
    let mut response = changed.response.clone().unwrap();
    response.headers.remove("connection");
    changed.response_sent = Some(response);
    instance.record([changed, exchange(2, "a", "/", &[], b"")]).await;
    let answer = instance.get("/exchanges/1").await.json();
    assert_eq!(answer["request_sent"]["version"], "HTTP/2");
    assert_eq!(answer["response_sent"]["headers"], json!([["x", "1"]]));
    let same = instance.get("/exchanges/2").await.json();
    assert_eq!((&same["request_sent"], &same["response_sent"]), (&Value::Null, &Value::Null));
    let har = instance.get("/export.har").await.json();
    let entries = &har["log"]["entries"];
    assert_eq!(entries[0]["_response_sent"]["headers"], json!([{"name": "x", "value": "1"}]));
    assert_eq!(entries[1].get("_response_sent"), None);
    instance.stop().await;
}

#[tokio::test]
async fn what_was_refused_can_be_read_but_not_sent_again() {
    let instance = Instance::start().await;
    let mut refused = exchange(1, "127.0.0.1", "no slash", &[], b"");
    refused.state = State::Refused;
    refused.response_sent = refused.response.take();
    refused.failure = Some(Failure::new(Side::Client, Stage::RequestHead, "two lengths"));
    refused.request.method = "G\u{e4}T\0".to_owned();
    instance.record([refused, exchange(2, "a", "/", &[], b"")]).await;
    let list = instance.get("/exchanges?filter=Refused").await.json();
    assert_eq!((list["exchanges"].as_array().unwrap().len(), &list["exchanges"][0]["id"]), (1, &json!(1)));
    let answer = instance.get("/exchanges/1").await.json();
    assert_eq!((&answer["state"], &answer["url"]), (&json!("refused"), &json!("http://127.0.0.1/no slash")));
    assert_eq!((&answer["status"], &answer["response_sent"]["status"]), (&Value::Null, &json!(200)));
    let curl = instance.get("/exchanges/1/curl").await;
    assert_eq!(curl.status, 409, "curl would not send such a one");
    let har = instance.get("/export.har?filter=refused").await.json();
    assert_eq!(har["log"]["entries"][0]["_state"], "refused");
    let replay = instance.call(Method::POST, "/exchanges/1/replay", "").await;
    assert_eq!(replay.error(), (409, "conflict".to_owned()));
    instance.stop().await;
}
