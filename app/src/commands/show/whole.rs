//! A page with its bodies to their ends: what is too large to be held is printed piece by piece.

use std::io::IsTerminal as _;

use anyhow::Result;
use dashcam_exchange::Direction;
use dashcam_views::content::Decoded;
use dashcam_views::decode::Decoders;
use dashcam_views::payload::Parts;

use super::text::Page;
use crate::terminal::{escaped_lines, is_colored, print};

/// Prints a page. A terminal gets the beginnings of large bodies, a file or a program all of them.
pub(super) async fn print_page(
    page: &Page<'_>,
    sides: &[Direction],
    body: impl Fn(Direction) -> Parts,
    decoders: impl Fn() -> Result<Decoders>,
) -> Result<()> {
    let is_colored = is_colored();
    for side in sides.iter().copied() {
        print(page.head(sides, side, is_colored))?;
        if page.goes_on(side) && !std::io::stdout().is_terminal() {
            let decoders = decoders()?;
            let decoded = Decoded::begin(&body(side), &decoders, (page.exchange, side)).await?;
            let note = print_text(decoded, page.charset(side)).await?;
            print(page.missing(side, note, is_colored))?;
        } else {
            print(page.body(side, is_colored))?;
        }
    }
    print(page.messages(sides, is_colored))
}

/// Prints an empty line and a body as text; returns what there is to say about its decoding.
async fn print_text(decoded: Decoded, charset: &str) -> Result<Option<String>> {
    let (mut body, mut rest, mut last) = (decoded.into_text(charset), String::new(), '\n');
    print("\n")?;
    while let Some(text) = body.next().await? {
        let mut text = std::mem::take(&mut rest) + &text;
        // The other half of a line's end may come with the next piece.
        if text.ends_with('\r') {
            rest.extend(text.pop());
        }
        last = text.chars().next_back().unwrap_or(last);
        print(escaped_lines(&text))?;
    }
    print(escaped_lines(&rest))?;
    if last != '\n' || !rest.is_empty() {
        print("\n")?;
    }
    Ok(body.note())
}
