//! Seeds, what fuzzing has found, and small changes of both, without a fuzzer.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use super::mutate::mutations;

/// Runs `target` on the inputs in `fuzz/{seeds,regressions}/NAME`, and on `count` inputs made from them.
fn check(name: &str, target: fn(&[u8]), count: usize) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let mut paths: Vec<PathBuf> = ["seeds", "regressions"]
        .into_iter()
        .filter_map(|folder| fuzz.join(folder).join(name).read_dir().ok())
        .flat_map(|entries| entries.map(|entry| entry.unwrap().path()))
        .collect();
    paths.sort();
    assert!(paths.len() >= 5, "{} inputs for {name}", paths.len());
    let kept: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let run = |input: &[u8]| {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(input))) {
            println!("the input, to keep in fuzz/regressions/{name}:\n{}", input.escape_ascii());
            resume_unwind(panic);
        }
    };
    kept.iter().for_each(|input| run(input));
    mutations(&kept, &words(&fuzz), count, run);
}

/// The words of HTTP in libFuzzer's dictionary: its lines `"WORD"`, with `\xHH` for bytes.
fn words(fuzz: &Path) -> Vec<Vec<u8>> {
    let file = std::fs::read_to_string(fuzz.join("http.dict")).unwrap();
    let quoted = file.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    let word = |text: &str| {
        let mut pieces = text.split("\\x");
        let mut word = pieces.next().unwrap_or_default().as_bytes().to_vec();
        for piece in pieces {
            let (byte, rest) = piece.split_at(2);
            word.push(u8::from_str_radix(byte, 16).unwrap());
            word.extend_from_slice(rest.as_bytes());
        }
        word
    };
    quoted.map(word).collect()
}

#[test]
fn detect() {
    check("detect", crate::fuzzing::detect, 100_000);
}

#[test]
fn websocket() {
    check("websocket", crate::fuzzing::websocket, 20_000);
}

#[test]
fn requests() {
    check("requests", crate::fuzzing::requests, 10_000);
}

#[test]
fn responses() {
    check("responses", crate::fuzzing::responses, 10_000);
}

#[test]
fn h2_requests() {
    check("h2_requests", crate::fuzzing::h2_requests, 10_000);
}
