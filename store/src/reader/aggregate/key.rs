//! The values by which exchanges are grouped, as one key.

/// The length that stands for a value that is not there.
const NONE: u32 = u32::MAX;

/// Adds a value to a key: its length, and its bytes.
pub(super) fn push(key: &mut Vec<u8>, value: Option<&str>) {
    let length = value.map_or(NONE, |value| u32::try_from(value.len()).unwrap_or(NONE - 1));
    key.extend_from_slice(&length.to_le_bytes());
    key.extend_from_slice(value.map_or(&[], |value| &value.as_bytes()[..length as usize]));
}

/// The values of a key.
pub(super) fn values(mut key: &[u8]) -> Vec<Option<String>> {
    let mut values = Vec::new();
    while let Some((length, rest)) = key.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length);
        let end = if length == NONE { 0 } else { (length as usize).min(rest.len()) };
        values.push((length != NONE).then(|| String::from_utf8_lossy(&rest[..end]).into_owned()));
        key = &rest[end..];
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_values() {
        for expect in [vec![], vec![None], vec![Some("a"), None, Some(""), Some("ü\u{1f}")]] {
            let mut key = Vec::new();
            expect.iter().for_each(|value| push(&mut key, *value));
            let expect: Vec<_> = expect.into_iter().map(|value| value.map(str::to_owned)).collect();
            assert_eq!(values(&key), expect);
        }
    }
}
