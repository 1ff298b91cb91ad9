//! The frames' form, and CONTINUATION.

use anyhow::Result;
use dashcam_tests::h2::code::{CALM, FRAME_SIZE, PROTOCOL};
use dashcam_tests::h2::frame::{END_HEADERS, END_STREAM, PADDED, PRIORITY, data, frame, headers, kind, ping};

use super::{Asked, Does, ONE_CODE, POST, case, check, get, get_block, post, wait};

/// GET's fields, so many bytes a frame.
fn in_pieces_of(length: usize) -> Vec<u8> {
    let block = get_block();
    let mut bytes = frame(kind::HEADERS, END_STREAM, 1, b"");
    let pieces = block.chunks(length);
    let last = pieces.len() - 1;
    for (index, piece) in pieces.enumerate() {
        let flags = if index == last { END_HEADERS } else { 0 };
        bytes.extend(frame(kind::CONTINUATION, flags, 1, piece));
    }
    bytes
}

/// HEADERS whose fields are not all there, and what comes instead of CONTINUATION.
fn interrupted(by: &[u8]) -> Vec<u8> {
    [&frame(kind::HEADERS, END_STREAM, 1, &get_block()[..9]), by].concat()
}

fn padded(kind: u8, flags: u8, length: u8, payload: &[u8]) -> Vec<u8> {
    frame(kind, flags | PADDED, 1, &[&[length], payload].concat())
}

#[tokio::test]
async fn sizes_types_and_padding() -> Result<()> {
    use Asked::{Acknowledged, Answer, Connection, Nothing, Stream};
    let padding = [get_block(), vec![0; 20]].concat();
    let priority = [&[0, 0, 0, 3, 16][..], &get_block()].concat();
    let own_priority = [&[0, 0, 0, 1, 16][..], &get_block()].concat();
    let long = [&POST[..], &[("content-length", "16384")]].concat();
    check(vec![
        case("4.1", "an unknown type", frame(0xbb, 0xff, 0, b"whatever"), Nothing, Does::Nothing),
        case(
            "4.1",
            "an unknown type on an idle stream",
            frame(0xbb, 0, 7, b"whatever"),
            Nothing,
            Does::Nothing,
        ),
        case(
            "4.1",
            "undefined flags",
            frame(kind::PING, 0xf6, 0, b"payload."),
            Acknowledged,
            Does::Acknowledged,
        ),
        case(
            "4.1",
            "the reserved bit",
            frame(kind::PING, 0, 1 << 31, b"payload."),
            Acknowledged,
            Does::Acknowledged,
        ),
        case(
            "4.2",
            "DATA of 2^14 bytes",
            [headers(1, &long, false), data(1, &[0; 16_384], true)].concat(),
            Answer(200),
            Does::Answer(200),
        ),
        case(
            "4.2",
            "DATA of 2^14+1 bytes",
            [post(1), data(1, &[0; 16_385], true)].concat(),
            Stream(FRAME_SIZE),
            Does::GoAway(FRAME_SIZE),
        ),
        case(
            "4.2",
            "HEADERS of 2^14+1 bytes",
            frame(kind::HEADERS, 5, 1, &[0; 16_385]),
            Connection(FRAME_SIZE),
            Does::GoAway(FRAME_SIZE),
        ),
        case(
            "6.1",
            "DATA with padding",
            [post(1), padded(kind::DATA, END_STREAM, 3, b"body\0\0\0")].concat(),
            Answer(200),
            Does::Answer(200),
        ),
        case(
            "6.1",
            "DATA that is all padding",
            [post(1), padded(kind::DATA, END_STREAM, 3, b"\0\0\0")].concat(),
            Answer(200),
            Does::Answer(200),
        ),
        case(
            "6.1",
            "DATA with more padding than payload",
            [post(1), padded(kind::DATA, END_STREAM, 9, b"body\0\0\0")].concat(),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.1",
            "padded DATA without a length",
            [post(1), frame(kind::DATA, PADDED, 1, b"")].concat(),
            Connection(FRAME_SIZE),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "6.2",
            "HEADERS with padding",
            padded(kind::HEADERS, 5, 20, &padding),
            Answer(200),
            Does::Answer(200),
        ),
        case(
            "6.2",
            "HEADERS with more padding than payload",
            padded(kind::HEADERS, 5, 255, &padding),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.2",
            "HEADERS with priority",
            frame(kind::HEADERS, 5 | PRIORITY, 1, &priority),
            Answer(200),
            Does::Answer(200),
        ),
        case(
            "6.2",
            "HEADERS too short for their priority",
            frame(kind::HEADERS, 5 | PRIORITY, 1, &[0; 4]),
            Connection(FRAME_SIZE),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "5.3.1",
            "HEADERS that depend on themselves",
            frame(kind::HEADERS, 5 | PRIORITY, 1, &own_priority),
            Answer(200),
            Does::Reset(PROTOCOL),
        )
        .known("RFC 7540 has it so, and so has the h2 crate; RFC 9113 ignores priorities"),
        case(
            "6.3",
            "PRIORITY of 4 bytes",
            [wait(1), frame(kind::PRIORITY, 0, 1, &[0; 4])].concat(),
            Stream(FRAME_SIZE),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "6.3",
            "PRIORITY for the connection",
            frame(kind::PRIORITY, 0, 0, &[0; 5]),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.3",
            "PRIORITY for an idle stream",
            frame(kind::PRIORITY, 0, 9, &[0, 0, 0, 1, 9]),
            Nothing,
            Does::Nothing,
        ),
        case(
            "6.3",
            "PRIORITY that depends on itself",
            [wait(1), frame(kind::PRIORITY, 0, 1, &[0, 0, 0, 1, 9])].concat(),
            Nothing,
            Does::Reset(PROTOCOL),
        )
        .known("RFC 7540 has it so, and so has the h2 crate; RFC 9113 ignores priorities"),
    ])
    .await
}

