//! The framing in which programs of AWS upload: chunks with signatures, and trailers behind them, inside the body
//! (AWS's "aws-chunked", Signature Version 4, streaming uploads).

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read};

use super::layer::Layer;

/// Bytes of a line, at most: a chunk's size with its signature, or a trailer.
const LINE: u64 = 8 << 10;

/// The bytes inside the chunks.
pub(super) struct AwsChunked {
    reader: BufReader<Layer>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A chunk's size comes next.
    Size,
    /// So many bytes of a chunk come next, and the end of its line.
    Data(u64),
    /// The last chunk was there; what follows are trailers.
    End,
}

impl AwsChunked {
    pub(super) fn new(reader: Layer) -> Self {
        Self { reader: BufReader::new(reader), state: State::Size }
    }

    /// The size of the next chunk; behind the last one, the trailers are read as well.
    fn size(&mut self) -> io::Result<u64> {
        let line = self.line()?;
        let size = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size = str::from_utf8(size).ok().filter(|size| !size.starts_with('+'));
        let size = size.and_then(|size| u64::from_str_radix(size, 16).ok());
        size.ok_or_else(|| invalid("a chunk has no size"))
    }

    /// A line without its end.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.reader.by_ref().take(LINE).read_until(b'\n', &mut line)?;
        match line.pop() {
            Some(b'\n') => Ok(line),
            Some(_) if line.len() as u64 + 1 == LINE => Err(invalid("a line is too long")),
            _ => Err(ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Reads what stands behind the last chunk. An empty line ends it; some programs leave that out.
    fn trailers(&mut self) -> io::Result<()> {
        loop {
            match self.line() {
                Ok(line) if line.trim_ascii().is_empty() => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

impl Read for AwsChunked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.state {
                State::End => return Ok(0),
                State::Size => match self.size()? {
                    0 => {
                        self.trailers()?;
                        self.state = State::End;
                    }
                    size => self.state = State::Data(size),
                },
                State::Data(0) => {
                    if !self.line()?.trim_ascii().is_empty() {
                        return Err(invalid("a chunk is longer than its size"));
                    }
                    self.state = State::Size;
                }
                State::Data(_) if buffer.is_empty() => return Ok(0),
                State::Data(left) => {
                    let read = self.reader.by_ref().take(left).read(buffer)?;
                    if read == 0 {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                    self.state = State::Data(left - read as u64);
                    return Ok(read);
                }
            }
        }
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: Result<&str, ErrorKind>) {
        let mut text = String::new();
        let read = AwsChunked::new(Box::new(io::Cursor::new(body.to_owned().into_bytes())))
            .read_to_string(&mut text);
        assert_eq!(read.map(|_| text.as_str()).map_err(|error| error.kind()), expect, "{body:?}");
    }

    #[test]
    fn chunks_are_joined() {
        use ErrorKind::{InvalidData, UnexpectedEof};
        let signature = "chunk-signature=0123";
        check(
            &format!("5;{signature}\r\nhello\r\n1;{signature}\r\n!\r\n0;{signature}\r\n\r\n"),
            Ok("hello!"),
        );
        check("A\r\nten bytes!\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", Ok("ten bytes!"));
        check("2\r\n\r\n\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\n\r\n\r\n", Ok("\r\n"));
        check("2\r\nab\r\n0\r\nx-amz-checksum-crc32:AAAAAA==", Ok("ab"));
        check("0\r\n\r\n", Ok(""));
        check("", Err(UnexpectedEof));
        check("5\r\nhel", Err(UnexpectedEof));
        check("5\r\nhello", Err(UnexpectedEof));
        check("5\r\nhello\r\n", Err(UnexpectedEof));
        check("no size\r\nhello", Err(InvalidData));
        check("+5\r\nhello\r\n0\r\n\r\n", Err(InvalidData));
        check("4\r\nhello\r\n0\r\n\r\n", Err(InvalidData));
        check(&"a".repeat(10_000), Err(InvalidData));
    }
}
