//! The recording HTTP(S) proxy that you can leave switched on in production.
//!
//! Command line and configuration in ([`cli`], [`config`], [`options`]), the parts wired in order and stopped in
//! reverse ([`instance`]); what the subcommands do is in [`commands`].

mod access;
mod backfilling;
mod bounds;
mod ca_key;
mod child;
mod choice;
mod chosen;
mod cli;
mod client;
mod columns;
mod commands;
mod completion;
mod config;
mod config_watch;
mod confirmation;
mod connection_limits;
mod container;
mod control_socket;
mod database;
#[cfg_attr(not(all(target_os = "linux", target_pointer_width = "64")), path = "deep/unsupported.rs")]
mod deep;
mod descriptors;
mod environment;
mod exit;
mod exposure;
mod figures;
mod filter;
mod flight;
mod free_space;
mod governing;
mod home;
mod idle_memory;
mod indexing;
mod instance;
mod logging;
mod namespace;
mod new_file;
mod open_files;
mod options;
mod outbound;
mod own_audit;
mod page;
mod page_threads;
mod predecessor;
mod program_entry;
mod program_proxy;
mod program_traffic;
mod recording;
mod redaction;
mod redaction_key;
mod row;
mod rows;
mod signals;
mod switching;
mod terminal;
mod trust_bundle;
mod tunnel_rejected;
mod unsealing;
mod viewer;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A panic while something is redacted tells where it was, but not its message, which may have a secret in it.
fn hide_secrets_of_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !dashcam_redact::is_redacting() {
            usual(panic);
        } else if let Some(place) = panic.location() {
            tracing::error!(%place, "redaction failed");
        }
    }));
}

fn main() -> ExitCode {
    completion::answer(cli::Cli::command);
    let cli = cli::Cli::parse_from(cli::with_exclusions(std::env::args_os()));
    match &cli.command {
        Some(cli::Command::EnterNamespace(args)) => return program_entry::enter(args).into(),
        Some(cli::Command::ProbeConnect(args)) => return deep::probe_connect(args).into(),
        _ => {}
    }
    hide_secrets_of_panics();
    // Fails only if there is one already, and this is the first line to choose.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let container = container::Container::find();
    let threads = container.thread_plan();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.workers)
        .max_blocking_threads(threads.waiting)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return exit::code(Err(anyhow::Error::new(error).context("no threads"))),
    };
    let ended = runtime.block_on(commands::run(cli, &container));
    // A read of stdin or a lookup of a name may still block a thread: nobody waits for it any more.
    runtime.shutdown_background();
    exit::code(ended)
}
