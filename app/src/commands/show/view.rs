//! A body or a message as a view shows it.

use std::sync::Arc;

use anyhow::{Result, bail};
use dashcam_exchange::{Direction, Exchange};
use dashcam_store::Reader;
use dashcam_views::content::{self, Descriptors, Viewing, Wanted};
use dashcam_views::decode::Decoders;
use dashcam_views::payload::Parts;
use dashcam_views::unseal::Unsealer;

use crate::cli::ShowArgs;
use crate::descriptors::{kept, read};
use crate::home::Home;
use crate::terminal::{escaped, escaped_lines, print};

/// The most bytes that a view looks at.
const LARGEST: u64 = 4 << 20;

/// The views that read with types of Protocol Buffers.
const TYPED: [&str; 2] = ["protobuf", "grpc"];

/// The types for views of Protocol Buffers: those of the file that was named, else those in the home, if there are any that
/// can be read.
pub(super) fn descriptors(home: &Home, args: &ShowArgs) -> Result<Option<Arc<Descriptors>>> {
    if let Some(path) = &args.descriptors {
        return Ok(Some(Arc::new(read(path)?.set)));
    }
    if !args.view.as_deref().is_some_and(|name| TYPED.contains(&name)) {
        return Ok(None);
    }
    let found = kept(home);
    if let Err(error) = &found {
        eprintln!("dashcam: reading without types: {}", escaped(&format!("{error:#}")));
    }
    Ok(found.ok().flatten().map(|kept| Arc::new(kept.set)))
}

/// Prints it in the view of a name, or the names of those that fit.
pub(super) async fn print_view(
    reader: &Reader,
    decoders: &Decoders,
    (exchange, unsealer): (&Exchange, Option<&Unsealer>),
    (name, args, descriptors): (&str, &ShowArgs, Option<Arc<Descriptors>>),
) -> Result<()> {
    let message = match args.message {
        None => None,
        Some(seq) => match reader.message(exchange.id, seq, 0).await? {
            Some(message) => Some(message),
            None => bail!(
                "exchange {} has no message {seq}: `dashcam show {0}` lists the first ones",
                exchange.id
            ),
        },
    };
    let side = if args.request { Direction::Request } else { Direction::Response };
    let (of, parts) = match &message {
        Some(message) => {
            let parts = Parts::of_message(reader, exchange.id, message.message.seq);
            (Viewing::Message(exchange, message), parts)
        }
        None => (Viewing::Body(exchange, side), Parts::of_body(reader, exchange.id, side)),
    };
    let parts = parts.unsealed(unsealer);
    if name == "list" {
        let fitting = content::views(&parts, decoders, of).await?.views;
        if fitting.is_empty() {
            bail!("no view fits: nothing is stored of it");
        }
        return print(
            fitting.iter().map(|view| format!("{:12}{}\n", view.name, view.title)).collect::<String>(),
        );
    }
    if !content::is_view(name) {
        let names: Vec<_> = content::view_names().map(|view| view.name).collect();
        bail!("there is no view {name}; `--view list` names those that fit, of {}", names.join(", "));
    }
    let message_type = args.message_type.clone();
    let name = Some(name.to_owned());
    let wanted = Wanted { name, limit: LARGEST, descriptors, message_type, ..Wanted::default() };
    let viewed = content::view(&parts, decoders, of, wanted).await?;
    let Some(shown) = viewed.shown else {
        bail!("{} `--view list` names the views that fit", viewed.note.unwrap_or_default());
    };
    let mut text = escaped_lines(&content::plain(&shown));
    let cut = viewed.truncated.then(|| "This is not the whole: --body prints it.".to_owned());
    for note in viewed.note.into_iter().chain(cut) {
        text += &format!("({})\n", escaped(&note));
    }
    print(text)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    /// A set with the message `A`.
    const SET: &[u8] = b"\n\x05\x22\x03\n\x01A";

    fn found(home: &Home, line: &str) -> Result<Option<Vec<String>>> {
        found_for(home, "protobuf", line)
    }

    fn found_for(home: &Home, view: &str, line: &str) -> Result<Option<Vec<String>>> {
        let words = ["dashcam", "show", "1", "--view", view].into_iter().chain(line.split_whitespace());
        let Some(Command::Show(args)) = Cli::try_parse_from(words)?.command else { panic!("{line}") };
        let found = descriptors(home, &args)?;
        Ok(found.map(|set| set.messages().map(str::to_owned).collect()))
    }

    #[test]
    fn types_are_those_of_the_file_or_of_the_home() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().to_owned())).unwrap();
        let file = folder.path().join("other.binpb");
        let named = format!("--descriptors {}", file.display());
        assert_eq!(found(&home, "").unwrap(), None);
        assert!(found(&home, &named).is_err(), "a file that is named must be there");
        std::fs::write(&file, "syntax = \"proto3\";").unwrap();
        let error = format!("{:#}", found(&home, &named).unwrap_err());
        assert!(error.contains("other.binpb") && error.contains("protoc"), "{error}");
        std::fs::write(&file, SET).unwrap();
        assert_eq!(found(&home, &named).unwrap(), Some(vec!["A".to_owned()]));
        std::fs::write(home.path().join(Descriptors::FILE), SET).unwrap();
        assert_eq!(found(&home, "").unwrap(), Some(vec!["A".to_owned()]));
        std::fs::write(&file, vec![0; Descriptors::LARGEST + 1]).unwrap();
        assert!(found(&home, &named).unwrap_err().to_string().contains("4 MiB"));
        assert_eq!(found_for(&home, "grpc", "").unwrap(), Some(vec!["A".to_owned()]));
        assert_eq!(found_for(&home, "json", "").unwrap(), None, "it has no types");
        std::fs::write(home.path().join(Descriptors::FILE), "none").unwrap();
        assert_eq!(found(&home, "").unwrap(), None, "one in the home that is broken is left out");
    }
}
