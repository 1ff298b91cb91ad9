//! The committed OpenAPI document is the one that the routes make.

use std::fs;
use std::path::Path;

#[test]
fn the_committed_document_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let current = dashcam_web_ui::openapi();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &current).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "web-ui/openapi.json is not current: UPDATE=1 cargo test -p dashcam-web-ui --test openapi"
    );
}
