//! What the sidecars of models say of their rows, held against a made-up chain.

use chrono::NaiveDate;
use tokio::runtime::Builder;

use super::*;
use crate::config;
use crate::generate::{ChainSpec, FileFormat, generate};
use crate::model::{Moment, Node};
use crate::observe::Quiet;
use crate::policy::{FrequencyUnit, Policies, Policy};

/// Rows of a query, and how many of them differ in `grain`.
async fn rows_and_keys(engine: &Engine, node: &Node, grain: &[String]) -> (usize, usize) {
    let count = async |sql: String| {
        let frame = engine.query(&node.model, &sql, node.moment).await.unwrap_or_else(|error| panic!("{error}"));
        frame.count().await.unwrap_or_else(|cause| panic!("{node}: {cause}"))
    };
    let (table, keys) = (&node.model, grain.join(", "));
    (count(format!("select {keys} from {table}")).await, count(format!("select distinct {keys} from {table}")).await)
}

/// Adds the last order line of a file once more, with another customer.
fn deliver_a_line_to_somebody_else(file: &Path) {
    let text = std::fs::read_to_string(file).expect("order lines");
    let line = text.lines().next_back().expect("an order line");
    std::fs::write(file, format!("{text}{}\n", line.replacen(",C", ",X", 1))).expect("a file");
}

/// Tells points of each order line, which made-up tills don't.
fn give_points(orders: &Path) {
    for entry in std::fs::read_dir(orders).expect("a folder") {
        let file = entry.expect("a file").path();
        let text = std::fs::read_to_string(&file).expect("order lines");
        let cells = ["points"].into_iter().chain(std::iter::repeat("5"));
        let lines: String = text.lines().zip(cells).map(|(line, cell)| format!("{line},{cell}\n")).collect();
        std::fs::write(&file, lines).expect("a file");
    }
}

/// A made-up chain in `folder` of which no model has no rows.
fn made_up(folder: &Path, until: NaiveDate) -> Pipeline {
    let chain = ChainSpec {
        branches: 3,
        customers: 400,
        months: 15,
        orders: None,
        seed: 3,
        until,
        format: FileFormat::Csv,
        dirt_per_million: 0,
        redelivered_per_million: 50_000,
    };
    generate(&chain, folder, &|_| ()).expect("a chain");
    give_points(&folder.join("orders"));
    deliver_a_line_to_somebody_else(&folder.join("orders/2026-11.csv"));
    let mut pipeline = config::load(&folder.join("pipeline.yaml")).expect("a pipeline");
    // Counting orders, and every scope, fill the models that are empty otherwise.
    pipeline.scopes.department = true;
    pipeline.scopes.item = true;
    let policy = Policy { frequency_unit: FrequencyUnit::Orders, ..Policy::default() };
    pipeline.policies = Policies::from(policy);
    pipeline
}

/// Builds all models of the made-up chain under `folder`, and lets `look` see what is left of them.
fn build_all(folder: &Path, asked: Asked, look: impl AsyncFnOnce(&Engine, &Catalog)) {
    let until = "2026-11-21".parse().expect("a date");
    let pipeline = made_up(&folder.join("chain"), until);
    let snapshot = Snapshot::new(&pipeline, until);
    let catalog = Catalog::built_in().expect("the models that ship");
    let stores = Stores::new(pipeline.storage.clone());
    let work = folder.join("work");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let ingested = source::ingest(&pipeline, &stores, until, &work, &Quiet).await.expect("rows");
        let engine =
            prepare(&pipeline, &catalog, &ingested, snapshot, &Rulers::default(), &work).await.expect("an engine");
        let workshop = Workshop { catalog: &catalog, engine: &engine, work: &work, at_once: 2, asked };
        workshop.build_all(&Quiet, async || Ok(())).await.expect("tables");
        look(&engine, &catalog).await;
    });
}

#[test]
fn the_grain_of_every_model_tells_its_rows_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    build_all(folder.path(), Asked::Any, async |engine, catalog| {
        for node in catalog.order().expect("an order") {
            let sidecar = &catalog.models[&node.model].sidecar;
            let (rows, keys) = rows_and_keys(engine, &node, &sidecar.grain).await;
            // Clustered rows are what is to be summed up by this key.
            let is_unique = rows == keys || !sidecar.cluster_by.is_empty();
            assert!(is_unique, "{node}: several rows have the same {}", sidecar.grain.join(", "));
            // At the baseline, and earlier, the chain alone is worked out.
            let is_of_chain = matches!(node.moment, Moment::Baseline | Moment::Earlier);
            let is_left_out = is_of_chain && node.model == "int_item_day";
            assert!(rows > 0 || is_left_out, "{node} is empty: nothing is shown");
        }
    });
}

#[test]
fn of_what_a_run_has_built_those_tables_are_left_that_it_asks_for() {
    let folder = tempfile::tempdir().expect("a folder");
    build_all(folder.path(), Asked::OfARun, async |engine, catalog| {
        check::run(catalog, engine).await.expect("checks");
        let own = headline::queries(catalog).chain(rows::queries(catalog));
        let own = own.filter(|sql| !sql.contains(rows::CONFLICTS)).map(str::to_owned);
        let staged =
            ["orders", "visits", "leads", "contacts", "spend"].map(|entity| format!("select 1 from stg_{entity}"));
        for sql in own.chain(staged).chain([format!("select 1 from {}", stale::MODEL)]) {
            engine.query("a run", &sql, Moment::Closing).await.unwrap_or_else(|error| panic!("{error}"));
        }
        let is_left = |table: &&str| folder.path().join("work/public").join(table).exists();
        let left: Vec<&str> =
            ["int_customer_event", "int_customer_day", "int_customer_lifecycle"].into_iter().filter(is_left).collect();
        assert!(left.is_empty(), "{left:?} are read no more");
    });
}
