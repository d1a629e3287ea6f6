//! What lies in the folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use super::super::{generate, generate_on};
use super::{ChainSpec, FileFormat, clean, small};
use crate::entity::Entity;
use crate::{Kind, config};

/// Every file under `dir` with its bytes, by path relative to it.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).expect("inside").to_str().expect("text").to_owned();
                found.insert(name, fs::read(path).expect("a file"));
            }
        }
    }
    found
}

fn generated(threads: usize, spec: &ChainSpec) -> BTreeMap<String, Vec<u8>> {
    let dir = tempfile::tempdir().expect("a folder");
    generate_on(threads, spec, dir.path(), &|_| {}).expect("data");
    files(dir.path())
}

fn text(file: &[u8]) -> String {
    String::from_utf8(file.to_vec()).expect("UTF-8")
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_another_seed_others() {
    for format in [FileFormat::Csv, FileFormat::Parquet] {
        let spec = ChainSpec { format, ..small() };
        assert!(generated(1, &spec) == generated(1, &spec));
        assert!(generated(1, &spec) != generated(1, &ChainSpec { seed: 2, ..spec }));
    }
}

#[test]
fn the_number_of_threads_does_not_show_in_the_bytes() {
    let spec = ChainSpec { customers: 140_000, orders: Some(60_000), format: FileFormat::Parquet, ..small() };
    let by_one = generated(1, &spec);
    assert!(by_one.contains_key("orders/part-00002.parquet"));
    assert!(by_one == generated(3, &spec));
}

#[test]
fn csv_has_a_file_per_month_and_two_branches_have_exports_of_their_own() {
    let spec = ChainSpec { months: 2, ..small() };
    let files = generated(1, &spec);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "branches.csv",
            "contacts/2026-09.csv",
            "contacts/2026-10.csv",
            "exports/tnn01/orders/2026-09.csv",
            "exports/tnn01/orders/2026-10.csv",
            "exports/tnn01/visits/2026-09.csv",
            "exports/tnn01/visits/2026-10.csv",
            "exports/txg01/orders/2026-09.csv.gz",
            "exports/txg01/orders/2026-10.csv.gz",
            "exports/txg01/visits/2026-09.csv.gz",
            "exports/txg01/visits/2026-10.csv.gz",
            "items.csv",
            "leads/2026-09.csv",
            "leads/2026-10.csv",
            "orders/2026-09.csv",
            "orders/2026-10.csv",
            "pipeline.yaml",
            "spend.csv",
            "visits/2026-09.csv",
            "visits/2026-10.csv",
        ]
    );
}

#[test]
fn the_branches_own_exports_have_their_own_names_words_and_bytes() {
    let files = generated(1, &clean(small()));
    let mut own = String::new();
    let packed = &files["exports/txg01/orders/2026-10.csv.gz"];
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut own).expect("gzip");
    let (header, rows) = own.split_once('\n').expect("a header");
    assert!(header.starts_with("訂單編號,項次,會員編號,付款時間,科別"));
    assert!(rows.contains(",2026/10/") && rows.contains(",已付款,") && !rows.contains("TXG01"));

    let (old, _, is_broken) = encoding_rs::BIG5.decode(&files["exports/tnn01/orders/2026-10.csv"]);
    assert!(!is_broken);
    assert!(old.starts_with("分院,單號,") && old.contains("\n台南1院,O") && old.contains(",收訖,"));

    let plain = text(&files["orders/2026-10.csv"]);
    assert!(!plain.contains(",TXG01,") && !plain.contains(",TNN01,") && plain.contains(",TYO01,2026-10-"));
}

#[test]
fn the_summary_counts_what_was_written() {
    for format in [FileFormat::Csv, FileFormat::Parquet] {
        let dir = tempfile::tempdir().expect("a folder");
        let done = std::cell::Cell::new(0);
        let summary =
            generate(&ChainSpec { format, ..small() }, dir.path(), &|customers| done.set(customers)).expect("data");
        assert_eq!(done.get(), 300);
        let mut files = files(dir.path());
        files.remove("pipeline.yaml");
        assert_eq!(summary.bytes, files.values().map(|bytes| bytes.len() as u64).sum::<u64>());
        assert_eq!(summary.entities.values().map(|written| written.files).sum::<u64>(), files.len() as u64);
        if format == FileFormat::Csv {
            let leads = files.iter().filter(|(name, _)| name.starts_with("leads/"));
            let rows: usize = leads.map(|(_, bytes)| text(bytes).lines().count() - 1).sum();
            assert_eq!(summary.entities[&Entity::Leads].rows, rows as u64);
        }
    }
}

