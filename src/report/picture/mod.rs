//! The lineage of tables as a picture: what is read stands left of what is made of it, in layers.
//!
//! The steps are those of Sugiyama's method: layers by the longest way, an order within them that lets few arrows cross,
//! and places in that order near to what a table is joined to.

mod draw;
mod layers;
mod order;
mod place;
mod spot;

pub use spot::Reads;

/// The picture as SVG. Each table is a link to the element of its name, and each arrow tells its two ends.
pub fn lineage(reads: &Reads) -> String {
    let layers = layers::of(reads);
    let chains = layers::chains(reads, &layers);
    let ordered = order::ordered(&layers::filled(&layers, &chains), &chains);
    draw::svg(&place::placed(&ordered, &chains), &chains)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::spot::Spot;
    use super::*;

    /// The inputs are read by a, which b reads; c reads both and an input.
    fn reads() -> Reads<'static> {
        BTreeMap::from([
            ("int_a", BTreeSet::from(["src_x", "src_y"])),
            ("int_b", BTreeSet::from(["int_a"])),
            ("fct_c", BTreeSet::from(["int_a", "int_b", "src_x"])),
        ])
    }

    #[test]
    fn each_table_stands_right_of_those_that_it_reads() {
        let reads = reads();
        let layers = layers::of(&reads);
        assert_eq!(layers, [("fct_c", 3), ("int_a", 1), ("int_b", 2), ("src_x", 0), ("src_y", 0)].into());
    }

    #[test]
    fn what_is_published_and_read_by_none_stands_in_the_last_layer() {
        let mut reads = reads();
        reads.insert("dim_d", BTreeSet::from(["src_y"]));
        reads.insert("int_d", BTreeSet::from(["src_y"]));
        let layers = layers::of(&reads);
        assert_eq!((layers.get("dim_d"), layers.get("int_d")), (Some(&3), Some(&1)));
    }

    #[test]
    fn an_arrow_goes_through_every_layer_between_its_ends() {
        let reads = reads();
        let chains = layers::chains(&reads, &layers::of(&reads));
        let passing = |layer| Spot::Passing { from: "src_x", to: "fct_c", layer };
        assert!(chains.contains(&vec![Spot::Table("src_x"), passing(1), passing(2), Spot::Table("fct_c")]));
        assert_eq!(chains.len(), 6);
    }

    #[test]
    fn arrows_that_need_not_cross_do_not() {
        let reads = BTreeMap::from([("int_a", BTreeSet::from(["src_z"])), ("int_b", BTreeSet::from(["src_x"]))]);
        let layers = layers::of(&reads);
        let chains = layers::chains(&reads, &layers);
        let ordered = order::ordered(&layers::filled(&layers, &chains), &chains);
        let names: Vec<Vec<&str>> = ordered
            .iter()
            .map(|layer| layer.iter().map(|spot| if let Spot::Table(name) = spot { name } else { "" }).collect())
            .collect();
        assert!(names == [["src_x", "src_z"], ["int_b", "int_a"]] || names == [["src_z", "src_x"], ["int_a", "int_b"]]);
    }

    #[test]
    fn every_table_is_a_link_and_every_reference_an_arrow() {
        let svg = lineage(&reads());
        for name in ["src_x", "src_y", "int_a", "int_b", "fct_c"] {
            assert!(svg.contains(&format!("href=\"#{name}\"")), "{name}: {svg}");
        }
        assert!(svg.contains("data-from=\"src_x\" data-to=\"fct_c\""), "{svg}");
        assert_eq!(svg.matches("<path ").count(), 6);
    }
}
