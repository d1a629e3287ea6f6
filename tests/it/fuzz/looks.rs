//! What people, branches and earlier runs write, by kind: good texts, and what reading a changed one must end with.

use std::fs;
use std::path::Path;

use rfmart::config::{self, Format};
use rfmart::entity::{ColumnKind, Entity};
use rfmart::expression::Expression;
use rfmart::model;
use rfmart::publish::{Commit, Warehouse};
use rfmart::source::is_date_of;
use rfmart::storage::Stores;
use rfmart::{Error, Kind};

use crate::common::chain::Chain;
use crate::common::staged::Fixture;
use crate::common::{SPENDING, SPENDING_YAML, location, source};

/// A kind of text that is read.
pub struct Look {
    /// What it is called.
    pub name: &'static str,
    /// Texts that are read well.
    pub good: &'static [&'static str],
    /// Reads a text, and panics where that ends with neither rows nor an error that people can act on.
    pub read: fn(&[u8]),
}

/// All of them.
pub const LOOKS: &[Look] = &[
    Look { name: "pipeline", good: PIPELINES, read: pipeline },
    Look { name: "expression", good: EXPRESSIONS, read: expression },
    Look { name: "query", good: QUERIES, read: query },
    Look { name: "sidecar", good: SIDECARS, read: sidecar },
    Look { name: "csv", good: CSV, read: csv },
    Look { name: "ndjson", good: NDJSON, read: ndjson },
    Look { name: "date", good: DATES, read: date },
    Look { name: "date_format", good: DATE_FORMATS, read: date_format },
    Look { name: "commit", good: COMMITS, read: commit },
];

/// The kind of this name.
pub fn look(name: &str) -> Option<&'static Look> {
    LOOKS.iter().find(|look| look.name == name)
}

/// An error for people: of their files or data, and short.
#[track_caller]
fn assert_told(error: &Error) {
    assert!(matches!(error.kind(), Kind::Config | Kind::Data), "{:?}: {error}", error.kind());
    assert!(error.to_string().len() < 1_000_000 && !error.to_string().is_empty());
}

const PIPELINES: &[&str] = &[
    include_str!("../../../pipelines/nightly.yaml"),
    include_str!("../../../deploy/kubernetes/pipeline.yaml"),
    "name: a\ntimezone: Asia/Taipei\ncurrency: TWD\nsources:\n  orders:\n    location: a.csv\n    columns: {amount: {sql: \"q * p\"}}\n\
     policy: {window_days: 365, vip: {metric: monetary, tiers: [{name: a, from: 1}]}}\npublish: {location: b/}\n",
];

/// Also the policy, which is compiled with it.
fn pipeline(text: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pipeline.yaml");
    fs::write(&file, text).expect("a file");
    if let Err(error) = config::load_with(&file, &|name| Some(name.to_owned())) {
        assert_eq!(error.kind(), Kind::Config, "{error}");
        assert_told(&error);
    }
}

const EXPRESSIONS: &[&str] = &[
    "quantity * unit_price",
    "round(coalesce(nullif(a, ''), '0') * 0.95, 2)",
    "case when kind = '退貨' then -p else p end",
    "cast(d as date) - interval '1 day'",
    "concat(a, '-', upper(b)) || substr(c, 1, 3)",
];

fn expression(text: &[u8]) {
    let kinds = [ColumnKind::Money, ColumnKind::Text, ColumnKind::Day, ColumnKind::Integer];
    match Expression::parse(&String::from_utf8_lossy(text)) {
        Ok(expression) => kinds.iter().for_each(|kind| drop(expression.check_over_texts(*kind))),
        Err(message) => assert!(message.len() < 10_000, "{message}"),
    }
}

const QUERIES: &[&str] = &[
    include_str!("../../../sql/intermediate/int_customer_stage.sql"),
    include_str!("../../../sql/intermediate/int_period_metric.sql"),
    include_str!("../../../sql/marts/fct_item_performance.sql"),
];

fn query(text: &[u8]) {
    if let Err(mistake) = model::parse("a.sql", &String::from_utf8_lossy(text)) {
        assert!(!mistake.message.is_empty());
    }
}

const SIDECARS: &[&str] = &[
    include_str!("../../../sql/marts/fct_customer_rfm.yaml"),
    include_str!("../../../sql/marts/dim_stage.yaml"),
    include_str!("../../../sql/marts/fct_hva_effect.yaml"),
    SPENDING_YAML,
];

