//! wget: recursion, continuing, and uploads.

use std::collections::BTreeMap;

use anyhow::Result;
use dashcam_tests::clients::Way;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::digest;
use dashcam_tests::origin::Origin;
use dashcam_tests::wire::field;

use crate::both::both;
use crate::curl_site;
use crate::files::{finish, offer, program, tree};

/// Runs wget in an empty folder, and gives the files it leaves there.
async fn wget(way: &Way, arguments: &[&str], url: &str) -> Result<BTreeMap<String, String>> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("part"), "abcdefghij")?;
    let mut command = program("wget", way, folder.path());
    command.args(["--no-config", "--no-verbose", "--no-hsts", "--tries=1", "--ca-certificate"]).arg(&way.ca);
    if let Some(proxy) = &way.proxy {
        command.env("http_proxy", proxy);
    }
    finish({
        command.args(arguments).arg(url);
        command
    })
    .await?;
    tree(folder.path(), &[])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recursion() -> Result<()> {
    for origin in [Origin::http().await?, Origin::https1().await?] {
        let page = |links: &str| ("text/html", format!("<html><body>{links}</body></html>").into_bytes());
        let large: Vec<u8> = digest::pattern(300_000).flatten().collect();
        offer(
            &origin,
            BTreeMap::from([
                ("/".to_owned(), page("<a href='a/b.html'>b</a> <img src='picture'>")),
                ("/a/b.html".to_owned(), page("<a href='../c?x=1&amp;y=%20'>c</a>")),
                ("/c".to_owned(), ("text/plain", b"the end".to_vec())),
                ("/picture".to_owned(), ("image/png", large)),
                ("/robots.txt".to_owned(), ("text/plain", b"User-agent: *\n".to_vec())),
            ]),
        );
        let dashcam = Dashcam::unredacted(&[]).await?;
        let run = async |way: Way| wget(&way, &["--recursive", "--page-requisites"], &origin.url("/")).await;
        let (files, seen) = both(&origin, &dashcam, run).await?;
        assert_eq!(seen.len(), 5, "{seen:#?}");
        assert_eq!(files.len(), 6, "{files:#?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn continuing_and_uploads() -> Result<()> {
    let origin = Origin::https1().await?;
    let compressed = curl_site::compressed()?;
    origin.site().answer_with(move |request| curl_site::answer(request, &compressed));
    let dashcam = Dashcam::unredacted(&[]).await?;
    let run =
        async |way: Way| wget(&way, &["--continue", "--output-document=part"], &origin.url("/range")).await;
    let (files, seen) = both(&origin, &dashcam, run).await?;
    assert_eq!(field(&seen[0].fields, "range"), Some("bytes=10-"));
    assert_eq!(files["part"], digest::of(b"abcdefghijklmnopqrstuvwxyz"));
    let arguments = ["--method=PUT", "--body-file=part", "--header=X-Odd: a  b", "--compression=gzip"];
    let run = async |way: Way| wget(&way, &arguments, &origin.url("/digest?put")).await;
    let (_, seen) = both(&origin, &dashcam, run).await?;
    assert_eq!((seen[0].method.as_str(), seen[0].body.as_str()), ("PUT", "abcdefghij"));
    let run = async |way: Way| wget(&way, &["--max-redirect=5"], &origin.url("/redirect/302/3")).await;
    assert_eq!(both(&origin, &dashcam, run).await?.1.len(), 4);
    Ok(())
}
