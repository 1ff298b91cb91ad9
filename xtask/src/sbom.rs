//! `cargo xtask sbom`: what the program is made of, as a CycloneDX bill of materials, for those who watch for advisories.
//!
//! The same sources give the same bytes on every machine: nothing of the machine, nor the time, is in it.

mod crates;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// Where it goes if nothing else is said: in Cargo's target folder.
const FILE: &str = "sbom/dashcam.cdx.json";

/// Something that the program is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Component {
    name: String,
    version: String,
    /// An SPDX expression, if the package says one.
    license: Option<String>,
    /// The algorithm's name and the digest in hex.
    hash: Option<(&'static str, String)>,
    source: Option<String>,
    /// It runs while the program is built, and is no part of it.
    only_builds: bool,
    /// The crates that it needs, by their references.
    needs: BTreeSet<String>,
}

/// Components by their references, which are package URLs.
type Components = BTreeMap<String, Component>;

/// Writes the bill to `path`, or to the target folder.
pub(crate) fn write(path: Option<&str>) -> Result<()> {
    let default = xtask::tools::folder().with_file_name(FILE);
    let path = path.map_or(default.as_path(), Path::new);
    let text = serde_json::to_string_pretty(&bill()?)? + "\n";
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::write(path, text).with_context(|| path.display().to_string())?;
    eprintln!("{}", path.display());
    Ok(())
}

/// The bill of materials.
fn bill() -> Result<Value> {
    let (program, mut components) = crates::components()?;
    let bundled = page::components()?;
    // The page is built into the binary.
    let page: BTreeSet<String> = bundled.keys().filter(|one| page::is_bundled(one)).cloned().collect();
    components.get_mut(&program).context("the program is no package")?.needs.extend(page);
    components.extend(bundled);
    let edges: Vec<Value> =
        components.iter().map(|(reference, one)| json!({"ref": reference, "dependsOn": one.needs})).collect();
    let main = components.remove(&program).context("the program is no package")?;
    let list: Vec<Value> = components.iter().map(|(reference, one)| one.json(reference, "library")).collect();
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": main.json(&program, "application")},
        "components": list,
        "dependencies": edges,
    }))
}

impl Component {
    fn json(&self, reference: &str, kind: &str) -> Value {
        let scope = if self.only_builds { "excluded" } else { "required" };
        let mut json = json!({
            "type": kind,
            "bom-ref": reference,
            "name": self.name,
            "version": self.version,
            "purl": reference,
            "scope": scope,
        });
        if let Some(license) = &self.license {
            json["licenses"] = json!([{"expression": license}]);
        }
        if let Some((algorithm, digest)) = &self.hash {
            json["hashes"] = json!([{"alg": algorithm, "content": digest}]);
        }
        if let Some(source) = &self.source {
            json["externalReferences"] = json!([{"type": "vcs", "url": source}]);
        }
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(all: &'a Value, key: &str) -> Vec<&'a str> {
        all.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap()).collect()
    }

    #[test]
    fn the_bill_is_whole_and_the_same_everywhere() {
        let bill = bill().unwrap();
        assert_eq!(
            (bill["bomFormat"].as_str(), bill["specVersion"].as_str(), bill["version"].as_u64()),
            (Some("CycloneDX"), Some("1.5"), Some(1))
        );
        let main = &bill["metadata"]["component"];
        assert_eq!((main["type"].as_str(), main["name"].as_str()), (Some("application"), Some("dashcam")));
        let mut known = texts(&bill["components"], "bom-ref");
        assert!(known.is_sorted_by(|one, next| one < next), "in order, and none twice");
        known.push(main["bom-ref"].as_str().unwrap());
        let edges = bill["dependencies"].as_array().unwrap();
        assert_eq!(edges.len(), known.len());
        for edge in edges {
            let named = edge["dependsOn"].as_array().unwrap().iter().chain([&edge["ref"]]);
            named.for_each(|one| assert!(known.contains(&one.as_str().unwrap()), "{one}"));
        }
        let text = bill.to_string();
        assert!(!text.contains(xtask::root().to_str().unwrap()), "a path of this machine");
        assert_eq!(text, super::bill().unwrap().to_string());
    }

    #[test]
    fn packages_have_what_advisories_are_matched_by() {
        let bill = bill().unwrap();
        let lock = fs::read_to_string(xtask::root().join("Cargo.lock")).unwrap();
        let mut crates = 0;
        for one in bill["components"].as_array().unwrap() {
            let (purl, version) = (one["purl"].as_str().unwrap(), one["version"].as_str().unwrap());
            assert!(purl.starts_with("pkg:cargo/") || purl.starts_with("pkg:npm/"), "{purl}");
            assert!(purl.ends_with(&format!("@{}", version.replace('+', "%2B"))), "{purl}");
            assert!(one["licenses"][0]["expression"].is_string(), "{purl} has no licence");
            if let Some(digest) = one["hashes"][0]["content"].as_str()
                && purl.starts_with("pkg:cargo/")
            {
                crates += 1;
                assert!(digest.len() == 64 && lock.contains(digest), "{purl}");
            }
        }
        assert!(crates > 100, "{crates} crates");
        let all = texts(&bill["components"], "name");
        for expect in ["rustls", "libsqlite3-sys", "dashcam-proxy", "svelte"] {
            assert!(all.contains(&expect), "{expect}");
        }
        assert!(!all.contains(&"tempdir") && !all.contains(&"dashcam-tests"), "what only tests need");
    }
}
