//! Words that URLs need to have: looked for in all URLs of a segment at once, which takes a tenth of asking the filter
//! for each of them.

use dashcam_exchange::{State, write_url};
use dashcam_filter::{Field, Node, Term, Test};
use memchr::memmem::Finder;

use crate::rows::segment::{Column, Segment};

/// Shorter words are in so many URLs that it does not pay.
const SHORTEST: usize = 3;

/// Words of which a URL has at least one if its exchange matches.
pub(super) struct Words {
    finders: Vec<Finder<'static>>,
    /// Where they may stand beside the URL.
    elsewhere: bool,
    /// URLs that follow each other, in lower case, and where each ends.
    text: String,
    ends: Vec<usize>,
}

/// Words, and whether they may stand beside the URL.
#[derive(Default)]
struct Required {
    words: Vec<String>,
    elsewhere: bool,
}

impl Words {
    /// The words of a filter; `None` if exchanges may match without any.
    pub(super) fn of(node: &Node) -> Option<Self> {
        let Required { words, elsewhere } = required(node)?;
        let finders = words.iter().map(|word| Finder::new(word).into_owned()).collect();
        Some(Self { finders, elsewhere, text: String::new(), ends: Vec::new() })
    }

    /// Returns for each exchange of a segment whether it may match.
    pub(super) fn candidates(&mut self, segment: &Segment) -> Vec<bool> {
        self.join(segment);
        let mut candidates = vec![false; segment.len()];
        if self.elsewhere {
            self.mark_names(segment, &mut candidates);
        }
        let text = self.text.as_bytes();
        for finder in &self.finders {
            let mut from = 0;
            while let Some(at) = finder.find(&text[from..]) {
                let row = self.ends.partition_point(|end| *end <= from + at);
                candidates[row] = true;
                from = self.ends[row];
            }
        }
        if !text.is_ascii() {
            let mut start = 0;
            for (marked, end) in candidates.iter_mut().zip(&self.ends) {
                *marked |= !text[start..*end].is_ascii();
                start = *end;
            }
        }
        candidates
    }

    /// Writes the URLs one behind the other. One that does not end with its target has that behind it.
    fn join(&mut self, segment: &Segment) {
        self.text.clear();
        self.ends.clear();
        let begin = |destination| {
            let mut url = String::new();
            write_url(destination, "/", &mut url);
            url.pop();
            url
        };
        let begins: Vec<String> = segment.names.destinations.iter().map(begin).collect();
        let destinations = segment.numbers.of(Column::Destination);
        for (row, destination) in destinations.iter().enumerate() {
            let (destination, target) = (index(*destination), segment.targets.of(row));
            match target.starts_with('/') {
                true => self.text.push_str(&begins[destination]),
                false => write_url(&segment.names.destinations[destination], target, &mut self.text),
            }
            self.text.push_str(target);
            self.ends.push(self.text.len());
        }
        self.text.make_ascii_lowercase();
    }

    /// Marks the exchanges that have a name with one of the words in it.
    fn mark_names(&self, segment: &Segment, candidates: &mut [bool]) {
        let names = &segment.names;
        let statuses = names.statuses.iter().map(|status| status.map(|status| status.to_string()));
        let kinds = [
            (Column::Method, names.methods.clone()),
            (Column::Status, statuses.map(Option::unwrap_or_default).collect()),
            (Column::Type, names.types.iter().map(|kind| kind.clone().unwrap_or_default()).collect()),
            (Column::Outcome, names.outcomes.iter().map(|one| State::as_str(one.state).to_owned()).collect()),
        ];
        for (column, names) in kinds {
            let has = |name: &String| {
                let small = name.to_ascii_lowercase();
                !name.is_ascii() || self.finders.iter().any(|finder| finder.find(small.as_bytes()).is_some())
            };
            let found: Vec<bool> = names.iter().map(has).collect();
            if found.contains(&true) {
                let numbers = segment.numbers.of(column);
                candidates.iter_mut().zip(numbers).for_each(|(marked, name)| *marked |= found[index(*name)]);
            }
        }
    }
}

/// A segment that was read has no other names.
fn index(name: i64) -> usize {
    usize::try_from(name).unwrap_or(usize::MAX)
}

fn required(node: &Node) -> Option<Required> {
    match node {
        Node::And(nodes) => nodes.iter().filter_map(required).max_by_key(Required::shortest),
        Node::Or(nodes) => {
            let each = nodes.iter().map(required).collect::<Option<Vec<_>>>()?;
            Some(each.into_iter().fold(Required::default(), Required::and))
        }
        Node::Term(Term { field, test: Test::Text(texts) }) => {
            let elsewhere = match field {
                Field::Url | Field::Path | Field::Query => false,
                Field::Anywhere => true,
                _ => return None,
            };
            let words: Vec<String> =
                texts.iter().map(dashcam_filter::Text::required).collect::<Option<Vec<_>>>()?.concat();
            // A blank may stand between a URL and what is beside it.
            let is_useful = |word: &String| word.len() >= SHORTEST && !(elsewhere && word.contains(' '));
            words.iter().all(is_useful).then_some(Required { words, elsewhere })
        }
        Node::All | Node::Not(_) | Node::Term(_) => None,
    }
}

impl Required {
    fn shortest(&self) -> usize {
        self.words.iter().map(String::len).min().unwrap_or(0)
    }

    fn and(mut self, other: Self) -> Self {
        self.words.extend(other.words);
        Self { elsewhere: self.elsewhere || other.elsewhere, ..self }
    }
}
