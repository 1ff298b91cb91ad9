//! HTTP/1 messages as they are on the wire: just enough to write and read them by hand, exactly.

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// Fields in order, as sent; bytes are mapped latin-1.
pub type Fields = Vec<(String, String)>;

/// A start line and its fields.
#[derive(Debug, Clone)]
pub struct Head {
    /// The request or status line.
    pub start: String,
    /// The fields.
    pub fields: Fields,
}

impl Head {
    /// The first field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }

    /// The `index`th word of the start line.
    #[must_use]
    pub fn word(&self, index: usize) -> &str {
        self.start.split(' ').nth(index).unwrap_or_default()
    }

    /// A response's status.
    ///
    /// # Errors
    /// When this is no status line.
    pub fn status(&self) -> Result<u16> {
        self.word(1).parse().with_context(|| format!("no status line: {}", self.start))
    }
}

/// The first field of that name, whatever its case.
#[must_use]
pub fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// A message with its body.
#[derive(Debug, Clone)]
pub struct Message {
    /// Start line and fields.
    pub head: Head,
    /// The body, framing removed.
    pub body: Vec<u8>,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// After that many bytes.
    Length(u64),
    /// With an empty chunk; the number is what is left of the current one.
    Chunked(u64),
    /// With the connection.
    Close,
    /// It has ended.
    Done,
}

impl Framing {
    /// Of a request with `head`.
    #[must_use]
    pub fn of_request(head: &Head) -> Self {
        Self::named(head).unwrap_or(Self::Done)
    }

    /// Of a response with `head` to a request with `method`.
    #[must_use]
    pub fn of_response(head: &Head, method: &str) -> Self {
        let status = head.status().unwrap_or_default();
        if method == "HEAD" || status < 200 || status == 204 || status == 304 {
            return Self::Done;
        }
        Self::named(head).unwrap_or(Self::Close)
    }

    fn named(head: &Head) -> Option<Self> {
        if head.field("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return Some(Self::Chunked(0));
        }
        head.field("content-length").and_then(|length| length.trim().parse().ok()).map(Self::Length)
    }
}

/// Reads a start line and fields; `None` when the connection ended before.
///
/// # Errors
/// When the connection ends or fails within the head.
pub async fn read_head(io: &mut (impl AsyncBufRead + Unpin)) -> Result<Option<Head>> {
    let start = read_line(io).await?;
    if start.is_empty() {
        return Ok(None);
    }
    Ok(Some(Head { start, fields: read_fields(io).await? }))
}

/// Reads fields up to the empty line.
///
/// # Errors
/// When the connection ends or fails before it.
pub async fn read_fields(io: &mut (impl AsyncBufRead + Unpin)) -> Result<Fields> {
    let mut fields = Fields::new();
    loop {
        let line = read_line(io).await?;
        if line.is_empty() {
            return Ok(fields);
        }
        let (name, value) = line.split_once(':').with_context(|| format!("no field: {line}"))?;
        fields.push((name.to_owned(), value.trim().to_owned()));
    }
}

async fn read_line(io: &mut (impl AsyncBufRead + Unpin)) -> Result<String> {
    let mut line = Vec::new();
    io.read_until(b'\n', &mut line).await?;
    let text: String = line.iter().map(|byte| char::from(*byte)).collect();
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads the next piece of a body; `None` after its end, where `trailers` holds what followed.
///
/// # Errors
/// When the connection ends within the body.
pub async fn read_piece(
    io: &mut (impl AsyncBufRead + Unpin),
    framing: &mut Framing,
    trailers: &mut Fields,
) -> Result<Option<Vec<u8>>> {
    if *framing == Framing::Chunked(0) {
        let line = read_line(io).await?;
        let size = u64::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16)
            .with_context(|| format!("no chunk size: {line:?}"))?;
        *framing = Framing::Chunked(size);
        if size == 0 {
            *trailers = read_fields(io).await?;
            *framing = Framing::Done;
        }
    }
    let most = match *framing {
        Framing::Done | Framing::Length(0) => return Ok(None),
        Framing::Length(left) | Framing::Chunked(left) => left.min(64 * 1024),
        Framing::Close => 64 * 1024,
    };
    let mut piece = vec![0; most as usize];
    let count = io.read(&mut piece).await?;
    piece.truncate(count);
    advance(io, framing, count as u64).await?;
    Ok((count > 0).then_some(piece))
}

async fn advance(io: &mut (impl AsyncBufRead + Unpin), framing: &mut Framing, count: u64) -> Result<()> {
    match framing {
        Framing::Close if count == 0 => *framing = Framing::Done,
        Framing::Length(_) | Framing::Chunked(_) if count == 0 => bail!("the connection ended within a body"),
        Framing::Length(left) => *left -= count,
        Framing::Chunked(left) => {
            *left -= count;
            if *left == 0 {
                read_line(io).await?;
            }
        }
        Framing::Close | Framing::Done => {}
    }
    Ok(())
}

/// Reads the whole response to a request with `method`, past interim ones.
///
/// # Errors
/// When none comes.
pub async fn read_response(io: &mut (impl AsyncBufRead + Unpin), method: &str) -> Result<Message> {
    let head = loop {
        let head = read_head(io).await?.context("the connection ended before a response")?;
        if head.status()? >= 200 || head.status()? == 101 {
            break head;
        }
    };
    let (mut framing, mut trailers, mut body) =
        (Framing::of_response(&head, method), Fields::new(), Vec::new());
    while let Some(piece) = read_piece(io, &mut framing, &mut trailers).await? {
        body.extend(piece);
    }
    Ok(Message { head, body })
}
