//! Fields in which clients of reverse listeners name the client they ask for.

use std::sync::{Arc, Mutex};

use anyhow::Result;
use dashcam_tests::eventually::within;
use dashcam_tests::h2::frame::{data, headers};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::{Fields, field, read_head, read_response};
use tokio::io::{AsyncWriteExt as _, BufReader};

use super::{client_h2, get, get_h2, reverse};

/// By HTTP/2's rules in lower case.
const CLAIMS: [&str; 22] = [
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-client-cert",
    "x_forwarded_for",
    "x-forwarded_proto",
    "forwarded",
    "x-real-ip",
    "x_real_ip",
    "client-cert",
    "client-cert-chain",
    "client_cert",
    "x-client-cert",
    "x-ssl-client-cert",
    "x-ssl-client-verify",
    "ssl-client-cert",
    "ssl_client_s_dn",
    "x-arr-clientcert",
    "true-client-ip",
    "cf-connecting-ip",
];

fn assert_replaced(fields: &Fields) {
    assert!(!fields.iter().any(|(_, value)| value.contains("forged")), "{fields:?}");
    assert_eq!(field(fields, "x-forwarded-for"), Some("127.0.0.1"), "{fields:?}");
    assert!(
        field(fields, "forwarded").is_some_and(|value| value.starts_with("for=127.0.0.1;")),
        "{fields:?}"
    );
    assert_eq!(field(fields, "x-other"), Some("kept"), "{fields:?}");
}

#[tokio::test]
async fn strangers_are_not_believed() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin.url(""), &["--trust-forwarded", "10.0.0.0/8"]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    for claim in CLAIMS {
        let h1 = format!("/headers?h1-{claim}");
        let name = claim.to_uppercase();
        get(&mut io, &h1, &format!("{name}: forged\r\nX-Other: kept\r\n{claim}: forged\r\n")).await?;
        assert_replaced(&origin.site().seen_for(&h1).remove(0).fields);
        let h2 = format!("/headers?h2-{claim}");
        get_h2(&dashcam, &h2, &[(claim, "forged"), ("x-other", "kept")]).await?;
        assert_replaced(&origin.site().seen_for(&h2).remove(0).fields);
    }
    let recorded = dashcam.api().ended("/headers?h1-x-real-ip").await?;
    assert!(recorded["request"].to_string().contains("forged"), "the record has what came: {recorded}");
    assert!(!recorded["request_sent"].to_string().contains("forged"), "and what went on: {recorded}");
    Ok(())
}

#[tokio::test]
async fn who_is_trusted_is_believed() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin.url(""), &["--trust-forwarded", "127.0.0.0/8"]).await?;
    let told = "X-Forwarded-For: 192.0.2.1\r\nX-Real-IP: 192.0.2.1\r\nX-Forwarded-Proto: wss\r\nX-SSL-Client-Cert: c\r\n";
    get(&mut raw::open(dashcam.proxy()).await?, "/headers?trusted", told).await?;
    let seen = origin.site().seen_for("/headers?trusted").remove(0).fields;
    assert_eq!(field(&seen, "x-forwarded-for"), Some("192.0.2.1, 127.0.0.1"));
    for (name, value) in
        [("x-real-ip", "192.0.2.1"), ("x-forwarded-proto", "wss"), ("x-ssl-client-cert", "c")]
    {
        assert_eq!(field(&seen, name), Some(value), "{seen:?}");
    }
    Ok(())
}

/// Behind the body a recipient may merge them with the head.
#[tokio::test]
async fn nor_in_trailers() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin.url(""), &[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let head = "POST /echo?trailers-h1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let rest = "1\r\nx\r\n0\r\nX-Sum: 1\r\nX-Forwarded-For: forged\r\nX_Real_IP: forged\r\nClient-Cert: forged\r\n\r\n";
    raw::send(&mut io, &format!("{head}{rest}")).await?;
    within("an answer", read_response(&mut io, "POST")).await?;
    let mut peer = client_h2(&dashcam).await?;
    let post = [
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":path", "/echo?trailers-h2"),
    ];
    let trailers = [("x-sum", "1"), ("x-forwarded-for", "forged"), ("x_real_ip", "forged")];
    let frames = [headers(1, &post, false), data(1, b"x", false), headers(1, &trailers, true)];
    peer.write(&frames.concat()).await?;
    peer.response(1).await?;
    for target in ["/echo?trailers-h1", "/echo?trailers-h2"] {
        let trailers = origin.site().seen_for(target).remove(0).trailers;
        assert_eq!(trailers.len(), 1, "{trailers:?}");
        assert_eq!(field(&trailers, "x-sum"), Some("1"));
    }
    Ok(())
}

#[tokio::test]
async fn nor_in_upgrades() -> Result<()> {
    let seen = Arc::new(Mutex::new(Fields::new()));
    let keep = Arc::clone(&seen);
    let origin = Origin::raw(move |stream| {
        let keep = Arc::clone(&keep);
        async move {
            let mut io = BufReader::new(stream);
            let head = read_head(&mut io).await?;
            *keep.lock().unwrap() = head.map(|head| head.fields).unwrap_or_default();
            io.write_all(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
                .await?;
            Ok(())
        }
    })
    .await?;
    let dashcam = reverse(&format!("http://{}", origin.address()), &[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let fields = "Connection: Upgrade\r\nUpgrade: x\r\nX-Forwarded-For: forged\r\nX-Real-IP: forged\r\nX-Other: kept\r\n";
    raw::send(&mut io, &format!("GET /upgrade HTTP/1.1\r\nHost: a\r\n{fields}\r\n")).await?;
    let head = within("an answer", read_head(&mut io)).await?;
    assert_eq!(head.map(|head| head.status()).transpose()?, Some(101));
    assert_replaced(&seen.lock().unwrap());
    Ok(())
}
