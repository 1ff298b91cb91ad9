//! Which module of a crate imports which: modules that import each other in a circle can't be read, or changed, one by
//! one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use dashcam_tests::binary::root;
use syn::visit::Visit;

/// The crates whose modules are looked at.
const CRATES: [&str; 14] = [
    "app", "ca", "changes", "control", "demo", "exchange", "filter", "flight", "proxy", "recorder", "redact",
    "store", "views", "web-ui",
];
/// Two files may belong together so closely that each knows the other.
const MOST: usize = 2;
/// The services in memory reach into everything, for tests and fuzz targets.
const APART: [&str; 3] = ["bench", "fuzzing", "in_memory"];

type Name = Vec<String>;
type Graph = BTreeMap<Name, BTreeSet<Name>>;

/// The modules of a crate, as they lie in files.
fn modules(folder: &Path, name: &Name, found: &mut BTreeMap<Name, syn::File>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).context("a name")?.to_owned();
        if path.is_dir() {
            modules(&path, &[name.as_slice(), &[stem]].concat(), found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let own = match stem.as_str() {
                "lib" | "main" | "mod" => name.clone(),
                _ => [name.as_slice(), &[stem]].concat(),
            };
            let file = syn::parse_file(&fs::read_to_string(&path)?);
            found.insert(own, file.with_context(|| path.display().to_string())?);
        }
    }
    Ok(())
}

/// Collects the paths into its own crate that a module names, tests aside.
struct Paths<'a> {
    module: &'a Name,
    found: Vec<Name>,
}

impl Paths<'_> {
    fn note(&mut self, segments: &[String]) {
        let mut path = match segments.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self" | "super") => self.module.clone(),
            // A module of this one, or another crate: then it is nobody's name here.
            _ => [self.module.as_slice(), segments].concat(),
        };
        if matches!(segments.first().map(String::as_str), Some("crate" | "self" | "super")) {
            for segment in segments {
                match segment.as_str() {
                    "crate" | "self" => {}
                    "super" => drop(path.pop()),
                    _ => path.push(segment.clone()),
                }
            }
        }
        self.found.push(path);
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        match tree {
            syn::UseTree::Path(path) => {
                self.tree(&path.tree, &[before, &[path.ident.to_string()]].concat());
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item, before)),
            syn::UseTree::Name(name) => self.note(&[before, &[name.ident.to_string()]].concat()),
            syn::UseTree::Rename(name) => self.note(&[before, &[name.ident.to_string()]].concat()),
            syn::UseTree::Glob(_) => self.note(before),
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if matches!(segments[0].as_str(), "crate" | "super") {
            self.note(&segments);
        }
        syn::visit::visit_path(self, path);
    }

    /// `pub(in crate::x)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = module.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|only| only.is_ident("test"))
        });
        if !is_test {
            syn::visit::visit_item_mod(self, module);
        }
    }
}

/// The imports of a crate, without its root, which names everything.
fn graph(crate_folder: &Path) -> Result<Graph> {
    let mut files = BTreeMap::new();
    modules(&crate_folder.join("src"), &Vec::new(), &mut files)?;
    files.retain(|name, _| {
        name.last().is_some_and(|last| last != "tests" && !last.ends_with("_tests"))
            && !APART.contains(&name[0].as_str())
    });
    let mut graph = Graph::new();
    for (name, file) in &files {
        let mut paths = Paths { module: name, found: Vec::new() };
        paths.visit_file(file);
        let owner = |path: &Name| {
            (1..=path.len()).rev().map(|end| path[..end].to_vec()).find(|path| files.contains_key(path))
        };
        let known = paths.found.iter().filter_map(owner).filter(|known| known != name);
        graph.insert(name.clone(), known.collect());
    }
    Ok(graph)
}

/// All that `from` leads to.
fn reached<'g>(graph: &'g Graph, from: &'g Name) -> BTreeSet<&'g Name> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(name) = next.pop() {
        for known in &graph[name] {
            if reached.insert(known) {
                next.push(known);
            }
        }
    }
    reached
}

/// The circles of modules each of which leads to all others.
fn circles(graph: &Graph) -> BTreeSet<Vec<String>> {
    let reach: BTreeMap<&Name, BTreeSet<&Name>> =
        graph.keys().map(|name| (name, reached(graph, name))).collect();
    let circle = |name: &&Name| -> Vec<String> {
        let both = reach[*name].iter().filter(|other| reach[**other].contains(*name));
        both.map(|other| other.join("::")).collect()
    };
    reach.keys().map(circle).filter(|circle| circle.len() > MOST).collect()
}

#[test]
fn modules_are_in_no_circle() -> Result<()> {
    let mut found = String::new();
    for name in CRATES {
        for circle in circles(&graph(&root().join(name))?) {
            found += &format!("\n{name}: {} modules: {}", circle.len(), circle.join(", "));
        }
    }
    assert!(found.is_empty(), "modules import each other in circles:{found}");
    Ok(())
}

/// Names that say what a thing is like rather than what it is; `docs/GLOSSARY.md` has the words in their place.
const RETIRED: [&str; 25] = [
    "bell",
    "caller",
    "common",
    "conduit",
    "connection_log",
    "engine",
    "exposition",
    "facts",
    "hands",
    "handler",
    "helpers",
    "load",
    "manager",
    "mend",
    "mirror",
    "misc",
    "numbers",
    "older",
    "patience",
    "place",
    "salvage",
    "standing",
    "survey",
    "underway",
    "utils",
];

#[test]
fn no_module_has_a_retired_name() -> Result<()> {
    for name in CRATES {
        let mut files = BTreeMap::new();
        modules(&root().join(name).join("src"), &Vec::new(), &mut files)?;
        for module in files.keys() {
            let retired = module.last().filter(|last| RETIRED.contains(&last.as_str()));
            assert!(retired.is_none(), "{name}: {} is a retired name", module.join("::"));
        }
    }
    Ok(())
}

#[test]
fn circles_are_seen() {
    let name = |text: &str| vec![text.to_owned()];
    let edge = |from: &str, to: &[&str]| (name(from), to.iter().map(|to| name(to)).collect());
    let graph = Graph::from([edge("a", &["b"]), edge("b", &["c", "d"]), edge("c", &["a"]), edge("d", &[])]);
    assert_eq!(circles(&graph), BTreeSet::from([["a", "b", "c"].map(str::to_owned).to_vec()]));
    let mut paths = Paths { module: &vec!["a".to_owned(), "b".to_owned()], found: Vec::new() };
    let file = "use super::{c, d::E as F}; use crate::g::*; fn f() { crate::h::i(); }
        #[cfg(test)] mod tests { use crate::never; }";
    paths.visit_file(&syn::parse_file(file).unwrap());
    let found: Vec<_> = paths.found.iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["a::c", "a::d::E", "g", "h::i"]);
}
