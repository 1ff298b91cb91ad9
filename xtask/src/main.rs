//! The project's chores: test, front end, benchmarks.

fn main() {}
