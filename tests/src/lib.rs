//! The product from outside: the real binary, real clients, real upstreams.
