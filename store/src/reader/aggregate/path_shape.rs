//! Paths with their ids folded, so that the paths of one route are one.

/// The path of a target without its query, and `{id}` for each segment that looks like the id of something: a number,
/// a UUID, or sixteen hexadecimal digits and more.
pub(super) fn path_shape(target: &str, shape: &mut String) {
    shape.clear();
    let path = target.split(['?', '#']).next().unwrap_or_default();
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            shape.push('/');
        }
        shape.push_str(if is_id(segment) { "{id}" } else { segment });
    }
}

fn is_id(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let is_number = digits == segment.len();
    let is_hex = segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_number || is_hex && segment.len() >= 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_folded() {
        let mut shape = String::new();
        for (target, expect) in [
            ("/", "/"),
            ("", ""),
            ("*", "*"),
            ("/v1/orders/42", "/v1/orders/{id}"),
            ("/v1/orders/42/lines?page=7", "/v1/orders/{id}/lines"),
            ("/u/018f3c2e-9f1a-7c3d-8b2e-0a1b2c3d4e5f/", "/u/{id}/"),
            ("/blob/9f86d081884c7d659a2feaa0c55ad015", "/blob/{id}"),
            ("/dead-beef/facade", "/dead-beef/facade"),
            ("/v2/a1b2", "/v2/a1b2"),
        ] {
            path_shape(target, &mut shape);
            assert_eq!(shape, expect, "{target}");
        }
    }
}
