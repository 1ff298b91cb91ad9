//! Programs behind connections: found before or after these are handed over.

use std::sync::{Arc, Mutex};

use dashcam_exchange::{ExchangeId, LastIds, Live, Program, Record, sample};
use dashcam_recorder::{Begin, Client, HandOver, Limits, Recorder, Refusal, Writer, recorder};
use tokio::time::{Duration, timeout};

use crate::samples;

fn program(command: &str) -> Program {
    Program { name: "curl".to_owned(), pid: 7, command: Some(command.to_owned()), ..Program::default() }
}

/// Things that come out once the recorder is closed: connections with their programs' commands, and programs with theirs.
async fn stored(recorder: &Recorder, writer: Writer) -> Vec<(&'static str, Option<String>)> {
    let all = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&all);
    let append = move |records: Vec<Record>| {
        kept.lock().unwrap().extend(records.into_iter().filter_map(|record| match record {
            Record::Connection(connection) => {
                Some(("connection", connection.program.and_then(|program| program.command)))
            }
            Record::Program { program, .. } => Some(("program", program.command)),
            _ => None,
        }));
        std::future::ready(Ok::<_, &str>(()))
    };
    recorder.close();
    let run = writer.run(append, |_| Refusal::lost(dashcam_exchange::GapReason::DiskError));
    timeout(Duration::from_secs(10), run).await.expect("the writer ends");
    std::mem::take(&mut *all.lock().unwrap())
}

fn start() -> (Recorder, Writer, Client) {
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let client = recorder.client(Some([127, 0, 0, 1].into()));
    (recorder, writer, client)
}

#[tokio::test]
async fn one_that_is_found_first_comes_with_the_connection() {
    let (recorder, writer, client) = start();
    recorder.found(&client, program("curl"));
    recorder.connection(&client, sample::connection(1), HandOver::Now);
    let found = ("connection", Some("curl".to_owned()));
    assert_eq!(stored(&recorder, writer).await, [found]);
}

#[tokio::test]
async fn one_that_is_found_later_comes_behind_the_connection_and_with_its_end() {
    let (recorder, writer, client) = start();
    recorder.connection(&client, sample::connection(1), HandOver::Now);
    recorder.connection(&client, sample::connection(1), HandOver::Now);
    recorder.found(&client, program("curl"));
    recorder.connection(&client, sample::connection(1), HandOver::Now);
    let curl = || Some("curl".to_owned());
    let expect = [("connection", None), ("connection", None), ("program", curl()), ("connection", curl())];
    assert_eq!(stored(&recorder, writer).await, expect);
}

#[tokio::test]
async fn our_own_secrets_are_hidden_in_command_lines() {
    let (recorder, writer, client) = start();
    recorder.hide("0123456789abcdef0123456789abcdef");
    recorder.found(&client, program("curl -H 'Authorization: Bearer 0123456789abcdef0123456789abcdef'"));
    recorder.connection(&client, sample::connection(1), HandOver::Now);
    let hidden = format!("curl -H 'Authorization: Bearer {}'", "*".repeat(32));
    assert_eq!(stored(&recorder, writer).await, [("connection", Some(hidden))]);
}

#[tokio::test]
async fn exchanges_show_it_while_they_are_in_memory() {
    let (recorder, _writer, client) = start();
    let mut live = recorder.watch();
    let open = recorder.begin(Begin { client: Some(client.clone()), ..samples::begin() }).unwrap();
    let named = |recorder: &Recorder| recorder.list(None, 1, |_| true).remove(0).program;
    assert_eq!((named(&recorder), recorder.program(open.id())), (None, None));
    recorder.found(&open.client(), program("curl"));
    assert_eq!(named(&recorder).as_deref(), Some("curl"));
    assert_eq!(recorder.program(open.id()), Some(program("curl")));
    assert_eq!(recorder.program(ExchangeId(99)), None);
    open.response(sample::ok(&[]));
    let mut programs = Vec::new();
    while let Ok(event) = live.try_recv() {
        if let Live::Started(row) | Live::Responded(row) = &**event {
            programs.push(row.program.clone());
        }
    }
    assert_eq!(programs, [None, Some("curl".to_owned())]);
}
