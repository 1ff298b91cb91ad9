//! The subcommands.

mod archive;
mod audit;
mod boundaries;
mod browser;
mod ca;
mod completions;
mod connections;
mod db;
mod demo;
mod descriptors;
mod events;
mod export;
mod facets;
mod gaps;
mod lease;
mod ls;
mod man;
mod note;
mod open;
mod pin;
mod preset;
mod record;
mod redact;
mod redaction;
mod rejected;
mod replay;
mod rm;
mod rule;
mod run;
mod seal;
mod serve;
mod show;
mod snapshot;
mod sql;
mod stats;
mod status;
mod tail;
mod token;

use anyhow::{Context as _, Result};

use crate::cli::{Cli, Command, ServeArgs};
use crate::client::Client;
use crate::container::Container;
use crate::deep;
use crate::environment;
use crate::exit::CannotStart;
use crate::home::Home;
use crate::logging;
use crate::logging::LogFormat;
use crate::options::Options;
use crate::program_entry;
use crate::terminal::print;
use crate::viewer;

/// Does what `cli` says, within the limits of `container`; the exit code.
pub(crate) async fn run(cli: Cli, container: &Container) -> Result<u8> {
    let home = Home::new(cli.home.clone()).context(CannotStart)?;
    let command = match cli.command {
        None => Command::Serve(cli.serve),
        Some(_) if cli.serve != ServeArgs::default() => {
            return Err(anyhow::anyhow!(
                "write the options of a command after its name: dashcam serve --mode forward"
            ))
            .context(CannotStart);
        }
        Some(command) => command,
    };
    if !matches!(command, Command::Serve(_)) {
        logging::start("warn", log_format(&command)).context(CannotStart)?;
    }
    let client = Client::of(&home);
    let done = match command {
        Command::Serve(args) => {
            let options = Options::read(home, cli.db, &args, container).context(CannotStart)?;
            return if args.read_only {
                viewer::view(options).await
            } else {
                Box::pin(serve::serve(options)).await
            };
        }
        Command::Demo(args) => return Box::pin(demo::demo(cli.home, cli.db, &args, container)).await,
        Command::Run(args) if args.clients => print(environment::described()),
        Command::Run(args) => {
            if args.serve.read_only {
                return Err(anyhow::anyhow!(
                    "--read-only takes no traffic, so it cannot record a program: leave it out"
                ))
                .context(CannotStart);
            }
            let options = Options::read(home, cli.db, &args.serve, container).context(CannotStart)?;
            return Box::pin(run::run(options, &args)).await;
        }
        Command::Browser(args) => {
            let options = Options::read(home, cli.db, &args.serve, container).context(CannotStart)?;
            return Box::pin(browser::browser(options, &args)).await;
        }
        Command::EnterNamespace(args) => return Ok(program_entry::enter(&args)),
        Command::ProbeConnect(args) => return Ok(deep::probe_connect(&args)),
        Command::Preset(args) => preset::preset(&client, args.command).await,
        Command::Completions(args) => completions::completions(args.shell),
        Command::Man(args) => man::man(&args.to),
        Command::Record(args) => record::record(&client, args).await,
        Command::Lease(args) => lease::lease(&client, args.command).await,
        Command::Rule(args) => rule::rule(&client, args.command).await,
        Command::Redaction(args) => redaction::redaction(&client, args.command).await,
        Command::Descriptors(args) => descriptors::descriptors(&home, args.command),
        Command::Snapshot(args) => snapshot::snapshot(&home, cli.db, args).await,
        Command::Status(args) => return status::status(&home, &client, &args).await,
        Command::Open => open::open(&home, &client).await,
        Command::Ls(args) => return ls::ls(&home, cli.db, args).await,
        Command::Stats(args) => stats::stats(&home, cli.db, args).await,
        Command::Facets(args) => facets::facets(&home, cli.db, args).await,
        Command::Connections(args) => connections::connections(&home, cli.db, &args).await,
        Command::Rejected(args) => rejected::rejected(&client, args).await,
        Command::Gaps(args) => gaps::gaps(&home, cli.db, args).await,
        Command::Boundaries(args) => boundaries::boundaries(&home, cli.db, args).await,
        Command::Show(args) => show::show(&home, cli.db, args).await,
        Command::Tail(args) => tail::tail(&client, args).await,
        Command::Replay(args) => return replay::replay(&client, args).await,
        Command::Rm(args) => return rm::rm(&home, cli.db, args).await,
        Command::Redact(args) => return redact::redact(&home, cli.db, args).await,
        Command::Seal(args) => seal::seal(&home, cli.db, args.command).await,
        Command::Note(args) => note::note(&home, cli.db, args).await,
        Command::Pin(args) => return pin::pin(&home, cli.db, args, true).await,
        Command::Unpin(args) => return pin::pin(&home, cli.db, args, false).await,
        Command::Export(args) => export::export(&home, cli.db, args).await,
        Command::Archive(args) => archive::archive(&home, cli.db, args).await,
        Command::Sql(args) => sql::sql(&home, cli.db, args).await,
        Command::Db(args) => return db::db(&home, cli.db, args.command).await,
        Command::Token(args) => token::token(&home, cli.db, &client, args.command).await,
        Command::Audit(args) => audit::audit(&home, cli.db, args).await,
        Command::Ca(args) => ca::ca(cli.home, args),
    };
    done.map(|()| 0)
}

/// The form of the log of a command that may start a dashcam.
fn log_format(command: &Command) -> LogFormat {
    let of_serve = match command {
        Command::Run(args) => args.serve.log_format,
        Command::Browser(args) => args.serve.log_format,
        _ => None,
    };
    of_serve.unwrap_or_default()
}
