//! The nearest of some names to one that is not among them.

/// The name that a few typing errors turn into `wrong`, if there is one.
#[must_use]
pub fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wrong: Vec<char> = wrong.to_lowercase().chars().take(64).collect();
    let most = (wrong.len() + 1) / 3;
    let distances = names.into_iter().map(|name| (distance(&wrong, &name.chars().collect::<Vec<_>>()), name));
    let near = distances.filter(|(distance, _)| *distance <= most.clamp(1, 3));
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// The nearest name, where serde's `message` says that a name is none of those that it lists, which it quotes: ``unknown
/// field `levle`, expected one of `level`, `match` ``.
#[must_use]
pub fn nearest_in_refusal(message: &str) -> Option<&str> {
    let (_, behind) = message.split_once("unknown ")?;
    let mut quoted = behind.split('`').skip(1).step_by(2);
    let wrong = quoted.next()?;
    nearest(wrong, quoted)
}

/// Characters to add, leave out, change or swap with their neighbour (optimal string alignment).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, left) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in other.iter().enumerate() {
            let changed = rows[i][j] + usize::from(left != right);
            let mut least = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *left == other[j - 1] && one[i - 1] == *right {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names() {
        for (wrong, expect) in [
            ("staus", Some("status")),
            ("Sttaus", Some("status")),
            ("hsot", Some("host")),
            ("pth", Some("path")),
            ("localhost", None),
            ("api", None),
            ("x", None),
            ("https", None),
        ] {
            assert_eq!(nearest(wrong, ["host", "path", "status", "tag"]), expect, "{wrong}");
        }
    }

    #[test]
    fn near_names_in_refusals() {
        for (message, expect) in [
            ("rules[0]: unknown field `levle`, expected one of `name`, `level` at line 1", Some("level")),
            ("unknown variant `metdata`, expected `off` or `metadata`", Some("metadata")),
            ("unknown field `colour`, expected `level`", None),
            ("invalid type: string `a`", None),
        ] {
            assert_eq!(nearest_in_refusal(message), expect, "{message}");
        }
    }
}
