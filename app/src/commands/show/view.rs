//! A body or a message as a view shows it.

use anyhow::{Result, bail};
use dashcam_exchange::{Direction, Exchange};
use dashcam_store::Reader;
use dashcam_views::content::{self, Viewing, Wanted};
use dashcam_views::decode::Decoders;
use dashcam_views::payload::Parts;
use dashcam_views::unseal::Unsealer;

use crate::cli::ShowArgs;
use crate::terminal::{escaped, escaped_lines, print};

/// The most bytes that a view looks at.
const LARGEST: u64 = 4 << 20;

/// Prints it in the view of a name, or the names of those that fit.
pub(super) async fn print_view(
    reader: &Reader,
    decoders: &Decoders,
    (exchange, unsealer): (&Exchange, Option<&Unsealer>),
    (name, args): (&str, &ShowArgs),
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
    let wanted = Wanted { name: Some(name.to_owned()), limit: LARGEST, offset: 0 };
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
