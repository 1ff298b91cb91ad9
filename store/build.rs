//! Builds again when the schema changes: `migrate!` reads a folder that cargo does not know of.

fn main() {
    println!("cargo:rerun-if-changed=../migrations/sqlite");
}
