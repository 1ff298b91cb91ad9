//! Command lines that are understood, and command lines that are refused.

use clap::CommandFactory as _;
use dashcam_exchange::Level;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("dashcam").chain(line.split_whitespace()))
}

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn serving_needs_no_command() {
    let cli = parse("-m reverse:http://a@9 -m forward -p 9000 -k --record metadata").unwrap();
    assert!(cli.command.is_none());
    assert_eq!(cli.serve.mode, ["reverse:http://a@9", "forward"]);
    assert_eq!((cli.serve.listen_port, cli.serve.record), (Some(9000), Some(Level::Metadata)));
    let Some(Command::Serve(serve)) = parse("serve -p 9000 -k").unwrap().command else { panic!() };
    assert!(serve.ssl_insecure && serve.listen_port == Some(9000));
}

#[test]
fn home_is_understood_before_and_after_the_command() {
    for line in ["--home /h ls", "ls --home /h"] {
        assert_eq!(parse(line).unwrap().home.as_deref(), Some("/h".as_ref()));
    }
}

#[test]
fn the_program_to_run_keeps_its_options() {
    for line in ["run curl -k --home x https://a", "run -- curl -k --home x https://a"] {
        let Some(Command::Run(run)) = parse(line).unwrap().command else { panic!() };
        assert_eq!(run.command, ["curl", "-k", "--home", "x", "https://a"]);
        assert!(!run.serve.ssl_insecure);
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for line in [
        "--record loud",
        "--cert a",
        "--client-cert a=",
        "--client-cert *=a.pem",
        "run",
        "--web-cert a",
        "--web-socket s --web-port 1",
        "--no-web --web-host ::1",
        "--no-web --read-only",
        "--web-name https://a",
        "--web-name a:1",
        "status --json --token",
        "token",
        "record --why x",
        "show 1 --curl --raw",
        "show 1 --curl --as fetch",
        "show 1 --as cobol",
        "replay 1 --times 0",
        "ls -n x",
        "-p 70000",
        "--allow-client 10.0.0.0/99",
        "--trust-forwarded localhost",
        "--connect-ports https",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn formats_of_exports_are_known() {
    let format = |line| match parse(line).unwrap().command {
        Some(Command::Export(export)) => export.format.name,
        _ => panic!("{line}"),
    };
    assert_eq!(format("export -o a"), "har");
    assert_eq!(format("export --format ndjson -o a"), "ndjson");
    let error = parse("export --format xml -o a").unwrap_err().to_string();
    assert!(error.contains("[possible values: har, ndjson]"), "{error}");
}
