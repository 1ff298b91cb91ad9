//! The npm packages whose code is in the built page, from its lock file.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Component, Components};
use xtask::root;

/// The packages that the page's sources import; the other packages only build and check it.
const BUNDLED: [&str; 2] = ["openapi-fetch", "svelte"];

/// These packages, and what they need.
pub(super) fn components() -> Result<Components> {
    let path = root().join("web-ui/frontend/package-lock.json");
    let lock: Value = serde_json::from_slice(&fs::read(path)?)?;
    let mut all = Components::new();
    let mut next: Vec<String> = BUNDLED.map(str::to_owned).to_vec();
    while let Some(name) = next.pop() {
        let package = &lock["packages"][format!("node_modules/{name}")];
        let version =
            package["version"].as_str().with_context(|| format!("{name} is not in the lock file"))?;
        let needs = package["dependencies"].as_object();
        let names: Vec<String> = needs.into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let needs: BTreeSet<String> = names.iter().filter_map(|name| reference(&lock, name)).collect();
        let component = Component {
            name: name.clone(),
            version: version.to_owned(),
            license: package["license"].as_str().map(str::to_owned),
            hash: package["integrity"].as_str().and_then(hash),
            needs,
            ..Component::default()
        };
        if let Some(reference) = reference(&lock, &name)
            && all.insert(reference, component).is_none()
        {
            next.extend(names);
        }
    }
    Ok(all)
}

/// Returns whether the page's own sources import the package.
pub(super) fn is_bundled(reference: &str) -> bool {
    BUNDLED.iter().any(|name| reference.starts_with(&format!("pkg:npm/{name}@")))
}

/// The package URL, in which a scope's `@` is escaped.
fn reference(lock: &Value, name: &str) -> Option<String> {
    let version = lock["packages"][format!("node_modules/{name}")]["version"].as_str()?;
    Some(format!("pkg:npm/{}@{version}", name.replace('@', "%40")))
}

/// `sha512-BASE64` as CycloneDX has it.
fn hash(integrity: &str) -> Option<(&'static str, String)> {
    let bytes = STANDARD.decode(integrity.strip_prefix("sha512-")?).ok()?;
    Some(("SHA-512", bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}
