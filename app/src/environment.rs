//! The environment of a program that `dashcam run` starts: variables and files that bring its traffic to dashcam and
//! make it trust the certificate.
//!
//! [`families`] has a table with an entry for each family of programs; a further program is one entry more.

mod client_files;
mod cures;
mod described;
mod families;
mod family;
mod laid;
mod pointers;
mod template;
mod variables;

pub(crate) use client_files::ClientFiles;
pub(crate) use cures::cure;
pub(crate) use described::described;
pub(crate) use laid::laid;
pub(crate) use pointers::{Pointers, reachable};
pub(crate) use variables::{JAVA_STORE_PASSWORD, variables};

#[cfg(test)]
mod tests;
