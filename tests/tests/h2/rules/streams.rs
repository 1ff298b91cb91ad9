//! Streams' states, identifiers and number.

use anyhow::Result;
use dashcam_tests::h2::code::{CANCEL, FRAME_SIZE, NO_ERROR, PROTOCOL, REFUSED, STREAM_CLOSED};
use dashcam_tests::h2::frame::{data, frame, headers, kind, reset, window_update};

use super::{Asked, Does, GET, ONE_CODE, WAIT, case, check, get, post, wait};

#[tokio::test]
async fn identifiers() -> Result<()> {
    use Asked::{Answer, Connection, Stream};
    check(vec![
        case("5.1.1", "an even stream", get(2), Connection(PROTOCOL), Does::GoAway(PROTOCOL)),
        case(
            "5.1.1",
            "a stream below the last",
            [wait(5), wait(3)].concat(),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case("5.1.1", "streams that are skipped", get(99), Answer(200), Does::Answer(200)),
        case("5.1.1", "the last stream of all", get((1 << 31) - 1), Answer(200), Does::Answer(200)),
        case("6.2", "HEADERS for the connection", get(0), Connection(PROTOCOL), Does::GoAway(PROTOCOL)),
        case(
            "6.1",
            "DATA for the connection",
            data(0, b"x", false),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.4",
            "RST_STREAM for the connection",
            reset(0, CANCEL),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.4",
            "RST_STREAM of 3 bytes",
            [wait(1), frame(kind::RST_STREAM, 0, 1, &[0; 3])].concat(),
            Connection(FRAME_SIZE),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "5.1.2",
            "as many streams as allowed",
            (0..128)
                .flat_map(|n| if n == 127 { get(2 * n + 1) } else { wait(2 * n + 1) })
                .collect::<Vec<_>>(),
            Answer(200),
            Does::Answer(200),
        ),
        case(
            "5.1.2",
            "more streams than allowed",
            (0..129).flat_map(|n| wait(2 * n + 1)).collect::<Vec<_>>(),
            Stream(REFUSED),
            Does::Reset(REFUSED),
        ),
    ])
    .await
}

#[tokio::test]
async fn idle_half_closed_and_closed() -> Result<()> {
    use Asked::{Connection, Nothing, Stream};
    check(vec![
        case(
            "5.1",
            "DATA on an idle stream",
            data(1, b"x", false),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "5.1",
            "RST_STREAM on an idle stream",
            reset(1, CANCEL),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "5.1",
            "DATA after END_STREAM",
            [wait(1), data(1, b"x", true)].concat(),
            Stream(STREAM_CLOSED),
            Does::GoAway(PROTOCOL),
        )
        .known("the h2 crate takes it for a connection error"),
        case(
            "5.1",
            "HEADERS after END_STREAM",
            [wait(1), wait(1)].concat(),
            Stream(STREAM_CLOSED),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "5.1",
            "WINDOW_UPDATE after END_STREAM",
            [wait(1), window_update(1, 1)].concat(),
            Nothing,
            Does::Nothing,
        ),
        case(
            "5.1",
            "RST_STREAM after END_STREAM",
            [wait(1), reset(1, CANCEL)].concat(),
            Nothing,
            Does::Nothing,
        ),
        case(
            "5.1",
            "DATA after RST_STREAM",
            [post(1), reset(1, CANCEL), data(1, b"x", false)].concat(),
            Stream(STREAM_CLOSED),
            Does::Reset(STREAM_CLOSED),
        ),
        case(
            "5.1",
            "HEADERS after RST_STREAM",
            [post(1), reset(1, CANCEL), wait(1)].concat(),
            Stream(STREAM_CLOSED),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "5.1",
            "WINDOW_UPDATE after RST_STREAM",
            [post(1), reset(1, NO_ERROR), window_update(1, 1)].concat(),
            Nothing,
            Does::Nothing,
        ),
        case(
            "5.1",
            "RST_STREAM after RST_STREAM",
            [post(1), reset(1, CANCEL), reset(1, CANCEL)].concat(),
            Nothing,
            Does::Nothing,
        ),
        case(
            "5.1",
            "PRIORITY after RST_STREAM",
            [post(1), reset(1, CANCEL), frame(kind::PRIORITY, 0, 1, &[0, 0, 0, 0, 1])].concat(),
            Nothing,
            Does::Nothing,
        ),
    ])
    .await
}

#[tokio::test]
async fn trailers() -> Result<()> {
    use Asked::{Answer, Malformed};
    let trailers =
        |fields: &[(&str, &str)], ends| [post(1), data(1, b"x", false), headers(1, fields, ends)].concat();
    check(vec![
        case("8.1", "trailers", trailers(&[("x-sum", "1")], true), Answer(200), Does::Answer(200)),
        case("8.1", "no trailers, but HEADERS", trailers(&[], true), Answer(200), Does::Answer(200)),
        case(
            "8.1",
            "trailers that are not the end",
            trailers(&[("x-sum", "1")], false),
            Malformed,
            Does::Reset(PROTOCOL),
        ),
        case(
            "8.1",
            "trailers behind an empty body",
            [post(1), headers(1, &[("x-sum", "1")], true)].concat(),
            Answer(200),
            Does::Answer(200),
        ),
        case(
            "8.3",
            "a pseudo-field in trailers",
            trailers(&[(":method", "GET")], true),
            Malformed,
            Does::Answer(200),
        )
        .known("the h2 crate leaves it out: it does not reach the origin"),
        case("8.3", "all pseudo-fields in trailers", trailers(&GET, true), Malformed, Does::Answer(200))
            .known("the h2 crate leaves them out: they do not reach the origin"),
        case(
            "8.3",
            "an unknown pseudo-field in trailers",
            trailers(&[(":x", "1")], true),
            Malformed,
            Does::GoAway(PROTOCOL),
        ),
        case(
            "8.2.2",
            "a connection's field in trailers",
            trailers(&[("connection", "close")], true),
            Malformed,
            Does::Reset(PROTOCOL),
        ),
        case(
            "8.1",
            "a request that waits",
            [headers(1, &WAIT, false), data(1, b"", false)].concat(),
            Asked::Nothing,
            Does::Nothing,
        ),
    ])
    .await
}