fn sidecar(text: &[u8]) {
    let chain = Chain::new("name: a\n");
    chain.write("sql/marts/fct_big_spender.sql", SPENDING);
    fs::write(chain.path("sql/marts/fct_big_spender.yaml"), text).expect("a file");
    if let Err(error) = model::Catalog::beside(&chain.path("pipeline.yaml")) {
        assert_told(&error);
    }
}

/// Days, amounts and words as they come, in each format.
const CSV: &[&str] = &[
    "order_id,customer_id,branch_id,paid_at,amount\nA1,C1,B,2026-11-21,100\nA2,C1,B,2026-11-20T10:00:00+08:00,\"1,234.50\"\n",
    "order_id,customer_id,branch_id,paid_at,amount\r\n\"A\"\"1\",C1,B,2026.1.5 9:05,-3.00\r\n\"A\n2\",C2,B,2026/11/5,0\r\n",
    "\u{feff}order_id,customer_id,branch_id,paid_at,amount\nA1,王,B,2026-11-21 10:00,（100）\n,,,,\n",
];

const NDJSON: &[&str] = &[
    "{\"order_id\":\"A1\",\"customer_id\":1,\"branch_id\":\"B\",\"paid_at\":\"2026-11-21\",\"amount\":100.5}\n",
    "{\"order_id\":\"A\\u00e9\",\"customer_id\":\"C\",\"branch_id\":\"B\",\"paid_at\":\"2026-11-21T10:00:00Z\",\"amount\":\"1e2\",\
     \"x\":[{\"y\":null}]}\n\n{\"order_id\":\"A2\",\"customer_id\":12345678901234567890,\"branch_id\":\"B\",\"paid_at\":\"2026-11-20\",\
     \"amount\":-0.0}\n",
];

fn csv(text: &[u8]) {
    rows(text, Format::Csv);
}

fn ndjson(text: &[u8]) {
    rows(text, Format::Ndjson);
}

fn rows(text: &[u8], format: Format) {
    let fixture = Fixture::new();
    fixture.write("orders", text);
    let mut orders = source(Entity::Orders, fixture.path(), "orders");
    orders.format = format;
    match fixture.ingest_as_of("2026-11-21", vec![orders]) {
        Ok(outcome) => {
            let rows = &outcome.ingested.entities[&Entity::Orders].rows;
            assert_eq!(usize::try_from(rows.rejected), Ok(outcome.rejected.len()));
            assert!(outcome.rejected.iter().all(|row| !row.cause.is_empty()));
        }
        Err(error) => assert_told(&error),
    }
}

const DATES: &[&str] =
    &["2026-11-21", "2026-11-21T10:00:00.123456789+08:00", "21/11/26 9:05", "115/11/21", "1732150000"];

const DATE_FORMATS: &[&str] = &["%Y-%m-%d", "%d/%m/%y %H:%M:%S%.f", "%Ey/%m/%d", "%+", "%s", "%A %e %B %Y", "%C%j"];

fn date(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    is_date_of(None, &text);
    for format in DATE_FORMATS {
        is_date_of(Some(format), &text);
    }
}

fn date_format(text: &[u8]) {
    let format = String::from_utf8_lossy(text);
    for date in DATES {
        is_date_of(Some(&format), date);
    }
}

const COMMITS: &[&str] = &[include_str!("commit.json")];

fn commit(text: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let history = history_of(folder.path(), text);
    match history {
        Ok((commits, damaged)) => assert_eq!(commits + damaged, 1),
        // A record of a later rfmart.
        Err(error) => {
            assert!(serde_json::from_slice::<Commit>(text).is_err() || error.kind() != Kind::Bug, "{error}");
        }
    }
}

/// How many records of a warehouse with one are read, and how many are told to be damaged.
fn history_of(folder: &Path, record: &[u8]) -> rfmart::Result<(usize, usize)> {
    let commits = folder.join("warehouse/_rfmart/commits");
    fs::create_dir_all(&commits).expect("a folder");
    fs::write(commits.join("000001.json"), record).expect("a file");
    let warehouse = Warehouse::open(&location(folder, "warehouse/"), &Stores::new(Default::default()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let history = runtime.block_on(warehouse.commits().read_all())?;
    Ok((history.commits().len(), history.damaged().len()))
}
