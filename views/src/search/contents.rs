//! The contents of an exchange's bodies and messages, as filters look at them.

use dashcam_exchange::{Direction, Exchange, ExchangeId, Level, MessageKind};
use dashcam_filter::{Facts, MessageContent, Parts};
use dashcam_store::{ReadError, Reader};
use tokio::sync::OwnedSemaphorePermit;

use crate::content;
use crate::decode::Decoders;
use crate::payload;

/// Bytes of each body that are looked at, once it is decoded, and of all messages of an exchange: they are held.
pub const SEARCHED: u64 = 16 << 20;
/// Messages that are read at once.
const MESSAGES: u32 = 1000;

/// The bodies of an exchange, wherever they are.
#[derive(Debug, Clone)]
pub struct Bodies {
    /// The request's.
    pub request: payload::Parts,
    /// The response's.
    pub response: payload::Parts,
}

/// The contents that were read, held in room that few have at once.
#[derive(Debug)]
pub(super) struct Contents {
    _room: OwnedSemaphorePermit,
    request: Option<Vec<u8>>,
    response: Option<Vec<u8>>,
    messages: Vec<MessageContent>,
}

impl Bodies {
    /// Those in the store.
    #[must_use]
    pub fn stored(reader: &Reader, id: ExchangeId) -> Self {
        let of = |direction| payload::Parts::of_body(reader, id, direction);
        Self { request: of(Direction::Request), response: of(Direction::Response) }
    }

    /// Reads and decodes what is needed.
    pub(super) async fn read(
        &self,
        reader: &Reader,
        decoders: &Decoders,
        exchange: &Exchange,
        needs: Parts,
    ) -> Result<Contents, ReadError> {
        let _room = decoders.room().await;
        let mut contents = Contents { _room, request: None, response: None, messages: Vec::new() };
        // At other levels none is kept.
        if exchange.level == Level::Full && needs.contains(Parts::REQUEST_BODY) {
            let of = (exchange, Direction::Request);
            contents.request = Some(content::searched(&self.request, decoders, of, SEARCHED).await?);
        }
        if exchange.level == Level::Full && needs.contains(Parts::RESPONSE_BODY) {
            let of = (exchange, Direction::Response);
            contents.response = Some(content::searched(&self.response, decoders, of, SEARCHED).await?);
        }
        if needs.contains(Parts::MESSAGES) {
            contents.messages = messages(reader, exchange.id).await?;
        }
        Ok(contents)
    }
}

impl Contents {
    /// `facts`, and those of `needs` that are contents.
    pub(super) fn added_to<'f>(&'f self, mut facts: Facts<'f>, needs: Parts) -> Facts<'f> {
        if needs.contains(Parts::REQUEST_BODY) {
            facts = facts.with_body(Direction::Request, self.request.as_deref());
        }
        if needs.contains(Parts::RESPONSE_BODY) {
            facts = facts.with_body(Direction::Response, self.response.as_deref());
        }
        if needs.contains(Parts::MESSAGES) { facts.with_messages(&self.messages) } else { facts }
    }
}

/// The messages of an exchange that are stored. One that could not be inflated is as it passed.
async fn messages(reader: &Reader, id: ExchangeId) -> Result<Vec<MessageContent>, ReadError> {
    let (mut contents, mut after, mut left) = (Vec::new(), None, SEARCHED);
    loop {
        let most = u32::try_from(left).unwrap_or(u32::MAX);
        let page = reader.message_previews(id, after, MESSAGES, most).await?;
        for preview in page.messages {
            let mut message = preview.message;
            after = Some(message.seq);
            message.data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            left -= message.data.len() as u64;
            contents.push(MessageContent {
                direction: message.direction,
                is_web_socket: message.kind != MessageKind::Grpc,
                data: message.data,
            });
        }
        if !page.more || left == 0 {
            return Ok(contents);
        }
    }
}
