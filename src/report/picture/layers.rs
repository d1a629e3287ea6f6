//! Which layer each table stands in, and what its arrows pass.

use std::collections::{BTreeMap, BTreeSet};

use super::spot::{Chain, Reads, Spot};
use crate::model::is_published;

/// Each table's layer. The first one reads nothing; published tables that no other reads stand in the last one.
pub fn of<'a>(reads: &Reads<'a>) -> BTreeMap<&'a str, usize> {
    let mut layers: BTreeMap<&str, usize> =
        reads.values().flatten().chain(reads.keys()).map(|name| (*name, 0)).collect();
    // No way is longer than there are tables.
    for _ in 0..layers.len() {
        let before = layers.clone();
        for (table, read) in reads {
            let behind = read.iter().filter_map(|table| before.get(table)).max().map_or(0, |layer| layer + 1);
            layers.insert(table, behind);
        }
        if layers == before {
            break;
        }
    }
    let last = layers.values().copied().max().unwrap_or_default();
    let read: BTreeSet<&str> = reads.values().flatten().copied().collect();
    for (_, layer) in layers.iter_mut().filter(|(table, _)| is_published(table) && !read.contains(*table)) {
        *layer = last;
    }
    layers
}

/// Every arrow, with what it passes.
pub fn chains<'a>(reads: &Reads<'a>, layers: &BTreeMap<&'a str, usize>) -> Vec<Chain<'a>> {
    let layer = |table: &str| layers.get(table).copied().unwrap_or_default();
    let arrows = reads.iter().flat_map(|(to, read)| read.iter().map(|from| (*from, *to)));
    let chain = |(from, to)| {
        let passed = (layer(from) + 1..layer(to)).map(|layer| Spot::Passing { from, to, layer });
        [Spot::Table(from)].into_iter().chain(passed).chain([Spot::Table(to)]).collect()
    };
    arrows.map(chain).collect()
}

/// The layers, each with all that takes up room in it.
pub fn filled<'a>(layers: &BTreeMap<&'a str, usize>, chains: &[Chain<'a>]) -> Vec<Vec<Spot<'a>>> {
    let mut filled: BTreeMap<usize, BTreeSet<Spot>> = BTreeMap::new();
    for (table, layer) in layers {
        filled.entry(*layer).or_default().insert(Spot::Table(table));
    }
    for spot in chains.iter().flatten() {
        if let Spot::Passing { layer, .. } = spot {
            filled.entry(*layer).or_default().insert(*spot);
        }
    }
    filled.into_values().map(|spots| spots.into_iter().collect()).collect()
}
