//! Tests of the site's files, and of who may see its image.

use crate::body::Frame;
use crate::serve::setup_site::*;

fn site() -> SetupSite {
    let home = tempfile::tempdir().unwrap();
    SetupSite::new(&Authority::open_or_create(home.path()).unwrap().0, true)
}

fn head(method: &str, target: &str, referer: Option<&str>) -> RequestHead {
    RequestHead {
        method: method.to_owned(),
        target: target.to_owned(),
        authority: None,
        version: Version::Http11,
        headers: referer.map(|referer| ("Referer", referer)).into_iter().collect(),
    }
}

async fn text(mut response: Response) -> String {
    let Some(Ok(Frame::Data(body))) = response.body.frame().await else { panic!("no body") };
    String::from_utf8_lossy(&body).into_owned()
}

#[tokio::test]
async fn files() {
    let site = site();
    for (method, target, status, expect) in [
        ("GET", "/", 200, "Set up this device"),
        ("GET", "/?x", 200, "Set up this device"),
        ("GET", "/ca.pem", 200, "BEGIN CERTIFICATE"),
        ("GET", "/ca.mobileconfig", 200, "com.apple.security.root"),
        ("GET", "/style.css", 200, "color-scheme"),
        ("GET", "/check", 200, "This is not over HTTPS"),
        ("GET", "/api/v1/status", 404, "no such page"),
        ("POST", "/", 405, "Only GET"),
    ] {
        let response = site.answer(&head(method, target, None), Scheme::Http);
        assert_eq!(response.head.status, status, "{method} {target}");
        let headers = &response.head.headers;
        assert_eq!(headers.text("cross-origin-resource-policy"), Some("same-origin"), "{target}");
        assert!(
            headers.text("set-cookie").is_none() && headers.text("access-control-allow-origin").is_none()
        );
        let text = text(response).await;
        assert!(text.contains(expect), "{method} {target}: {text}");
        assert!(!text.contains("{host}") && !text.contains("{check}") && !text.contains("{fingerprint}"));
    }
}

/// A page of another site can't find out by the image that its visitor trusts dashcam.
#[test]
fn the_image_is_shown_to_this_site_alone() {
    let site = site();
    for (scheme, referer, status) in [
        (Scheme::Https, Some("http://dashcam.test/"), 200),
        (Scheme::Https, Some("https://dashcam.test/"), 200),
        (Scheme::Https, Some("https://dashcam.test.evil.example/"), 404),
        (Scheme::Https, Some("https://evil.example/?http://dashcam.test/"), 404),
        (Scheme::Https, None, 404),
        (Scheme::Http, Some("http://dashcam.test/"), 404),
    ] {
        let response = site.answer(&head("GET", "/trusted.svg", referer), scheme);
        assert_eq!(response.head.status, status, "{scheme:?} {referer:?}");
    }
}

#[test]
fn it_is_at_its_name_and_can_be_switched_off() {
    let at = |host: &str| Destination { scheme: Scheme::Http, host: host.to_owned(), port: 8080 };
    let mut site = site();
    assert!(
        site.is_at(&at(HOST)) && !site.is_at(&at("dashcam.test.example")) && !site.is_at(&at("127.0.0.1"))
    );
    site.authority = None;
    assert!(!site.is_at(&at(HOST)));
}
