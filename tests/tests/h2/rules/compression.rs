//! Field compression (RFC 7541).

use anyhow::Result;
use dashcam_tests::h2::code::{COMPRESSION, PROTOCOL};
use dashcam_tests::h2::frame::string;

use super::{Asked, Case, Does, ONE_CODE, case, check, get_block, with_block};

fn compressed(name: &'static str, extra: &[u8]) -> Case {
    let block = [&get_block(), extra].concat();
    case("4.3", name, with_block(&block), Asked::Connection(COMPRESSION), Does::GoAway(PROTOCOL))
        .known(ONE_CODE)
}

#[tokio::test]
async fn field_compression() -> Result<()> {
    let huffman_end = [&[0, 1, b'x', 0x84][..], &[0xff; 4]].concat();
    check(vec![
        compressed("index 0", &[0x80]),
        compressed("an index beyond the table", &[0xff, 0x7f]),
        compressed("a name beyond the table", &[&[0x7f, 0x7f][..], &string(b"v")].concat()),
        compressed("an index without an end", &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        compressed("a string longer than its block", &[0, 1, b'x', 9, b'y']),
        compressed("padding of a Huffman code that is no ones", &[0, 1, b'x', 0x81, 0b0001_1000]),
        compressed("padding of a Huffman code that is a byte", &[0, 1, b'x', 0x82, 0b0001_1111, 0xff]),
        compressed("the end of strings within one", &huffman_end),
        case(
            "4.3",
            "a table larger than allowed",
            with_block(&[&[0x3f, 0xe2, 0x1f][..], &get_block()].concat()),
            Asked::Connection(COMPRESSION),
            Does::GoAway(PROTOCOL),
        )
        .known(ONE_CODE),
        compressed("a change of the table's size behind fields", &[0x20]),
        case(
            "4.3",
            "a smaller table",
            with_block(&[&[0x20][..], &get_block()].concat()),
            Asked::Answer(200),
            Does::Answer(200),
        ),
        case(
            "4.3",
            "indexed fields",
            with_block(&[0x82, 0x86, 0x84, 0x41, 1, b'a']),
            Asked::Answer(200),
            Does::Answer(200),
        ),
    ])
    .await
}