#[test]
fn a_chain_has_as_many_order_lines_as_asked_for() {
    for (customers, orders) in [(2_000, 400), (2_000, 9_000), (2_000, 60_000), (150_000, 300_000)] {
        let dir = tempfile::tempdir().expect("a folder");
        let spec = ChainSpec {
            branches: 3,
            customers,
            orders: Some(orders),
            format: FileFormat::Parquet,
            ..ChainSpec::default()
        };
        let summary = generate(&spec, dir.path(), &|_| {}).expect("data");
        let rows = summary.entities[&Entity::Orders].rows;
        assert!(rows.abs_diff(orders) * 50 <= orders, "{customers} customers: {rows} lines instead of {orders}");
    }
}

#[test]
fn dirt_and_redelivery_add_rows_and_change_none() {
    let rows = |spec: &ChainSpec| {
        let files = generated(1, spec);
        let orders = files.iter().filter(|(name, _)| name.starts_with("orders/"));
        orders
            .flat_map(|(_, bytes)| text(bytes).lines().skip(1).map(str::to_owned).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    let usual = rows(&clean(small()));
    let dirty = rows(&ChainSpec { dirt_per_million: 1_000_000, ..clean(small()) });
    assert_eq!(dirty.len(), 2 * usual.len());
    assert!(usual.iter().all(|row| dirty.contains(row)));

    let twice = rows(&ChainSpec { redelivered_per_million: 1_000_000, ..clean(small()) });
    let key = |row: &String| row.split(',').take(2).collect::<Vec<_>>().join("/");
    let distinct = |rows: &[String]| rows.iter().map(key).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(distinct(&twice), distinct(&usual));
    assert!(twice.len() > usual.len() * 3 / 2);
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("notes.txt"), "mine").expect("a file");
    let error = generate(&small(), dir.path(), &|_| {}).expect_err("not empty");
    assert_eq!(error.kind(), Kind::Output);
    assert_eq!(files(dir.path()).len(), 1);
}

#[test]
fn a_plan_that_cannot_be_carried_out_is_refused() {
    let refused = |spec: ChainSpec| {
        let dir = tempfile::tempdir().expect("a folder");
        let error = generate(&spec, &dir.path().join("data"), &|_| {}).expect_err("a spec that can't be");
        assert!(!dir.path().join("data").exists());
        (error.kind(), error.to_string())
    };
    let none = refused(ChainSpec { branches: 0, ..small() });
    assert_eq!(none.0, Kind::Usage);
    assert!(none.1.starts_with("the number of branches is 0"), "{}", none.1);
    let many = refused(ChainSpec { customers: 10, orders: Some(1_000_000), ..small() });
    assert_eq!(many.0, Kind::Usage);
    assert!(many.1.starts_with("10 customers in 8 months don't make 1000000 order lines"), "{}", many.1);
    assert_eq!(refused(ChainSpec { until: chrono::NaiveDate::MIN, ..small() }).0, Kind::Usage);
}

#[test]
fn the_pipeline_maps_every_column_of_every_export() {
    let dir = tempfile::tempdir().expect("a folder");
    generate(&small(), dir.path(), &|_| {}).expect("data");
    let pipeline = config::load(&dir.path().join("pipeline.yaml")).expect("a pipeline");
    for entity in [Entity::Orders, Entity::Visits] {
        let sources: Vec<_> = pipeline.sources.iter().filter(|source| source.entity == entity).collect();
        assert_eq!(sources.len(), 3);
        for source in sources {
            let location = source.location.to_string();
            let header = header(Path::new(&location));
            let unmapped = |name: &str| header.iter().any(|column| column == name);
            for column in entity.columns() {
                let mapped = source.columns.get(column.name).map_or(column.name, String::as_str);
                let constant = source.constants.contains_key(column.name);
                // The made-up chain gives no points, and its oldest till tells neither who sold nor the list's price.
                let is_untold = matches!(column.name, "staff_id" | "list_amount") && location.contains("tnn01");
                let isnt_told = column.name == "points" || is_untold;
                assert_eq!(constant || unmapped(mapped), !isnt_told, "{location}: {}", column.name);
            }
        }
    }
}

/// Column names of a file in `folder`.
fn header(folder: &Path) -> Vec<String> {
    let path = fs::read_dir(folder).expect("a folder").next().expect("a file").expect("an entry").path();
    let bytes = fs::read(&path).expect("a file");
    let mut unpacked = Vec::new();
    let is_packed = path.extension().is_some_and(|extension| extension == "gz");
    match is_packed {
        true => flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).expect("gzip"),
        false => bytes.as_slice().read_to_end(&mut unpacked).expect("bytes"),
    };
    let is_utf8 = str::from_utf8(&unpacked).is_ok();
    let encoding = if is_utf8 { encoding_rs::UTF_8 } else { encoding_rs::BIG5 };
    let (text, _, _) = encoding.decode(&unpacked);
    text.lines().next().expect("a header").split(',').map(str::to_owned).collect()
}
