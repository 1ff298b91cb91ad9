//! The notation of the traffic files.
//!
//! ```text
//! # a comment
//! === a name : the words of its options
//! > POST https://host/path          the request's line, then its fields
//! > Name: value
//! |a line of the body of the head above it; |! waits until all before it is on disk
//! >~ Name: value                    a trailer; <~ those of the response
//! < 103                             an interim response, then its fields
//! < 200                             the response
//! >> text …                         a message to the server (<< to the client): text, binary, or proto
//! * GET https://host/path | Name: value | …      a whole exchange in a line
//! ```
//!
//! Options: `h1`, `grpc`, `ws` (protocols); `>gzip`, `<br`, … (content codings); `>chunked`, `<chunked`; `crlf` (lines of
//! bodies end with CR LF); `aborted`, `cut`, `unanswered` (ends).

use crate::case::{Case, End, Frame, Message, Protocol, Side};
use crate::marked::Marked;
use crate::markup::Markup;
use crate::proto;

/// The exchanges in `text`, the file `file`.
///
/// # Errors
/// The line that can't be read, and why.
pub fn cases(file: &str, text: &str, round: u64) -> Result<Vec<Case>, String> {
    let (mut cases, mut open) = (Vec::new(), None::<Reader>);
    for (number, line) in text.lines().enumerate() {
        let place = format!("{file}.txt:{}", number + 1);
        let failed = |error: String| format!("{place}: {error}");
        if line.starts_with("===") || line.starts_with("* ") {
            cases.extend(open.take().map(Reader::finish));
            let reader = match line.strip_prefix("* ") {
                Some(whole) => one_line(file, whole, round).map_err(failed)?,
                None => Reader::new(&titled(file, line), line, round).map_err(failed)?,
            };
            open = Some(reader);
        } else if !(line.is_empty() || line.starts_with('#')) {
            let reader =
                open.as_mut().ok_or_else(|| failed("a line before the first exchange".to_owned()))?;
            reader.line(line).map_err(failed)?;
        }
    }
    cases.extend(open.take().map(Reader::finish));
    Ok(cases)
}

fn titled(file: &str, line: &str) -> String {
    let title = line.trim_start_matches('=').split(" : ").next().unwrap_or_default().trim();
    format!("{file}: {title}")
}

fn one_line(file: &str, whole: &str, round: u64) -> Result<Reader, String> {
    let mut parts = whole.split(" | ");
    let request = parts.next().unwrap_or_default();
    let mut reader = Reader::new(&format!("{file}: {whole}"), "", round)?;
    reader.line(&format!("> {request}"))?;
    for field in parts {
        reader.line(&match field.strip_prefix("< ") {
            Some(answer) => format!("< {answer}"),
            None => format!("> {field}"),
        })?;
    }
    Ok(reader)
}

/// An exchange that is being read.
struct Reader {
    case: Case,
    markup: Markup,
    newline: &'static str,
    /// True once the body has a line.
    begun: bool,
    answered: bool,
    /// True while the fields that follow are those of an interim response.
    interim: bool,
}

impl Reader {
    fn new(name: &str, line: &str, round: u64) -> Result<Self, String> {
        let case = Case {
            name: name.to_owned(),
            protocol: Protocol::Http,
            end: End::Complete,
            method: String::new(),
            url: Marked::default(),
            request: Side::default(),
            interim: Vec::new(),
            status: 200,
            response: Side::default(),
            messages: Vec::new(),
        };
        let mut reader = Self {
            case,
            markup: Markup::new(name, round),
            newline: "\n",
            begun: false,
            answered: false,
            interim: false,
        };
        if let Some((_, options)) = line.split_once(" : ") {
            options.split_whitespace().try_for_each(|option| reader.option(option))?;
        }
        Ok(reader)
    }

