//! What is laid out: tables, and arrows that pass the layers between their ends.

use std::collections::{BTreeMap, BTreeSet};

/// The tables that each table reads, by name. What is read and not a key is read from outside.
pub type Reads<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// What takes up room in a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot<'a> {
    /// A table.
    Table(&'a str),
    /// An arrow that goes on to a later layer.
    Passing {
        /// The table that is read.
        from: &'a str,
        /// The table that reads it.
        to: &'a str,
        /// The layer.
        layer: usize,
    },
}

/// An arrow: all spots that it goes through, from the table that is read to the one that reads it.
pub type Chain<'a> = Vec<Spot<'a>>;

/// The spots that each spot is joined to, in the layers beside it.
pub struct Neighbours<'a> {
    /// Those in the layer before.
    pub before: BTreeMap<Spot<'a>, Vec<Spot<'a>>>,
    /// Those in the layer behind.
    pub behind: BTreeMap<Spot<'a>, Vec<Spot<'a>>>,
}

impl<'a> Neighbours<'a> {
    /// Those that arrows go through one after the other.
    pub fn of(chains: &[Chain<'a>]) -> Self {
        let mut neighbours = Neighbours { before: BTreeMap::new(), behind: BTreeMap::new() };
        for (one, other) in chains.iter().flat_map(|chain| chain.iter().zip(chain.iter().skip(1))) {
            neighbours.behind.entry(*one).or_default().push(*other);
            neighbours.before.entry(*other).or_default().push(*one);
        }
        neighbours
    }
}

/// The mean of what is known of the neighbours of a spot; none where nothing is.
pub fn mean(neighbours: &BTreeMap<Spot, Vec<Spot>>, spot: &Spot, known: &BTreeMap<Spot, f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in neighbours.get(spot)?.iter().filter_map(|neighbour| known.get(neighbour)) {
        sum += value;
        count += 1.0;
    }
    (count > 0.0).then(|| sum / count)
}
