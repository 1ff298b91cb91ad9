//! An exchange as one text, for scanners that know no HTTP: decoded, and in one order.

use crate::case::{Case, Fields, Side};
use crate::marked::Marked;

/// The text of `case`: its heads as HTTP/1 writes them, its bodies decoded, a message a line.
#[must_use]
pub fn text(case: &Case) -> Marked {
    let mut out = Marked::plain(format!("{} ", case.method));
    out.append(&case.url);
    out.push(b" HTTP/1.1\n");
    side(&case.request, &mut out);
    for (status, interim) in &case.interim {
        out.push(format!("HTTP/1.1 {status}\n").as_bytes());
        fields(interim, &mut out);
    }
    out.push(format!("HTTP/1.1 {}\n", case.status).as_bytes());
    side(&case.response, &mut out);
    for message in &case.messages {
        out.append(&message.payload);
        out.push(b"\n");
    }
    out
}

fn side(side: &Side, out: &mut Marked) {
    fields(&side.fields, out);
    out.push(b"\n");
    out.append(&side.body);
    out.push(b"\n");
    fields(&side.trailers, out);
}

fn fields(fields: &Fields, out: &mut Marked) {
    for (name, value) in fields {
        out.push(format!("{name}: ").as_bytes());
        out.append(value);
        out.push(b"\n");
    }
}