    fn option(&mut self, option: &str) -> Result<(), String> {
        let case = &mut self.case;
        match option {
            "h1" => case.protocol = Protocol::Http1,
            "grpc" => case.protocol = Protocol::Grpc,
            "ws" => case.protocol = Protocol::WebSocket,
            "crlf" => self.newline = "\r\n",
            "aborted" => case.end = End::Aborted,
            "cut" => case.end = End::Cut,
            "unanswered" => case.end = End::Unanswered,
            ">chunked" => case.request.chunked = true,
            "<chunked" => case.response.chunked = true,
            other => match other.split_at_checked(1) {
                Some((">", coding)) => case.request.coding = Some(coding.to_owned()),
                Some(("<", coding)) => case.response.coding = Some(coding.to_owned()),
                _ => return Err(format!("there is no option {other}")),
            },
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let (sign, rest) = line.split_once(' ').unwrap_or((line, ""));
        match sign {
            ">" if self.case.method.is_empty() => self.request(rest),
            "<" if rest.bytes().take(3).all(|byte| byte.is_ascii_digit()) => self.status(rest),
            ">" | "<" => {
                let field = self.field(rest)?;
                match self.case.interim.last_mut() {
                    Some((_, fields)) if sign == "<" && self.interim => fields.push(field),
                    _ => self.side(sign == ">").fields.push(field),
                }
                Ok(())
            }
            ">~" | "<~" => {
                let field = self.field(rest)?;
                self.side(sign == ">~").trailers.push(field);
                Ok(())
            }
            ">>" | "<<" => self.message(sign == ">>", rest),
            _ => match line.strip_prefix('|') {
                Some("!") => {
                    let side = self.body_side();
                    side.gates.push(side.body.bytes.len());
                    Ok(())
                }
                Some(text) => self.body_line(text),
                None => Err(format!("a line begins with {sign}")),
            },
        }
    }

    fn request(&mut self, line: &str) -> Result<(), String> {
        let (method, url) = line.split_once(' ').ok_or("no method and URL")?;
        self.case.method = method.to_owned();
        self.case.url = self.markup.expand(url, 0)?;
        Ok(())
    }

    fn status(&mut self, rest: &str) -> Result<(), String> {
        let status: u16 = rest.parse().map_err(|_| format!("no status: {rest}"))?;
        self.begun = false;
        self.answered = true;
        self.interim = (100..200).contains(&status) && status != 101;
        match self.interim {
            true => self.case.interim.push((status, Vec::new())),
            false => self.case.status = status,
        }
        Ok(())
    }

    fn side(&mut self, of_request: bool) -> &mut Side {
        if of_request { &mut self.case.request } else { &mut self.case.response }
    }

    fn body_side(&mut self) -> &mut Side {
        let answered = self.answered;
        self.side(!answered)
    }

    fn field(&mut self, rest: &str) -> Result<(String, Marked), String> {
        let (name, value) = rest.split_once(':').ok_or("a field without a colon")?;
        Ok((name.to_owned(), self.markup.expand(value.trim(), 0)?))
    }

    fn body_line(&mut self, text: &str) -> Result<(), String> {
        let newline = if self.begun { self.newline } else { "" };
        let start = self.body_side().body.bytes.len() + newline.len();
        let line = self.markup.expand(text, start)?;
        let middles = self.markup.take_middles();
        let side = self.body_side();
        side.body.push(newline.as_bytes());
        side.body.append(&line);
        side.gates.extend(middles.into_iter().map(|middle| start + middle));
        self.begun = true;
        Ok(())
    }

    fn message(&mut self, from_client: bool, rest: &str) -> Result<(), String> {
        let (kind, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let text = self.markup.expand(text, 0)?;
        let is_proto = matches!(kind, "proto" | "binary");
        let payload = if is_proto { proto::message(&text)? } else { text };
        if self.case.protocol == Protocol::WebSocket {
            self.case.messages.push(Message { from_client, text: !is_proto, payload });
            return Ok(());
        }
        let side = self.side(from_client);
        let start = side.body.bytes.len();
        side.body.append(&payload);
        // `trailer` is the frame in which gRPC-Web has its trailers; `binary` is in no frame.
        let flags = if kind == "trailer" { 0x80 } else { 0 };
        if kind != "binary" {
            side.frames.push(Frame { flags, payload: start..start + payload.bytes.len() });
        }
        Ok(())
    }

    fn finish(mut self) -> Case {
        if !self.answered {
            self.case.response.fields.push(("Content-Type".to_owned(), Marked::plain("application/json")));
            self.case.response.body = Marked::plain("{\"ok\":true}");
        }
        self.case
    }
}
