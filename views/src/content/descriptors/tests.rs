//! Descriptor sets, written as `protoc` writes them.

use super::*;

/// A field with bytes.
fn sized(number: u8, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    let (mut head, mut length) = (vec![number << 3 | 2], bytes.len());
    while length >= 128 {
        head.push((length & 127) as u8 | 128);
        length >>= 7;
    }
    head.push(length as u8);
    [&head, bytes].concat()
}

fn varint(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

/// A field of a message: name, number, label, type, and the name of a message or an enum.
fn field_of(name: &str, (number, label, kind): (u8, u8, u8), type_name: &str) -> Vec<u8> {
    let named = if type_name.is_empty() { Vec::new() } else { sized(6, type_name) };
    [sized(1, name), varint(3, number), varint(4, label), varint(5, kind), named].concat()
}

/// A set with `shop.Order`, which nests `Line` and `State`, and the service `shop.Orders`.
pub(in crate::content) fn set() -> Vec<u8> {
    let line = [
        sized(1, "Line"),
        sized(2, field_of("sku", (1, 1, 9), "")),
        sized(2, field_of("counts", (2, 3, 5), "")),
    ];
    let paid = [sized(1, "PAID"), varint(2, 1)].concat();
    let state = [sized(1, "State"), sized(2, [sized(1, "NEW"), varint(2, 0)].concat()), sized(2, paid)];
    let order = [
        sized(1, "Order"),
        sized(2, field_of("id", (1, 1, 18), "")),
        sized(2, field_of("state", (2, 1, 14), ".shop.Order.State")),
        sized(2, field_of("lines", (3, 3, 11), ".shop.Order.Line")),
        sized(2, field_of("total", (4, 1, 1), "")),
        sized(3, line.concat()),
        sized(4, state.concat()),
    ];
    let find = [sized(1, "Find"), sized(2, ".shop.Order.Line"), sized(3, ".shop.Order")].concat();
    let service = [sized(1, "Orders"), sized(2, find)].concat();
    let extension = [field_of("note", (100, 1, 9), ""), sized(2, ".shop.Order")].concat();
    // The package may stand behind the types.
    let file = [sized(1, "shop.proto"), sized(4, order.concat()), sized(6, service), sized(7, extension)];
    sized(1, [file.concat(), sized(2, "shop")].concat())
}

#[test]
fn names_are_whole() {
    let found = Descriptors::read(&set()).unwrap();
    assert_eq!(found.files(), ["shop.proto"]);
    assert_eq!(found.messages().collect::<Vec<_>>(), ["shop.Order", "shop.Order.Line"]);
    assert_eq!(found.methods().collect::<Vec<_>>(), ["shop.Orders/Find"]);
    assert_eq!(found.of_method("/shop.Orders/Find", false), Some("shop.Order.Line"));
    assert_eq!(found.of_method("/twirp/shop.Orders/Find", true), Some("shop.Order"));
    assert_eq!(found.of_method("/shop.Orders/Other", true), None);
    assert_eq!(found.enum_value("shop.Order.State", 1), Some("PAID"));
    let order = found.message("shop.Order").unwrap();
    assert_eq!(order.fields[&100].name, "[shop.note]");
    assert!(order.fields[&3].is_repeated);
}

#[test]
fn sets_may_stand_behind_each_other_and_garbage_is_none() {
    let both = [set(), set()].concat();
    assert_eq!(Descriptors::read(&both).unwrap().files().len(), 2);
    for bytes in [&b""[..], b"syntax = \"proto3\";", &set()[..40], &[0x0a, 0]] {
        assert_eq!(Descriptors::read(bytes).err(), Some(NoDescriptors::Malformed), "{bytes:?}");
    }
    let mut deep = sized(1, "A");
    for _ in 0..60 {
        deep = [sized(1, "A"), sized(3, deep)].concat();
    }
    assert_eq!(Descriptors::read(&sized(1, sized(4, deep))).err(), Some(NoDescriptors::Malformed));
}

#[test]
fn sets_that_would_become_large_are_refused() {
    let refused = |package: &str, types: Vec<u8>| {
        let file = [sized(2, package), types].concat();
        let set = sized(1, file);
        assert!(set.len() <= Descriptors::LARGEST);
        Descriptors::read(&set).err()
    };
    let message = sized(4, sized(1, "A"));
    assert_eq!(refused(&"a".repeat(2 << 20), message.repeat(300_000)), Some(NoDescriptors::LongName));
    assert_eq!(refused(&"a".repeat(1022), message.clone()), None);
    assert_eq!(refused(&"a".repeat(1023), message.clone()), Some(NoDescriptors::LongName));
    assert_eq!(refused(&"a".repeat(1000), message.repeat(100_000)), Some(NoDescriptors::TooMany));
    assert_eq!(refused("", message.repeat(300_000)), Some(NoDescriptors::TooMany));
    let fields = [sized(1, "A"), sized(2, varint(3, 1)).repeat(300_000)].concat();
    assert_eq!(refused("", sized(4, fields)), Some(NoDescriptors::TooMany));
    let values = [sized(1, "A"), sized(2, sized(1, "B")).repeat(300_000)].concat();
    assert_eq!(refused("", sized(5, values)), Some(NoDescriptors::TooMany));
    let methods = [sized(1, "A"), sized(2, sized(1, "B")).repeat(300_000)].concat();
    assert_eq!(refused("", sized(6, methods)), Some(NoDescriptors::TooMany));
}
