//! `dashcam show`: one exchange, from the database itself.

mod changes;
mod connections;
mod redaction;
mod text;
mod view;
mod whole;

use std::path::PathBuf;

use anyhow::{Result, bail};
use dashcam_exchange::{Direction, Exchange, Headers, State};
use dashcam_store::{MessagePreview, Reader};
use dashcam_views::content::Decoded;
use dashcam_views::payload::Parts;
use dashcam_views::snippet::{self, SnippetFormat};
use dashcam_views::unseal::Unsealer;
use dashcam_views::{content, dto, hydrate};

use crate::cli::ShowArgs;
use crate::database;
use crate::home::Home;
use crate::terminal::{Raw, print, print_json};
use crate::unsealing;
use crate::unsealing::Use;

/// The most that is shown of a body to a reader; `--body` has all of it.
const LARGEST_BODY: u64 = 1 << 20;
/// Messages that are shown, and bytes of each; `--message` has all of one.
const MESSAGES: u32 = 100;
const LARGEST_MESSAGE: u32 = 16 << 10;

/// Shows the exchange in the form that was asked for.
pub(crate) async fn show(home: &Home, db: Option<PathBuf>, args: ShowArgs) -> Result<()> {
    let reader = database::open(home, db.clone()).await?;
    let mut exchange = database::exchange(&reader, args.id).await?;
    let format = args.snippet.or(args.curl.then_some(&snippet::FORMATS[0]));
    if format.is_some() && exchange.state == State::Refused {
        bail!(
            "dashcam refused this request, and no client can send one like it: leave out --{} to see it",
            if args.curl { "curl" } else { "as" }
        );
    }
    let unsealer = match args.unseal {
        true => Some(unsealed(home, db, &reader, (&mut exchange, &args)).await?),
        false => None,
    };
    let unsealer = unsealer.as_ref().and_then(|unsealer| unsealer.of(&exchange));
    if let Some(format) = format {
        return print(snippet(&reader, exchange, (format, unsealer)).await?);
    }
    if args.json {
        let shape = hydrate::exchange(&reader, exchange).await?;
        return print_json(&serde_json::to_string_pretty(&shape)?);
    }
    if let Some(name) = &args.view {
        let decoders = database::decoders(home, &reader)?;
        let descriptors = view::descriptors(home, &args)?;
        let of = (&exchange, unsealer);
        return view::print_view(&reader, &decoders, of, (name.as_str(), &args, descriptors)).await;
    }
    if let Some(seq) = args.message {
        if reader.message(exchange.id, seq, 0).await?.is_none() {
            bail!("exchange {} has no message {seq}: `dashcam show {0}` lists the first ones", exchange.id);
        }
        let message = Parts::of_message(&reader, exchange.id, seq).unsealed(unsealer);
        return print_all(message, &mut Raw::new(args.force)).await;
    }
    let sides = sides(&args);
    let body = |side| Parts::of_body(&reader, exchange.id, side).unsealed(unsealer);
    if args.body {
        let side = if args.request { Direction::Request } else { Direction::Response };
        let mut raw = Raw::new(args.force);
        if args.raw {
            return print_all(body(side), &mut raw).await;
        }
        let decoders = database::unhurried_decoders(home, &reader)?;
        return print_decoded(Decoded::begin(&body(side), &decoders, (&exchange, side)).await?, &mut raw)
            .await;
    }
    if args.raw {
        let mut raw = Raw::new(args.force);
        for side in sides {
            raw.print(&head(&exchange, side))?;
            print_all(body(side), &mut raw).await?;
        }
        return Ok(());
    }
    let messages = messages(&reader, &exchange, unsealer).await?;
    let decoders = database::decoders(home, &reader)?;
    let readable = async |side| content::body(&body(side), &decoders, (&exchange, side), LARGEST_BODY).await;
    let page = text::Page {
        client: client(&reader, &exchange).await?,
        upstream: hydrate::upstream(&reader, &exchange).await?.map(dto::UpstreamConnection::from),
        message_count: reader.message_count(exchange.id).await?,
        bodies: [readable(Direction::Request).await?, readable(Direction::Response).await?],
        exchange: &exchange,
        messages: &messages,
        note: reader.note(exchange.id).await?.into(),
        snapshots: reader.snapshots_of(exchange.id).await?,
    };
    whole::print_page(&page, &sides, body, || database::unhurried_decoders(home, &reader)).await
}

