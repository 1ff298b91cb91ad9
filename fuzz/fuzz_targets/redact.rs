//! Bodies under redaction. `cargo xtask fuzz` builds and runs it.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| dashcam_redact::fuzzing::redact(input));

/// Without `--cfg fuzzing` there is nothing to run.
#[cfg(not(fuzzing))]
fn main() {
    eprintln!("built without instrumentation: use `cargo xtask fuzz`");
    std::process::exit(2);
}
