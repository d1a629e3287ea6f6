//! The picture as SVG. How it looks is said by the page's style.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::place::Placed;
use super::spot::{Chain, Spot};
use crate::model::is_published;

/// Half the height of a table's box, in pixels.
const HALF: f64 = 11.0;

/// Width of a letter, at most; and of what is around a name.
const LETTER: f64 = 6.5;
const AROUND: f64 = 18.0;

/// Width between two layers, in which arrows change their heights.
const GAP: f64 = 38.0;

const MARGIN: f64 = 8.0;

/// Where a layer is, from left to right.
#[derive(Clone, Copy)]
struct Span {
    left: f64,
    right: f64,
}

/// Draws what is placed.
pub fn svg(placed: &Placed, chains: &[Chain]) -> String {
    let spans = spans(placed);
    let width = spans.last().map_or(0.0, |span| span.right) + MARGIN;
    let heights = placed.iter().flatten().map(|(_, height)| height);
    let height = heights.copied().fold(0.0, f64::max) + HALF + MARGIN;
    let places: BTreeMap<Spot, (Span, f64)> = placed
        .iter()
        .zip(&spans)
        .flat_map(|(layer, span)| layer.iter().map(move |(spot, height)| (*spot, (*span, *height))))
        .collect();
    let mut svg = format!(
        "<svg id=\"picture\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 \
         {width:.0} {height:.0}\">\n"
    );
    for chain in chains {
        svg.push_str(&arrow(chain, &places));
    }
    for (spot, place) in &places {
        if let Spot::Table(name) = spot {
            svg.push_str(&table(name, *place));
        }
    }
    svg + "</svg>"
}

fn spans(placed: &Placed) -> Vec<Span> {
    let mut left = MARGIN;
    let mut spans = Vec::new();
    for layer in placed {
        let width = layer.iter().map(|(spot, _)| width(spot)).fold(0.0, f64::max);
        spans.push(Span { left, right: left + width });
        left += width + GAP;
    }
    spans
}

fn width(spot: &Spot) -> f64 {
    match spot {
        Spot::Table(name) => AROUND + name.chars().map(|_| LETTER).sum::<f64>(),
        Spot::Passing { .. } => 0.0,
    }
}

/// From the right of the table that is read, level through the layers that it passes, to the left of the one that reads.
fn arrow(chain: &Chain, places: &BTreeMap<Spot, (Span, f64)>) -> String {
    let (Some(Spot::Table(from)), Some(Spot::Table(to))) = (chain.first(), chain.last()) else { return String::new() };
    let mut path = String::new();
    let mut x = 0.0;
    let mut y = 0.0;
    for (spot, (span, height)) in chain.iter().filter_map(|spot| Some((spot, places.get(spot)?))) {
        // Writing to a string can't fail.
        let _ = if path.is_empty() {
            write!(path, "M{:.0} {height:.0}", span.left + width(spot))
        } else {
            let middle = (x + span.left) / 2.0;
            write!(path, "C{middle:.0} {y:.0} {middle:.0} {height:.0} {:.0} {height:.0}", span.left)
        };
        if matches!(spot, Spot::Passing { .. }) {
            let _ = write!(path, "H{:.0}", span.right);
        }
        // A name that is shorter than its layer is wide begins with a level part.
        if x == 0.0 && span.left + width(spot) < span.right {
            let _ = write!(path, "H{:.0}", span.right);
        }
        (x, y) = (span.right, *height);
    }
    format!("<path data-from=\"{}\" data-to=\"{}\" d=\"{path}\"/>\n", escaped(from), escaped(to))
}

fn table(name: &str, (span, height): (Span, f64)) -> String {
    let (kind, width) = (kind(name), width(&Spot::Table(name)));
    let name = escaped(name);
    let (top, text) = (height - HALF, height + 4.0);
    format!(
        "<a id=\"picture-{name}\" href=\"#{name}\" class=\"{kind}\"><rect x=\"{:.0}\" y=\"{top:.0}\" width=\"{width:.0}\" \
         height=\"{:.0}\" rx=\"4\"/><text x=\"{:.0}\" y=\"{text:.0}\">{name}</text></a>\n",
        span.left,
        2.0 * HALF,
        span.left + AROUND / 2.0
    )
}

/// What a table is to the run.
fn kind(name: &str) -> &'static str {
    match name.split_once('_') {
        _ if is_published(name) => "published",
        Some(("src" | "seed", _)) => "given",
        _ => "between",
    }
}

/// A name within markup.
fn escaped(name: &str) -> String {
    name.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
