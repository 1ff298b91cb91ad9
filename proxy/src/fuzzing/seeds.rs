//! Seeds and what fuzzing has found, without a fuzzer.

use std::path::Path;

/// Runs `target` on the inputs in `fuzz/{seeds,regressions}/NAME`; there are seeds at least.
fn check(name: &str, target: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    for (folder, least) in [("seeds", 5), ("regressions", 0)] {
        let Ok(entries) = fuzz.join(folder).join(name).read_dir() else {
            assert_eq!(least, 0, "no {folder} for {name}");
            continue;
        };
        let mut count = 0;
        for entry in entries {
            let path = entry.unwrap().path();
            // Shown when it fails.
            println!("{}", path.display());
            target(&std::fs::read(&path).unwrap());
            count += 1;
        }
        assert!(count >= least, "{count} {folder} for {name}");
    }
}

#[test]
fn detect() {
    check("detect", crate::fuzzing::detect);
}

#[test]
fn websocket() {
    check("websocket", crate::fuzzing::websocket);
}

#[test]
fn requests() {
    check("requests", crate::fuzzing::requests);
}

#[test]
fn responses() {
    check("responses", crate::fuzzing::responses);
}

#[test]
fn h2_requests() {
    check("h2_requests", crate::fuzzing::h2_requests);
}
