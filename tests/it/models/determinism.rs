//! The same rows make the same bytes, whatever the partitions and the order in which rows come.

use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;

use proptest::prelude::*;
use rfmart::generate::{ChainSpec, FileFormat, generate};

use super::{Night, night, night_of, sales, shop};
use crate::common::chain::{Chain, day, part};

/// The bytes of every table by name. `dim_snapshot` is left out: it tells which run it was.
fn tables(night: &Night) -> BTreeMap<String, Vec<u8>> {
    let folders = fs::read_dir(&night.warehouse).expect("a warehouse").map(|entry| entry.expect("a folder"));
    let names = folders.map(|folder| folder.file_name().into_string().expect("a name"));
    names
        .filter(|name| name != "_rfmart" && name != "dim_snapshot")
        .map(|name| {
            let bytes = fs::read(part(&night.warehouse, &name, night.on)).expect("a file");
            (name, bytes)
        })
        .collect()
}

fn assert_same(expected: &BTreeMap<String, Vec<u8>>, found: &BTreeMap<String, Vec<u8>>, what: &str) {
    assert_eq!(expected.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>(), "{what}");
    let differing: Vec<&String> = expected.keys().filter(|table| expected[*table] != found[*table]).collect();
    assert!(differing.is_empty(), "{what}: {differing:?} differ");
}

#[test]
fn a_generated_chain_gives_the_same_bytes_on_1_2_and_16_partitions() {
    let chain = Rc::new(Chain::new(""));
    let spec = ChainSpec {
        branches: 3,
        customers: 1_500,
        months: 15,
        orders: None,
        seed: 11,
        until: day("2026-11-21"),
        format: FileFormat::Csv,
        dirt_per_million: 0,
        redelivered_per_million: 20_000,
    };
    generate(&spec, &chain.path("made"), &|_| ()).expect("a chain");
    let mut expected = None;
    for target_partitions in [1, 2, 16] {
        let mut pipeline = rfmart::config::load(&chain.path("made/pipeline.yaml")).expect("a pipeline");
        pipeline.publish.location = chain_warehouse(&chain);
        pipeline.limits.target_partitions = target_partitions;
        let night = night_of(&chain, "2026-11-20", pipeline, &target_partitions.to_string());
        let found = tables(&night);
        assert!(found["fct_customer_rfm"].len() > 10_000, "too small to tell anything");
        let expected = expected.get_or_insert_with(|| found.clone());
        assert_same(expected, &found, &format!("{target_partitions} partitions"));
    }
}

fn chain_warehouse(chain: &Chain) -> rfmart::config::Location {
    rfmart::config::Location {
        store: "file:///".parse().expect("a URL"),
        path: format!("{}/warehouse/", chain.path("").display()).replace("//", "/").trim_start_matches('/').to_owned(),
        kind: rfmart::config::LocationKind::Prefix,
    }
}

/// Ties everywhere: few days, few amounts.
const LINES: &[&str] = &[
    "a N 2026-11-01 100",
    "b N 2026-11-01 100",
    "c S 2026-11-01 100",
    "d S 2026-11-02 100",
    "e N 2026-11-02 200",
    "f N 2026-11-02 200",
    "g S 2026-10-02 200",
    "a S 2026-10-02 300",
    "b S 2026-10-02 300",
    "h S 2026-10-03 300",
    "i N 2026-10-03 300",
    "j N 2026-10-03 100",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_in_another_order_give_the_same_bytes(
        order in Just((0..LINES.len()).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let chain = shop("", &[sales(LINES)]);
        let expected = tables(&night(&chain, "2026-11-21"));
        // The order numbers go with the lines.
        let (_, csv) = sales(LINES);
        let written: Vec<&str> = csv.lines().collect();
        let shuffled: String = order.iter().map(|line| format!("{}\n", written[line + 1])).collect();
        chain.write("orders.csv", &format!("{}\n{shuffled}", written[0]));
        let found = tables(&night_of(&chain, "2026-11-21", chain.pipeline(), "shuffled"));
        assert_same(&expected, &found, &format!("{order:?}"));
    }
}
