//! The order within layers that lets few arrows cross.

use std::collections::BTreeMap;

use super::spot::{Chain, Neighbours, Spot, mean};

/// More rounds change nothing that is seen.
const ROUNDS: usize = 24;

type Layers<'a> = Vec<Vec<Spot<'a>>>;

/// `layers`, each sorted by where its neighbours stand in the layer beside it, forwards and backwards in turn. Of all
/// rounds the one with the fewest crossings.
pub fn ordered<'a>(layers: &Layers<'a>, chains: &[Chain<'a>]) -> Layers<'a> {
    let neighbours = Neighbours::of(chains);
    let mut turned = layers.clone();
    let mut best = (crossings(layers, &neighbours), layers.clone());
    for _ in 0..ROUNDS {
        sweep(turned.iter_mut(), &neighbours.before);
        sweep(turned.iter_mut().rev(), &neighbours.behind);
        let count = crossings(&turned, &neighbours);
        if count < best.0 {
            best = (count, turned.clone());
        }
    }
    best.1
}

fn sweep<'a, 'b>(layers: impl Iterator<Item = &'b mut Vec<Spot<'a>>>, neighbours: &BTreeMap<Spot<'a>, Vec<Spot<'a>>>)
where
    'a: 'b,
{
    let mut beside = BTreeMap::new();
    for layer in layers {
        let own = ranks(layer);
        let wished = |spot: &Spot<'a>| mean(neighbours, spot, &beside).or(own.get(spot).copied()).unwrap_or_default();
        layer.sort_by(|one, other| wished(one).total_cmp(&wished(other)));
        beside = ranks(layer);
    }
}

fn ranks<'a>(layer: &[Spot<'a>]) -> BTreeMap<Spot<'a>, f64> {
    layer.iter().copied().zip((0_u32..).map(f64::from)).collect()
}

/// How often arrows cross each other.
fn crossings<'a>(layers: &Layers<'a>, neighbours: &Neighbours<'a>) -> usize {
    let between = layers.iter().zip(layers.iter().skip(1)).map(|(layer, next)| {
        let ranks = ranks(next);
        let ends: Vec<Vec<f64>> = layer.iter().map(|spot| ends(spot, neighbours, &ranks)).collect();
        ends.iter()
            .enumerate()
            .map(|(at, upper)| ends.iter().skip(at + 1).map(|lower| crossed(upper, lower)).sum::<usize>())
            .sum::<usize>()
    });
    between.sum()
}

fn ends(spot: &Spot, neighbours: &Neighbours, ranks: &BTreeMap<Spot, f64>) -> Vec<f64> {
    neighbours.behind.get(spot).into_iter().flatten().filter_map(|end| ranks.get(end).copied()).collect()
}

/// How many arrows of the upper spot end below those of the lower one.
fn crossed(upper: &[f64], lower: &[f64]) -> usize {
    upper.iter().map(|end| lower.iter().filter(|other| *other < end).count()).sum()
}
