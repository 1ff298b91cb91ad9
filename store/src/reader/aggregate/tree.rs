//! Hosts, and below them their paths segment by segment, with ids folded: of those branches that are open.

use std::cmp::Reverse;
use std::collections::HashMap;

use dashcam_exchange::path_shape;

use super::by::kept;
use super::groups::Group;
use super::row::Row;
use super::sums::Sums;

/// Nodes that are told apart in all branches: memory is bounded.
const MOST: usize = 5000;
/// Bytes of their names.
const MOST_BYTES: usize = 4 << 20;

/// The nodes below one place of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The place: empty for the hosts, else a host, and behind it the folded beginning of a path.
    pub place: String,
    /// Those with the most exchanges, these first.
    pub nodes: Vec<TreeNode>,
    /// How many other nodes there are that are told apart.
    pub more: u64,
    /// Exchanges that are below other nodes.
    pub others: u64,
    /// False if there are so many nodes that some were not told apart.
    pub is_exact: bool,
}

/// A host, or a segment of paths: the exchanges there and below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeNode {
    /// The host, or the segment; empty behind a slash at the end of a path.
    pub name: String,
    /// True if there are segments below it.
    pub has_nodes: bool,
    /// Its figures, without a key.
    pub figures: Group,
}

/// A tree that grows.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// The branches that are open, by their place; the order in which they were asked for.
    branches: HashMap<String, Nodes>,
    order: Vec<String>,
    nodes: usize,
    bytes: usize,
    place: String,
}

#[derive(Debug, Default)]
struct Nodes {
    by_name: HashMap<String, Node>,
    /// Those without room.
    others: u64,
}

#[derive(Debug, Default)]
struct Node {
    has_nodes: bool,
    sums: Sums,
}

impl Counts {
    /// The hosts, and what is below each of the places that are `open`.
    pub(super) fn new(open: &[String]) -> Self {
        let order: Vec<String> = std::iter::once(String::new())
            .chain(open.iter().filter(|place| !place.is_empty()).cloned())
            .collect();
        let branches = order.iter().map(|place| (place.clone(), Nodes::default())).collect();
        Self { branches, order, ..Self::default() }
    }

    pub(super) fn add(&mut self, row: &Row<'_>, shape: &mut String) {
        let host = kept(row.host);
        self.place.clear();
        self.count(host, true, row);
        self.place.push_str(host);
        if !self.branches.contains_key(&self.place) {
            return;
        }
        path_shape(row.target, shape);
        let mut segments = kept(shape).split('/').peekable();
        // A path begins with a slash; what does not is one segment.
        if segments.peek().is_some_and(|first| first.is_empty()) {
            segments.next();
        }
        while let Some(segment) = segments.next() {
            self.count(segment, segments.peek().is_some(), row);
            self.place.push('/');
            self.place.push_str(segment);
            if !self.branches.contains_key(&self.place) {
                return;
            }
        }
    }

    /// Adds an exchange to a node of the branch at `place`.
    fn count(&mut self, name: &str, has_nodes: bool, row: &Row<'_>) {
        let Some(branch) = self.branches.get_mut(&self.place) else { return };
        let node = match branch.by_name.get_mut(name) {
            Some(node) => node,
            None if self.nodes < MOST && self.bytes < MOST_BYTES => {
                (self.nodes, self.bytes) = (self.nodes + 1, self.bytes + name.len());
                branch.by_name.entry(name.to_owned()).or_default()
            }
            None => return branch.others += 1,
        };
        node.has_nodes |= has_nodes;
        node.sums.add(row);
    }

    /// The branches, with at most `most` nodes each.
    pub(super) fn branches(mut self, most: usize) -> Vec<Branch> {
        let order = std::mem::take(&mut self.order);
        order
            .into_iter()
            .filter_map(|place| Some(self.branches.remove(&place)?.branch(place, most)))
            .collect()
    }
}

impl Nodes {
    fn branch(self, place: String, most: usize) -> Branch {
        let is_exact = self.others == 0;
        let mut ranked: Vec<(String, Node)> = self.by_name.into_iter().collect();
        ranked.sort_unstable_by(|(name, node), (other, another)| {
            (Reverse(node.sums.exchanges()), name).cmp(&(Reverse(another.sums.exchanges()), other))
        });
        let left = ranked.split_off(most.min(ranked.len()));
        let others = left.iter().map(|(_, node)| node.sums.exchanges()).sum::<u64>() + self.others;
        let nodes = ranked.into_iter().map(|(name, Node { has_nodes, sums })| TreeNode {
            name,
            has_nodes,
            figures: sums.group(None, None),
        });
        Branch { place, nodes: nodes.collect(), more: left.len() as u64, others, is_exact }
    }
}
