//! gRPC over HTTP/2: unary calls, trailers, errors and streams through a CONNECT.

use anyhow::Result;
use dashcam_tests::clients::{python_script, run, serve};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::test_ca;
use serde_json::json;

use crate::same::{direct, fields, through};

#[tokio::test]
async fn calls_pass_and_their_trailers_are_recorded() -> Result<()> {
    pass_and_are_recorded("").await
}

/// Each response's end waits for the store here, and streams for room.
#[tokio::test]
async fn calls_pass_that_may_pass_only_if_they_are_recorded() -> Result<()> {
    pass_and_are_recorded("[[rules]]\nname = \"all\"\nlevel = \"full\"\nguarantee = \"lossless\"\n").await
}

async fn pass_and_are_recorded(config: &str) -> Result<()> {
    let (cert, key) = test_ca::shared()?.write("grpc", &["localhost"])?;
    let mut command = python_script("grpc_pair.py")?;
    command.arg("serve").arg(cert).arg(key);
    let server = serve(command).await?;
    let dashcam = Dashcam::start_with(config, &[]).await?;
    let mut got = Vec::new();
    for way in [direct()?, through(&dashcam)] {
        let mut command = python_script("grpc_pair.py")?;
        command.arg("client");
        let target = format!("localhost:{}", server.port);
        got.push(run(command, &json!({"target": target, "proxy": way.proxy, "ca": way.ca})).await?);
    }
    assert_eq!(got[0]["failure"], json!(["FAILED_PRECONDITION", "as you like"]));
    assert_eq!(got[0], got[1], "left: without dashcam, right: with it");

    let exchange = dashcam.api().ended("/dashcam.Test/Stream").await?;
    assert_eq!(exchange["request"]["version"], "HTTP/2");
    let trailers = fields(&exchange["response_body"]["trailers"])?;
    assert!(trailers.contains(&("grpc-status".to_owned(), "0".to_owned())), "{trailers:?}");
    let body = dashcam.api().bytes(&format!("/exchanges/{}/response/body", exchange["id"])).await?;
    let expected: Vec<u8> = (0..5).flat_map(|count| [0, 0, 0, 0, 2, b'n', b'0' + count]).collect();
    assert_eq!(body, expected);
    let rows = dashcam.api().ending_in("/dashcam.Test/Unary").await?;
    assert_eq!(rows.len(), 2);
    Ok(())
}