#[tokio::test]
async fn continuation() -> Result<()> {
    use Asked::{Answer, Connection};
    let rest = frame(kind::CONTINUATION, END_HEADERS, 1, &get_block()[9..]);
    check(vec![
        case("6.10", "in two pieces", interrupted(&rest), Answer(200), Does::Answer(200)),
        case("6.10", "in many pieces", in_pieces_of(9), Answer(200), Does::Answer(200)),
        case("10.5", "in too many pieces", in_pieces_of(1), Connection(CALM), Does::GoAway(CALM)),
        case(
            "6.10",
            "an empty HEADERS first",
            [
                frame(kind::HEADERS, END_STREAM, 1, b""),
                frame(kind::CONTINUATION, END_HEADERS, 1, &get_block()),
            ]
            .concat(),
            Answer(200),
            Does::Answer(200),
        ),
        case(
            "6.10",
            "another type between",
            interrupted(&[ping(b"payload.", false), rest.clone()].concat()),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.10",
            "an unknown type between",
            interrupted(&[frame(0xbb, 0, 1, b""), rest.clone()].concat()),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.10",
            "HEADERS of another stream between",
            interrupted(&get(3)),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.10",
            "CONTINUATION of another stream",
            interrupted(&frame(kind::CONTINUATION, END_HEADERS, 3, b"")),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.10",
            "for the connection",
            frame(kind::CONTINUATION, END_HEADERS, 0, b""),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.10",
            "without HEADERS",
            frame(kind::CONTINUATION, END_HEADERS, 1, &get_block()),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.10",
            "after the last",
            [wait(1), frame(kind::CONTINUATION, END_HEADERS, 1, b"")].concat(),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.10",
            "after DATA",
            [post(1), data(1, b"x", false), frame(kind::CONTINUATION, END_HEADERS, 1, b"")].concat(),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
    ])
    .await
}
