//! How clients are told to trust the root.

mod clients;
mod plan;

use std::path::Path;

use clients::{CLIENTS, GENERAL};
pub use plan::{Plan, Step, install_plan, uninstall_plan};

/// How each kind of client is told to trust the root at `root`, as (client, text), in the order in which to
/// show them.
#[must_use]
pub fn instructions(root: &Path) -> Vec<(&'static str, String)> {
    CLIENTS.iter().map(|client| (client.name, with_root(client.text, root))).collect()
}

/// The cure for a client that does not trust the root at `root`, as a part of a sentence ("set …"). `runtime` is the
/// client's software by its name in the API; without one, or with one of which no cure is known, the cure is general.
#[must_use]
pub fn cure(runtime: Option<&str>, root: &Path) -> String {
    let known = CLIENTS.iter().find(|client| runtime.is_some_and(|name| client.runtimes.contains(&name)));
    with_root(known.map_or(GENERAL, |client| client.cure), root)
}

fn with_root(text: &str, root: &Path) -> String {
    text.replace("{root}", &root.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_names_the_root() {
        for (client, text) in instructions(Path::new("/h/ca.pem")) {
            assert!(!text.contains("{root}"), "{client}");
            assert!(client == "Any program" || text.contains("'/h/ca.pem'"), "{client}: {text}");
        }
    }

    #[test]
    fn every_cure_names_the_root_or_says_how_to() {
        let root = Path::new("/h/ca.pem");
        for client in CLIENTS {
            assert_eq!(client.cure.is_empty(), client.runtimes.is_empty(), "{}", client.name);
        }
        for (runtime, expect) in [
            (Some("node"), "set NODE_EXTRA_CA_CERTS to '/h/ca.pem'"),
            (Some("python"), "REQUESTS_CA_BUNDLE"),
            (Some("no such"), "`dashcam ca` shows how"),
            (None, "let it trust '/h/ca.pem'"),
        ] {
            assert!(cure(runtime, root).contains(expect), "{runtime:?}: {}", cure(runtime, root));
        }
    }
}
