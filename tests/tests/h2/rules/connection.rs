//! Preface, SETTINGS, PING, GOAWAY, WINDOW_UPDATE.

use anyhow::Result;
use dashcam_tests::h2::code::{FLOW_CONTROL, FRAME_SIZE, PROTOCOL};
use dashcam_tests::h2::frame::{frame, go_away, kind, ping, settings, window_update};
use dashcam_tests::h2::{PREFACE, code, setting};

use super::{Asked, Case, Does, ONE_CODE, case, check, get, get_block, greeting, post, wait};

#[tokio::test]
async fn preface_and_settings() -> Result<()> {
    use Asked::{Acknowledged, Answer, Connection};
    let one = |id, value| settings(&[(id, value)]);
    check(vec![
        case(
            "3.4",
            "first frame is no SETTINGS",
            [PREFACE, &ping(b"payload.", false)].concat(),
            Connection(PROTOCOL),
            Does::Acknowledged,
        )
        .known("the h2 crate takes SETTINGS whenever they come")
        .raw(),
        case(
            "3.4",
            "preface and request at once",
            [greeting(), get(1)].concat(),
            Answer(200),
            Does::Answer(200),
        )
        .raw(),
        case(
            "3.4",
            "everything 4 bytes at a time",
            [greeting(), get(1)].concat(),
            Answer(200),
            Does::Answer(200),
        )
        .raw()
        .in_pieces_of(4),
        case(
            "6.5",
            "SETTINGS are acknowledged",
            one(setting::MAX_CONCURRENT_STREAMS, 9),
            Acknowledged,
            Does::Acknowledged,
        ),
        case(
            "6.5",
            "an acknowledgement with a payload",
            frame(kind::SETTINGS, 1, 0, &[0; 6]),
            Connection(FRAME_SIZE),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "6.5",
            "5 bytes long",
            frame(kind::SETTINGS, 0, 0, &[0; 5]),
            Connection(FRAME_SIZE),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "6.5",
            "on a stream",
            frame(kind::SETTINGS, 0, 1, &[]),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.5.2",
            "ENABLE_PUSH 2",
            one(setting::ENABLE_PUSH, 2),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case("6.5.2", "ENABLE_PUSH 0", one(setting::ENABLE_PUSH, 0), Acknowledged, Does::Acknowledged),
        case(
            "6.5.2",
            "INITIAL_WINDOW_SIZE 2^31",
            one(setting::INITIAL_WINDOW_SIZE, 1 << 31),
            Connection(FLOW_CONTROL),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "6.5.2",
            "INITIAL_WINDOW_SIZE 2^31-1",
            one(setting::INITIAL_WINDOW_SIZE, (1 << 31) - 1),
            Acknowledged,
            Does::Acknowledged,
        ),
        case(
            "6.5.2",
            "MAX_FRAME_SIZE 2^14-1",
            one(setting::MAX_FRAME_SIZE, (1 << 14) - 1),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.5.2",
            "MAX_FRAME_SIZE 2^24",
            one(setting::MAX_FRAME_SIZE, 1 << 24),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case("6.5.2", "an unknown setting", one(0x7777, 1), Acknowledged, Does::Acknowledged),
        case(
            "6.5.3",
            "no table for field compression",
            [one(setting::HEADER_TABLE_SIZE, 0), get(1)].concat(),
            Answer(200),
            Does::Answer(200),
        ),
        case(
            "8441.3",
            "ENABLE_CONNECT_PROTOCOL 2",
            one(setting::ENABLE_CONNECT_PROTOCOL, 2),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
    ])
    .await
}

fn windows() -> Vec<Case> {
    use Asked::{Answer, Connection, Nothing, Stream};
    let most = (1 << 31) - 1;
    vec![
        case(
            "6.9",
            "0 for the connection",
            window_update(0, 0),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.9",
            "0 for a stream",
            [wait(1), window_update(1, 0)].concat(),
            Stream(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.9",
            "3 bytes long",
            frame(kind::WINDOW_UPDATE, 0, 0, &[0; 3]),
            Connection(FRAME_SIZE),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case("6.9", "for an idle stream", window_update(1, 1), Connection(PROTOCOL), Does::GoAway(PROTOCOL)),
        case(
            "6.9.1",
            "more than 2^31-1 for the connection",
            window_update(0, most),
            Connection(FLOW_CONTROL),
            Does::GoAway(FLOW_CONTROL),
        ),
        case(
            "6.9.1",
            "more than 2^31-1 for a stream",
            [wait(1), window_update(1, most)].concat(),
            Stream(FLOW_CONTROL),
            Does::Reset(FLOW_CONTROL),
        ),
        case(
            "6.9.2",
            "more than 2^31-1 by SETTINGS",
            [wait(1), window_update(1, most - 65_535), settings(&[(setting::INITIAL_WINDOW_SIZE, 65_536)])]
                .concat(),
            Connection(FLOW_CONTROL),
            Does::GoAway(FLOW_CONTROL),
        ),
        case(
            "6.9",
            "the reserved bit",
            frame(kind::WINDOW_UPDATE, 0, 0, &[128, 0, 0, 1]),
            Nothing,
            Does::Nothing,
        ),
        case(
            "6.9.1",
            "an empty window, then a request",
            [settings(&[(setting::INITIAL_WINDOW_SIZE, 0)]), get(1)].concat(),
            Answer(200),
            Does::Answer(200),
        ),
    ]
}

#[tokio::test]
async fn ping_goaway_and_window_update() -> Result<()> {
    use Asked::{Acknowledged, Answer, Connection, Nothing};
    let mut cases = vec![
        case(
            "6.7",
            "PING is answered with its payload",
            ping(b"payload.", false),
            Acknowledged,
            Does::Acknowledged,
        ),
        case("6.7", "an answer that nobody asked for", ping(b"payload.", true), Nothing, Does::Nothing),
        case(
            "6.7",
            "PING of 7 bytes",
            ping(b"payload", false),
            Connection(FRAME_SIZE),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "6.7",
            "PING on a stream",
            frame(kind::PING, 0, 1, &[0; 8]),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.8",
            "a farewell behind a request",
            [get(1), go_away(0, code::NO_ERROR)].concat(),
            Answer(200),
            Does::Answer(200),
        ),
        case(
            "6.8",
            "a farewell without a request",
            go_away(0, code::NO_ERROR),
            Connection(code::NO_ERROR),
            Does::GoAway(code::NO_ERROR),
        ),
        case(
            "6.8",
            "GOAWAY on a stream",
            frame(kind::GOAWAY, 0, 1, &[0; 8]),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "6.8",
            "GOAWAY of 7 bytes",
            frame(kind::GOAWAY, 0, 0, &[0; 7]),
            Connection(FRAME_SIZE),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        case(
            "6.6",
            "PUSH_PROMISE from a client",
            frame(kind::PUSH_PROMISE, 4, 1, &[&[0, 0, 0, 2][..], &get_block()].concat()),
            Connection(PROTOCOL),
            Does::GoAway(PROTOCOL),
        ),
        case(
            "5.1.2",
            "a body for a request under way",
            [post(1), ping(b"payload.", false)].concat(),
            Acknowledged,
            Does::Acknowledged,
        ),
    ];
    cases.extend(windows());
    check(cases).await
}
