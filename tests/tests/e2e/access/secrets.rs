//! The page's token and cookies: recorded nowhere, and passed on to nobody.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::{field, read_response};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{get, get_h2, get_through, reverse};

fn token(dashcam: &Dashcam) -> Result<String> {
    Ok(std::fs::read_to_string(dashcam.home().join("token"))?.trim().to_owned())
}

/// All that is said of an exchange, bodies included.
async fn record(dashcam: &Dashcam, path: &str) -> Result<String> {
    let exchange = dashcam.api().ended(path).await?;
    let mut text = exchange.to_string();
    for side in ["request", "response"] {
        let path = format!("/exchanges/{}/{side}/body", exchange["id"]);
        text += &String::from_utf8_lossy(&dashcam.api().call("GET", &path, &Value::Null).await?.body);
    }
    Ok(text)
}

#[tokio::test]
async fn the_token_wherever_it_stands() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let token = token(&dashcam)?;
    let stars = "*".repeat(token.len());
    let fields = format!("Authorization: Bearer {token}\r\nReferer: http://a/?token={token}\r\n");
    get_through(&dashcam, &origin, &format!("/headers?token={token}&at=head"), &fields).await?;
    let target = format!("/headers?token={token}&at=head");
    assert_eq!(origin.site().seen_for(&target).len(), 1, "what passes is not touched");
    let recorded = record(&dashcam, "&at=head").await?;
    assert!(recorded.contains(&stars) && !recorded.contains(&token), "{recorded}");

    let mut io = raw::open(dashcam.proxy()).await?;
    let (url, body) = (origin.url("/echo?at=body"), format!("{{\"token\": \"{token}\"}}"));
    let (first, second) = body.split_at(body.len() / 2);
    let head = format!("POST {url} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{first}", body.len());
    raw::send(&mut io, &head).await?;
    raw::send(&mut io, second).await?;
    let got = within("an answer", read_response(&mut io, "POST")).await?;
    assert!(String::from_utf8_lossy(&got.body).contains(&token), "it is echoed");
    let recorded = record(&dashcam, "/echo?at=body").await?;
    assert!(recorded.contains(&stars) && !recorded.contains(&token), "{recorded}");
    Ok(())
}

#[tokio::test]
async fn a_new_token_too() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let old = token(&dashcam)?;
    let rotated = dashcam.api().call("POST", "/token/rotate", &Value::Null).await?;
    assert_eq!(rotated.head.status()?, 204);
    let new = token(&dashcam)?;
    assert_ne!(old, new);
    get_through(&dashcam, &origin, "/headers?rotated", &format!("X-Tokens: {old} {new}\r\n")).await?;
    let recorded = record(&dashcam, "/headers?rotated").await?;
    assert!(!recorded.contains(&old) && !recorded.contains(&new), "{recorded}");
    Ok(())
}

/// Browsers send cookies to all ports of a host.
#[tokio::test]
async fn the_pages_cookies_stay_with_it() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin.url(""), &[]).await?;
    let root = std::fs::read_to_string(dashcam.ca())?;
    let digest = u32::from_be_bytes(Sha256::digest(root)[..4].try_into()?);
    let own = format!("dashcam_session_{}_{digest:08x}", dashcam.page().port());
    let cookies = format!("a=1; {own}=mysession; dashcam_token=mytoken; b=2");
    get(&mut raw::open(dashcam.proxy()).await?, "/headers?h1", &format!("Cookie: {cookies}\r\n")).await?;
    let crumbs = [("cookie", "a=1"), ("cookie", &format!("{own}=mysession")), ("cookie", "b=2")];
    get_h2(&dashcam, "/headers?h2", &crumbs).await?;
    for path in ["/headers?h1", "/headers?h2"] {
        let seen = origin.site().seen_for(path).remove(0);
        assert_eq!(field(&seen.fields, "cookie"), Some("a=1; b=2"), "{:?}", seen.fields);
        let recorded = record(&dashcam, path).await?;
        assert!(recorded.contains(&own), "{recorded}");
        assert!(!recorded.contains("mysession") && !recorded.contains("mytoken"), "{recorded}");
    }
    Ok(())
}

#[tokio::test]
async fn what_was_meant_for_the_page_leaves_no_more_than_where_it_went() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let fields = "Cookie: a=confidential\r\nAuthorization: Basic confidential\r\n";
    for (address, status) in [(dashcam.page(), 403), (dashcam.proxy(), 508)] {
        let path = format!("/own/{status}");
        let mut io = raw::open(dashcam.proxy()).await?;
        let got = get(&mut io, &format!("http://{address}{path}?q=confidential"), fields).await?;
        assert_eq!(got.head.status()?, status);
        let recorded = record(&dashcam, &format!("{path}?[redacted]")).await?;
        assert!(!recorded.contains("confidential"), "{recorded}");
    }
    Ok(())
}
