//! The crates, as Cargo resolves them for the systems that dashcam is built for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{Component, Components};
use xtask::root;

/// The systems of `deny.toml`.
const TARGETS: [&str; 3] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin"];
/// The program's package.
const PROGRAM: &str = "dashcam";

/// A package on its way through the graph: its number, and whether it is only there to build.
type Step<'m> = (&'m str, bool);

/// The reference of the program, and all that it is made of.
pub(super) fn components() -> Result<(String, Components)> {
    let checksums = checksums()?;
    let (mut all, mut program) = (Components::new(), None);
    for target in TARGETS {
        let metadata = metadata(target)?;
        let packages = metadata["packages"].as_array().context("no packages")?;
        let by_id: BTreeMap<&str, &Value> = packages.iter().map(|one| (text(one, "id"), one)).collect();
        let nodes = metadata["resolve"]["nodes"].as_array().context("no graph")?;
        let nodes: BTreeMap<&str, &Value> = nodes.iter().map(|one| (text(one, "id"), one)).collect();
        let first = packages.iter().find(|one| text(one, "name") == PROGRAM).context("no program")?;
        program = Some(reference(first));
        for (id, only_builds) in reached(text(first, "id"), &nodes) {
            let package = by_id.get(id).with_context(|| format!("{id} is no package"))?;
            let needs = needs(id, &nodes).map(|(id, _)| by_id.get(id).map(|one| reference(one)));
            let needs: BTreeSet<String> = needs.flatten().collect();
            let component = all.entry(reference(package)).or_insert_with(|| component(package, &checksums));
            component.needs.extend(needs);
            component.only_builds &= only_builds;
        }
    }
    Ok((program.context("no program")?, all))
}

/// The packages that `first` needs, itself included; tests aside. One that both builds and is built in counts as the
/// latter.
fn reached<'m>(first: &'m str, nodes: &BTreeMap<&'m str, &'m Value>) -> BTreeMap<&'m str, bool> {
    let mut reached: BTreeMap<&str, bool> = BTreeMap::new();
    let mut next: Vec<Step<'m>> = vec![(first, false)];
    while let Some((id, only_builds)) = next.pop() {
        if reached.get(id).is_some_and(|before| !before || only_builds) {
            continue;
        }
        reached.insert(id, only_builds);
        next.extend(needs(id, nodes).map(|(need, builds)| (need, only_builds || builds)));
    }
    reached
}

/// The needs of a package, and whether they are only for building it.
fn needs<'m>(id: &str, nodes: &BTreeMap<&'m str, &'m Value>) -> impl Iterator<Item = Step<'m>> {
    let needs = nodes.get(id).and_then(|node| node["deps"].as_array());
    needs.into_iter().flatten().filter_map(|need| {
        let kinds = need["dep_kinds"].as_array()?;
        let has = |kind: Option<&str>| kinds.iter().any(|one| one["kind"].as_str() == kind);
        (has(None) || has(Some("build"))).then(|| (text(need, "pkg"), !has(None)))
    })
}

fn component(package: &Value, checksums: &BTreeMap<(String, String), String>) -> Component {
    let (name, version) = (text(package, "name").to_owned(), text(package, "version").to_owned());
    let checksum = checksums.get(&(name.clone(), version.clone()));
    Component {
        hash: checksum.map(|digest| ("SHA-256", digest.clone())),
        // Older manifests write a slash for OR.
        license: package["license"].as_str().map(|license| license.replace('/', " OR ").replace("  ", " ")),
        source: package["repository"].as_str().filter(|url| url.starts_with("https://")).map(str::to_owned),
        only_builds: true,
        needs: BTreeSet::new(),
        name,
        version,
    }
}

/// The package URL.
fn reference(package: &Value) -> String {
    format!("pkg:cargo/{}@{}", text(package, "name"), text(package, "version").replace('+', "%2B"))
}

fn metadata(target: &str) -> Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--locked", "--filter-platform", target];
    let output = Command::new(cargo).args(arguments).current_dir(root()).output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The checksums of `Cargo.lock`, by name and version.
fn checksums() -> Result<BTreeMap<(String, String), String>> {
    let lock: toml::Table = fs::read_to_string(root().join("Cargo.lock"))?.parse()?;
    let packages =
        lock.get("package").and_then(toml::Value::as_array).context("no packages in Cargo.lock")?;
    let text =
        |package: &toml::Value, key: &str| package.get(key).and_then(|one| one.as_str().map(str::to_owned));
    let sums = packages.iter().filter_map(|package| {
        Some(((text(package, "name")?, text(package, "version")?), text(package, "checksum")?))
    });
    Ok(sums.collect())
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}
