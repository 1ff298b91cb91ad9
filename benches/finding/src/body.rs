//! JSON bodies: lists of records, each body with a reference that no other has.

use std::fmt::Write as _;

use crate::random::Random;

const WORDS: [&str; 24] = [
    "amber", "basket", "copper", "delta", "ember", "forest", "garnet", "harbour", "island", "jasper",
    "kettle", "lantern", "marble", "needle", "orchid", "paper", "quartz", "ribbon", "silver", "timber",
    "umber", "velvet", "willow", "yarn",
];

/// How many different items there are.
pub(crate) const ITEMS: u64 = 4000;

/// The most bytes of a body, and the fewest.
pub(crate) const MOST: f64 = 50.0 * 1024.0;
pub(crate) const LEAST: f64 = 200.0;

/// The reference that the response of exchange `id` has, and no other.
pub(crate) fn reference(id: u64) -> String {
    format!("R{:016X}", Random::of(0xb0d1, id).next())
}

/// The answer to exchange `id`: about `size` bytes.
pub(crate) fn response(id: u64, size: usize, random: &mut Random) -> Vec<u8> {
    let mut json = String::with_capacity(size + 256);
    let _fits = write!(json, "{{\"reference\":\"{}\",\"page\":{},\"items\":[", reference(id), id % 97);
    loop {
        item(&mut json, random);
        if json.len() + 2 >= size {
            break;
        }
        json.push(',');
    }
    json.push_str("]}");
    json.into_bytes()
}

/// A question's body: an order.
pub(crate) fn request(id: u64, size: usize, random: &mut Random) -> Vec<u8> {
    let mut json = String::with_capacity(size + 256);
    let customer = random.below(50_000);
    let _fits = write!(json, "{{\"customer\":{{\"id\":{customer}}},\"nonce\":{id},\"lines\":[");
    loop {
        item(&mut json, random);
        if json.len() + 2 >= size {
            break;
        }
        json.push(',');
    }
    json.push_str("]}");
    json.into_bytes()
}

fn item(json: &mut String, random: &mut Random) {
    let bits = random.next();
    let word = |shift: u32| WORDS[(bits >> shift) as usize % WORDS.len()];
    let (sku, price) = (bits % ITEMS, (bits >> 12) % 90_000);
    // A `String` takes it all.
    let _fits = write!(
        json,
        "{{\"sku\":\"A-{sku}\",\"name\":\"{} {}\",\"price\":{}.{:02},\"stock\":{},\"note\":\"{} {} {}\"}}",
        word(20),
        word(25),
        price / 100,
        price % 100,
        bits >> 55,
        word(30),
        word(35),
        word(40),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_json_of_about_its_size_with_its_reference() {
        for size in [200, 5000, 50_000] {
            let body = response(7, size, &mut Random::of(1, 7));
            assert!((size..size + 400).contains(&body.len()), "{size}: {}", body.len());
            let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(json["reference"], reference(7));
            let _request: serde_json::Value =
                serde_json::from_slice(&request(7, size, &mut Random::of(1, 7))).unwrap();
        }
    }
}