async fn snippet(
    reader: &Reader,
    mut exchange: Exchange,
    (format, unsealer): (&SnippetFormat, Option<&Unsealer>),
) -> Result<String> {
    let body = Parts::of_body(reader, exchange.id, Direction::Request).unsealed(unsealer);
    let body = body.gathered(Some(snippet::LARGEST_BODY)).await?;
    // Secrets are shorter or longer than their placeholders.
    if unsealer.is_some() && exchange.request_body.stored <= snippet::LARGEST_BODY {
        exchange.request_body.stored = body.len() as u64;
    }
    Ok(format.snippet(&exchange, &body))
}

/// The first messages, with their secrets if somebody puts them back.
async fn messages(
    reader: &Reader,
    exchange: &Exchange,
    unsealer: Option<&Unsealer>,
) -> Result<Vec<MessagePreview>> {
    let page = reader.message_previews(exchange.id, None, MESSAGES, LARGEST_MESSAGE).await?;
    let mut messages = page.messages;
    if let Some(unsealer) = unsealer {
        for preview in &mut messages {
            preview.message.data = unsealer.text(std::mem::take(&mut preview.message.data)).await?;
        }
    }
    Ok(messages)
}

/// Puts secrets back into all of an exchange but its payloads, which the unsealer is for. The audit log knows before they are
/// shown.
async fn unsealed(
    home: &Home,
    db: Option<PathBuf>,
    reader: &Reader,
    (exchange, args): (&mut Exchange, &ShowArgs),
) -> Result<Unsealer> {
    let unsealer = unsealing::unsealer(home, reader)?;
    unsealer.exchange(exchange).await?;
    let purpose = match (args.curl, args.snippet) {
        (true, _) => "curl",
        (_, Some(_)) => "snippet",
        _ => "show",
    };
    let counts = Some(unsealer.counts());
    let what = Use { exchange: Some(args.id), filter: None, purpose, counts };
    unsealing::note(home, db, &what).await?;
    Ok(unsealer)
}

async fn client(reader: &Reader, exchange: &Exchange) -> Result<Option<dto::Connection>> {
    let Some(id) = exchange.connection else { return Ok(None) };
    let Some(connection) = reader.connection(id).await? else { return Ok(None) };
    Ok(Some(hydrate::connection(reader, connection).await?))
}

fn sides(args: &ShowArgs) -> Vec<Direction> {
    match (args.request, args.response) {
        (true, _) => vec![Direction::Request],
        (_, true) => vec![Direction::Response],
        _ => vec![Direction::Request, Direction::Response],
    }
}

/// A head as it would stand on an HTTP/1 wire; nothing where no response came.
fn head(exchange: &Exchange, side: Direction) -> Vec<u8> {
    let (line, headers) = match (side, &exchange.response) {
        (Direction::Request, _) => {
            let request = &exchange.request;
            (format!("{} {} {}", request.method, request.target, request.version), &request.headers)
        }
        (Direction::Response, Some(response)) => {
            let line = format!("{} {} {}", response.version, response.status, response.reason);
            (line.trim_end().to_owned(), &response.headers)
        }
        (Direction::Response, None) => return Vec::new(),
    };
    let mut head = line.into_bytes();
    head.extend_from_slice(b"\r\n");
    push_fields(&mut head, headers);
    head.extend_from_slice(b"\r\n");
    head
}

fn push_fields(head: &mut Vec<u8>, headers: &Headers) {
    for (name, value) in headers.iter() {
        head.extend_from_slice(name);
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(b"\r\n");
    }
}

/// Prints a decoded body to its end. One that can't be decoded to there does not look whole.
async fn print_decoded(mut body: Decoded, raw: &mut Raw) -> Result<()> {
    while let Some(piece) = body.next().await? {
        raw.print(&piece)?;
    }
    raw.end()?;
    if body.has_failed() {
        bail!("{} --raw prints its bytes as they are stored", body.note().unwrap_or_default());
    }
    Ok(())
}

/// Prints what is stored of a body or a message, piece by piece, to its end.
async fn print_all(mut parts: Parts, raw: &mut Raw) -> Result<()> {
    while let Some(part) = parts.next().await? {
        raw.print(&part)?;
    }
    raw.end()
}
