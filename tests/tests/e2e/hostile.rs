//! Bytes that are no HTTP, at every place: an answer or a closed connection, and dashcam goes on.

use anyhow::Result;
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::same::through;

/// Pseudo-random bytes, the same each time.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..512)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect()
}

fn garbage() -> Vec<Vec<u8>> {
    let texts = [
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "CONNECT  HTTP/1.1\r\n\r\n",
        "CONNECT a:99999 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://user:secret@/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST http://127.0.0.1:9/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST http://127.0.0.1:9/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST http://127.0.0.1:9/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET / HTTP/1.1\r\nNo colon here\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\0\0\0\0\0",
        "\x16\x03\x01\x02\0\x01\0\x01",
    ];
    let huge = format!("GET http://127.0.0.1:9/ HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(2 << 20));
    let noises = (1..20).map(noise);
    texts.iter().map(|text| text.as_bytes().to_vec()).chain([huge.into_bytes()]).chain(noises).collect()
}

/// Sends `bytes`, says that nothing follows, and reads until dashcam closes.
async fn throw(mut io: dashcam_tests::origin::Stream, bytes: &[u8]) -> Result<()> {
    // dashcam may close before it has read all of it.
    let _closed_early = async {
        io.write_all(bytes).await?;
        io.flush().await?;
        io.shutdown().await
    }
    .await;
    within("dashcam closes the connection", async {
        let _reset = io.read_to_end(&mut Vec::new()).await;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_harms_nobody() -> Result<()> {
    let origin = Origin::https1().await?;
    let authority = format!("localhost:{}", origin.port());
    let dashcam = Dashcam::start(&[]).await?;
    for bytes in garbage() {
        throw(raw::open(dashcam.proxy()).await?, &bytes).await?;
        throw(raw::tunnel(dashcam.proxy(), &authority).await?, &bytes).await?;
        let secure =
            raw::tls(raw::tunnel(dashcam.proxy(), &authority).await?, &dashcam.ca(), "localhost").await?;
        throw(secure, &bytes).await?;
    }
    let got = ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/json?after"))]).await?;
    assert_eq!(got[0].status, 200);
    assert_eq!(dashcam.api().ended("/json?after").await?["state"], "complete");
    assert!(!dashcam.log().contains("panicked"), "{}", dashcam.log());
    Ok(())
}

#[tokio::test]
async fn an_upstream_that_answers_garbage() -> Result<()> {
    let origin = Origin::raw(|mut stream| async move {
        let _some = stream.read(&mut [0; 1024]).await?;
        Ok(stream.write_all(b"\x00\x01 this is not HTTP\r\n\r\n").await?)
    })
    .await?;
    let dashcam = Dashcam::start(&[]).await?;
    let got = ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/garbage"))]).await?;
    assert_eq!(got[0].status, 502);
    let exchange = dashcam.api().ended("/garbage").await?;
    assert_eq!(exchange["failure"]["stage"], "response_head");
    Ok(())
}
