//! The shop's goods and their reviews: made up, and the same in each run.

use serde_json::{Value, json};

use crate::chance::Chance;

/// Products there are; their numbers begin with 1.
pub(crate) const PRODUCTS: u64 = 240;
const SEED: u64 = 20_261;
/// 2026-01-01, in seconds since 1970.
pub(crate) const EPOCH: u64 = 1_767_225_600;

const KINDS: [&str; 8] = ["Tent", "Lantern", "Rope", "Stove", "Backpack", "Compass", "Flask", "Sleeping bag"];
const STYLES: [&str; 6] = ["Alpine", "Coast", "Night", "Trail", "Winter", "Basic"];
const WORDS: [&str; 12] =
    ["light", "sturdy", "packs", "small", "for", "two", "nights", "in", "the", "rain", "and", "wind"];
/// Categories of products.
pub(crate) const CATEGORIES: [&str; 4] = ["shelter", "light", "kitchen", "carry"];

/// The product with this number.
pub(crate) fn product(number: u64) -> Value {
    let mut chance = Chance::new(SEED + number);
    let name = format!("{} {}", chance.one_of(&STYLES), chance.one_of(&KINDS));
    let words: Vec<&str> = (0..10).map(|_| *chance.one_of(&WORDS)).collect();
    json!({
        "id": number,
        "sku": format!("SKU-{:05}", chance.below(100_000)),
        "name": name,
        "category": chance.one_of(&CATEGORIES),
        "price": {"amount": 900 + chance.below(30_000), "currency": "EUR"},
        "stock": {"berlin": chance.below(40), "lisbon": chance.below(40)},
        "rating": f64::from(u32::try_from(chance.below(21)).unwrap_or_default() + 30) / 10.0,
        "tags": [chance.one_of(&WORDS), chance.one_of(&WORDS)],
        "description": words.join(" "),
        "discontinued": chance.below(12) == 0,
    })
}

/// A page of products.
pub(crate) fn products(page: u64, size: u64) -> Value {
    let first = page.saturating_sub(1) * size + 1;
    let items: Vec<Value> = (first..first + size).filter(|number| *number <= PRODUCTS).map(product).collect();
    json!({"page": page, "total": PRODUCTS, "items": items})
}

/// All products often enough that the whole takes some megabytes.
pub(crate) fn catalog() -> Value {
    let items: Vec<Value> = (0..9000).map(|number| product(number % PRODUCTS + 1)).collect();
    json!({"generated_at": "2026-01-01T00:00:00Z", "items": items})
}

/// Reviews of the product with this number.
pub(crate) fn reviews(number: u64) -> Value {
    let mut chance = Chance::new(SEED * 3 + number);
    let review = |at: u64| {
        let words: Vec<&str> = (0..8).map(|_| *chance.one_of(&WORDS)).collect();
        json!({"id": number * 100 + at, "by": format!("customer-{}", chance.below(500)), "stars": 1 + chance.below(5),
            "text": words.join(" ")})
    };
    json!({"product": number, "reviews": (0..12).map(review).collect::<Vec<_>>()})
}

/// Orders as lines of CSV.
pub(crate) fn orders_csv() -> String {
    let mut chance = Chance::new(SEED * 5);
    let mut lines = "order,customer,product,quantity,total,placed_at\n".to_owned();
    for order in 1..=120 {
        let (customer, product, quantity) =
            (chance.below(500), 1 + chance.below(PRODUCTS), 1 + chance.below(4));
        let total = quantity * (900 + chance.below(30_000));
        let (euros, cents, day) = (total / 100, total % 100, 1 + chance.below(28));
        lines += &format!(
            "{order},customer-{customer},\"{}\",{quantity},{euros}.{cents:02},2026-01-{day:02}\n",
            product_name(product)
        );
    }
    lines
}

/// Events as lines of JSON.
pub(crate) fn events_ndjson() -> String {
    let mut chance = Chance::new(SEED * 7);
    let event = |at: u64| {
        let kind = chance.one_of(&["viewed", "added", "removed", "ordered"]);
        json!({"at": EPOCH + at * 7, "event": kind, "product": 1 + chance.below(PRODUCTS),
            "customer": format!("customer-{}", chance.below(500))})
    };
    (0..80).map(event).map(|event| format!("{event}\n")).collect()
}

/// The name of the product with this number.
pub(crate) fn product_name(number: u64) -> String {
    product(number)["name"].as_str().unwrap_or_default().to_owned()
}
