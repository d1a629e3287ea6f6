//! The places of spots: in their order, far enough from each other, near to what they are joined to.

use std::collections::BTreeMap;

use super::spot::{Chain, Neighbours, Spot, mean};

/// Pixels from the middle of a table to that of the next one.
const TABLE: f64 = 30.0;

/// The same for an arrow that passes.
const ARROW: f64 = 12.0;

/// More rounds change nothing that is seen.
const ROUNDS: usize = 16;

/// A spot and the height of its middle, in pixels from the top.
pub type Placed<'a> = Vec<Vec<(Spot<'a>, f64)>>;

/// Where each spot of each layer is.
pub fn placed<'a>(layers: &[Vec<Spot<'a>>], chains: &[Chain<'a>]) -> Placed<'a> {
    let neighbours = Neighbours::of(chains);
    let mut heights: BTreeMap<Spot, f64> = BTreeMap::new();
    for layer in layers {
        heights.extend(apart(layer, &vec![0.0; layer.len()]));
    }
    for _ in 0..ROUNDS {
        for layer in layers {
            settle(layer, &neighbours.before, &mut heights);
        }
        for layer in layers.iter().rev() {
            settle(layer, &neighbours.behind, &mut heights);
        }
    }
    let top = heights.values().copied().fold(f64::INFINITY, f64::min);
    let height = |spot: &Spot<'a>| (*spot, heights.get(spot).map_or(0.0, |height| height - top + TABLE / 2.0));
    layers.iter().map(|layer| layer.iter().map(height).collect()).collect()
}

/// Moves the spots of a layer towards those that they are joined to.
fn settle<'a>(
    layer: &[Spot<'a>],
    neighbours: &BTreeMap<Spot<'a>, Vec<Spot<'a>>>,
    heights: &mut BTreeMap<Spot<'a>, f64>,
) {
    let wish = |spot: &Spot<'a>| mean(neighbours, spot, heights).or(heights.get(spot).copied()).unwrap_or_default();
    let wished: Vec<f64> = layer.iter().map(wish).collect();
    heights.extend(apart(layer, &wished));
}

/// The places nearest to the wished ones, by the sum of squares, that keep order and distances: a regression that never
/// falls, by pooling neighbours that would.
fn apart<'a>(layer: &[Spot<'a>], wished: &[f64]) -> Vec<(Spot<'a>, f64)> {
    let mut offsets = Vec::new();
    let mut offset = 0.0;
    for spot in layer {
        offset += room(spot) / 2.0;
        offsets.push(offset);
        offset += room(spot) / 2.0;
    }
    let mut pools: Vec<(f64, f64)> = Vec::new();
    for (wish, offset) in wished.iter().zip(&offsets) {
        let mut pool = (wish - offset, 1.0);
        while let Some(before) = pools.pop_if(|before| before.0 / before.1 > pool.0 / pool.1) {
            pool = (pool.0 + before.0, pool.1 + before.1);
        }
        pools.push(pool);
    }
    let levels = pools.iter().flat_map(|(sum, count)| {
        std::iter::successors(Some(1.0), |at| Some(at + 1.0))
            .take_while(move |at| at <= count)
            .map(move |_| sum / count)
    });
    layer.iter().zip(levels.zip(&offsets)).map(|(spot, (level, offset))| (*spot, level + offset)).collect()
}

fn room(spot: &Spot) -> f64 {
    match spot {
        Spot::Table(_) => TABLE,
        Spot::Passing { .. } => ARROW,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spots_that_wish_for_the_same_place_share_it_out_around_it() {
        let layer = [Spot::Table("a"), Spot::Table("b"), Spot::Table("c")];
        let heights: Vec<f64> = apart(&layer, &[100.0, 100.0, 400.0]).into_iter().map(|(_, height)| height).collect();
        assert_eq!(heights, [85.0, 115.0, 400.0]);
    }
}
