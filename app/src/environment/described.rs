//! The table for people: what `dashcam run --clients` prints.

use std::fmt::Write as _;

use super::families::FAMILIES;
use super::family::Family;

/// Every family with the reason, the variables that it gets, and the system's files that ours lie over.
pub(crate) fn described() -> String {
    let mut text = String::new();
    for family in FAMILIES {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{}\n  {}", family.name, family.why);
        for (label, names) in [("sets", variables(family)), ("lays over", over(family))] {
            if !names.is_empty() {
                let _ = writeln!(text, "  {label} {}", names.join(", "));
            }
        }
    }
    text
}

fn variables(family: &Family) -> Vec<&'static str> {
    family.variables.iter().map(|(name, _)| *name).collect()
}

fn over(family: &Family) -> Vec<&'static str> {
    family.laid.iter().map(|(_, over)| *over).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_a_reason_and_does_something() {
        for family in FAMILIES {
            assert!(family.why.ends_with('.'), "{}", family.name);
            assert!(!family.variables.is_empty() || !family.laid.is_empty(), "{}", family.name);
        }
        let text = described();
        assert!(text.contains("Node.js\n") && text.contains("NODE_OPTIONS"), "{text}");
        assert!(text.contains("lays over /etc/ssl/certs/ca-certificates.crt"), "{text}");
    }
}
