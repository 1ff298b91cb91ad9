//! Clients whose handshake fails: the connection's record says why.

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::test_ca;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{client, connect, handshake, openssl};

/// Waits for a connection that failed in the client's handshake with `expect` in its message.
async fn failed(dashcam: &Dashcam, expect: &str) -> Result<()> {
    let newest = |row: &Value| !row["failure"].is_null();
    let connection = dashcam.api().connection(expect, newest).await?;
    let failure = &connection["failure"];
    assert_eq!(
        (&failure["side"], &failure["stage"]),
        (&"client".into(), &"tls_handshake".into()),
        "{failure}"
    );
    let message = failure["message"].as_str().context("no message")?;
    println!("{message}");
    assert!(message.contains(expect) && message.contains("localhost"), "{expect}: {message}");
    Ok(())
}

#[tokio::test]
async fn clients_of_openssl() -> Result<()> {
    let origin = Origin::https1().await?;
    for (options, expect) in
        [("-verify_return_error", "rejected dashcam's certificate"), ("-alpn http/0.9,h2c,http/1.x", "ALPN")]
    {
        let dashcam = Dashcam::start(&[]).await?;
        let line = format!(
            "-proxy {} -connect localhost:{} -servername localhost {options}",
            dashcam.proxy(),
            origin.port()
        );
        let printed = openssl::client(&line, "").await?;
        failed(&dashcam, expect).await.with_context(|| format!("{options}: {printed}"))?;
    }
    Ok(())
}

/// Those whose TLS we don't speak; what each of them offers, and what the record says where it can't be served.
const FOREIGN: [(&str, &str); 5] = [
    ("-tls1_1 -cipher ALL:@SECLEVEL=0", "1.1 or older"),
    ("-tls1_2 -cipher AES128-SHA:@SECLEVEL=0", "in common"),
    ("-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256", "in common"),
    ("-tls1_2 -sigalgs RSA-PSS+SHA256", "kind of certificate"),
    ("-tls1_3 -groups P-521", "no key exchange in common"),
];

/// Through a forward listener they reach a server that speaks it, as without dashcam.
#[tokio::test]
async fn foreign_clients_are_tunnelled() -> Result<()> {
    let folder = tempfile::tempdir()?;
    openssl::run(
        folder.path(),
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out rsa.pem -subj /CN=localhost",
    )
    .await?;
    let files = (folder.path().join("rsa.pem"), folder.path().join("key.pem"));
    let server = openssl::server((&files.0, &files.1), "-cipher ALL:@SECLEVEL=0 -groups P-521:P-256").await?;
    for (options, _) in FOREIGN {
        let dashcam = Dashcam::start(&[]).await?;
        let line = format!(
            "-proxy {} -connect localhost:{} -servername localhost -CAfile {} -verify_return_error -ign_eof {options}",
            dashcam.proxy(),
            server.port,
            files.0.display()
        );
        let printed = openssl::client(&line, "GET / HTTP/1.0\r\n\r\n").await?;
        assert!(printed.contains("200 ok"), "{options}: {printed}");
        let connection = dashcam.api().connection("closed", |row| !row["closed_at"].is_null()).await?;
        assert_eq!((&connection["verdict"], &connection["failure"]), (&"tunnel".into(), &Value::Null));
    }
    Ok(())
}

/// A reverse listener has nothing else for them.
#[tokio::test]
async fn foreign_clients_are_refused_by_reverse_listeners() -> Result<()> {
    let origin = Origin::http().await?;
    for (options, expect) in FOREIGN {
        let dashcam = Dashcam::start(&["-m", &format!("reverse:{}@127.0.0.1:0", origin.url(""))]).await?;
        let line = format!("-connect {} -servername localhost {options}", dashcam.proxy());
        let printed = openssl::client(&line, "").await?;
        assert!(printed.contains("alert"), "{options}: {printed}");
        let connection = dashcam.api().connection(expect, |row| !row["failure"].is_null()).await?;
        let failure = &connection["failure"];
        assert_eq!(
            (&failure["side"], &failure["stage"]),
            (&"client".into(), &"tls_handshake".into()),
            "{failure}"
        );
        assert!(failure["message"].as_str().is_some_and(|message| message.contains(expect)), "{failure}");
    }
    Ok(())
}

#[tokio::test]
async fn clients_that_break_off() -> Result<()> {
    let origin = Origin::https1().await?;
    let authority = format!("localhost:{}", origin.port());
    // As far as a ClientHello, and then something else.
    let hello = {
        let mut client = rustls::ClientConnection::new(
            std::sync::Arc::new(client(&test_ca::shared()?.file(), &[])?),
            "localhost".try_into()?,
        )?;
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes)?;
        bytes
    };
    for (then, expect) in [
        (&b""[..], "closed the connection during the TLS handshake"),
        (b"GET / HTTP/1.1\r\n\r\n", "something that is not TLS"),
        (b"\x15\x03\x03\x00\x02\x02\x30", "rejected dashcam's certificate for localhost (unknown_ca)"),
        (b"\x15\x03\x03\x00\x02\x02\x2d", "clock"),
        (b"\x15\x03\x03\x00\x02\x02\x5a", "gave up"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "nothing acceptable"),
    ] {
        let dashcam = Dashcam::start(&[]).await?;
        let mut io = connect(dashcam.proxy(), Some(&authority)).await?;
        io.write_all(&hello).await?;
        io.read_u8().await?;
        io.write_all(then).await?;
        io.shutdown().await?;
        let _reset = io.read_to_end(&mut Vec::new()).await;
        failed(&dashcam, expect).await?;
    }
    Ok(())
}

/// A client with a pinned certificate: it closes, or sends an alert, and is told to be tunnelled.
#[tokio::test]
async fn a_client_that_pins() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let io = connect(dashcam.proxy(), Some(&format!("localhost:{}", origin.port()))).await?;
    assert!(handshake(client(&test_ca::shared()?.file(), &[])?, "localhost", io).await.is_err());
    failed(&dashcam, "dashcam tunnels it unread for a while when it has refused several times").await
}

/// One that says nothing more is let go of.
#[tokio::test]
async fn a_client_that_stalls() -> Result<()> {
    let home = tempfile::tempdir()?;
    super::write(home.path(), "config.toml", "[timeouts]\ntls_handshake = '300ms'\n")?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let origin = Origin::https1().await?;
    let mut io = connect(dashcam.proxy(), Some(&format!("localhost:{}", origin.port()))).await?;
    let mut client = rustls::ClientConnection::new(
        std::sync::Arc::new(client(&dashcam.ca(), &[])?),
        "localhost".try_into()?,
    )?;
    let mut hello = Vec::new();
    client.write_tls(&mut hello)?;
    io.write_all(&hello).await?;
    let _end = dashcam_tests::eventually::within("it is let go of", async {
        Ok(io.read_to_end(&mut Vec::new()).await)
    })
    .await?;
    failed(&dashcam, "did not finish the TLS handshake for localhost within 0.3 s").await
}
