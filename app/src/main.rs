//! The recording HTTP(S) proxy that you can leave switched on in production.

fn main() {}
