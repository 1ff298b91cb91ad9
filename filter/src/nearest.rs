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
}
