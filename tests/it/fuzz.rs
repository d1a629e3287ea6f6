//! Whatever stands in a file, reading it ends with rows or with an error that people can act on: no panic, no defect, no
//! message that goes on for pages.
//!
//! Good files are changed at random, again and again, from a seed, so that a failure can be had again. (libFuzzer would
//! need the crate, and with it DataFusion, compiled once more with its instruments.)
//! `RFMART_FUZZ_ROUNDS=100000 RFMART_FUZZ_SEED=7 scripts/cargo.sh test fuzz` looks longer, and elsewhere.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rfmart::config::{self, Format};
use rfmart::entity::{ColumnKind, Entity};
use rfmart::expression::Expression;
use rfmart::model;
use rfmart::publish::{Commit, Warehouse};
use rfmart::source::is_date_of;
use rfmart::storage::Stores;
use rfmart::{Error, Kind};

use crate::common::chain::{Chain, day, run};
use crate::common::source;
use crate::common::staged::Fixture;

/// Rounds of each test unless told.
const ROUNDS: u64 = 300;

/// What readers, dates and numbers may stumble over.
const WORDS: &[&str] = &[
    "\0",
    "\"",
    "'",
    "\n",
    "\r\n",
    ",",
    ";",
    "\t",
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "| ",
    "? ",
    "%",
    "#",
    "${",
    "${A:-b}",
    "!!int ",
    "null",
    "~",
    "true",
    "NaN",
    "-0",
    "1e400",
    "9999999999.99",
    "18446744073709551616",
    "0x1F",
    "1,234.50",
    "１２３",
    "-",
    "+",
    "(",
    ")",
    "/*",
    "--",
    "case ",
    " end",
    "select ",
    " from ",
    "with ",
    "union all ",
    "::",
    "||",
    "2024-02-30",
    "0000-00-00",
    "9999-12-31T23:59:60Z",
    "24:00",
    "+99:99",
    "113/11/05",
    "民國",
    "%Ey",
    "%Q",
    "\u{feff}",
    "\u{202e}",
    "👩\u{200d}⚕️",
    "\u{fffd}",
    "\\u0000",
    "\\",
    "  ",
];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Numbers that look random (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % (limit.max(1) as u64)) as usize
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }

    /// A part of `text`, mostly short.
    fn part(&mut self, text: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(text.len());
        let most = if self.below(4) == 0 { text.len() - start } else { (text.len() - start).min(16) };
        start..start + self.below(most + 1)
    }

    /// One of `good`, changed in a few places.
    fn changed(&mut self, good: &[&str]) -> Vec<u8> {
        let mut text = self.pick(good).as_bytes().to_vec();
        for _ in 0..=self.below(6) {
            let place = self.below(text.len() + 1);
            match self.below(7) {
                0 => drop(text.splice(place..place, self.pick(WORDS).bytes())),
                1 => {
                    let part = self.part(&text);
                    text.splice(part, self.pick(WORDS).bytes());
                }
                2 => drop(text.drain(self.part(&text))),
                3 => {
                    let part = text[self.part(&text)].to_vec();
                    text.splice(place..place, part.repeat(1 + self.below(300)));
                }
                4 => {
                    let other = self.pick(good).as_bytes();
                    let part = other[self.part(other)].to_vec();
                    text.splice(place..place, part);
                }
                5 => text.truncate(place),
                _ => {
                    if let Some(byte) = text.get_mut(place) {
                        *byte ^= 1 << self.below(8);
                    }
                }
            }
        }
        text
    }
}

/// Gives `look` changed texts, and tells which one it panics at.
fn fuzz(good: &[&str], slowness: u64, mut look: impl FnMut(&[u8])) {
    let seed = setting("RFMART_FUZZ_SEED", 1);
    for round in 0..setting("RFMART_FUZZ_ROUNDS", ROUNDS).div_ceil(slowness) {
        let text = Dice(seed.wrapping_mul(1 << 32).wrapping_add(round)).changed(good);
        let looked = catch_unwind(AssertUnwindSafe(|| look(&text)));
        assert!(looked.is_ok(), "seed {seed}, round {round}:\n{}", String::from_utf8_lossy(&text));
    }
}

/// An error for people: of their files or data, and short.
#[track_caller]
fn assert_told(error: &Error) {
    assert!(matches!(error.kind(), Kind::Config | Kind::Data), "{:?}: {error}", error.kind());
    assert!(error.to_string().len() < 1_000_000 && !error.to_string().is_empty());
}

const PIPELINES: &[&str] = &[
    include_str!("../../pipelines/nightly.yaml"),
    include_str!("../../deploy/kubernetes/pipeline.yaml"),
    "name: a\ntimezone: Asia/Taipei\ncurrency: TWD\nsources:\n  orders:\n    location: a.csv\n    columns: {amount: {sql: \"q * p\"}}\n\
     policy: {window_days: 365, vip: {metric: monetary, tiers: [{name: a, from: 1}]}}\npublish: {location: b/}\n",
];

/// Also the policy, which is compiled with it.
#[test]
fn a_pipeline_file_is_read_or_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pipeline.yaml");
    fuzz(PIPELINES, 1, |text| {
        fs::write(&file, text).expect("a file");
        if let Err(error) = config::load_with(&file, &|name| Some(name.to_owned())) {
            assert_eq!(error.kind(), Kind::Config, "{error}");
            assert_told(&error);
        }
    });
}

const EXPRESSIONS: &[&str] = &[
    "quantity * unit_price",
    "round(coalesce(nullif(a, ''), '0') * 0.95, 2)",
    "case when kind = '退貨' then -p else p end",
    "cast(d as date) - interval '1 day'",
    "concat(a, '-', upper(b)) || substr(c, 1, 3)",
];

#[test]
fn an_expression_is_planned_or_refused() {
    let kinds = [ColumnKind::Money, ColumnKind::Text, ColumnKind::Day, ColumnKind::Integer];
    fuzz(EXPRESSIONS, 1, |text| {
        let sql = String::from_utf8_lossy(text);
        match Expression::parse(&sql) {
            Ok(expression) => kinds.iter().for_each(|kind| drop(expression.check_over_texts(*kind))),
            Err(message) => assert!(message.len() < 10_000, "{message}"),
        }
    });
}

#[test]
fn a_query_is_read_or_refused() {
    let good = [
        include_str!("../../sql/intermediate/int_customer_stage.sql"),
        include_str!("../../sql/intermediate/int_period_metric.sql"),
        include_str!("../../sql/marts/fct_item_performance.sql"),
    ];
    fuzz(&good, 1, |text| {
        if let Err(mistake) = model::parse("a.sql", &String::from_utf8_lossy(text)) {
            assert!(!mistake.message.is_empty());
        }
    });
}

#[test]
fn a_sidecar_is_read_or_refused() {
    let good = [
        include_str!("../../sql/marts/fct_customer_rfm.yaml"),
        include_str!("../../sql/marts/dim_stage.yaml"),
        include_str!("../../sql/marts/fct_hva_effect.yaml"),
        crate::common::SPENDING_YAML,
    ];
    let chain = Chain::new("name: a\n");
    chain.write("sql/marts/fct_big_spender.sql", crate::common::SPENDING);
    fuzz(&good, 10, |text| {
        fs::write(chain.path("sql/marts/fct_big_spender.yaml"), text).expect("a file");
        if let Err(error) = model::Catalog::beside(&chain.path("pipeline.yaml")) {
            assert_told(&error);
        }
    });
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

fn read(good: &[&str], format: Format) {
    let fixture = Fixture::new();
    fuzz(good, 1, |text| {
        fixture.write("orders", text);
        let mut orders = source(Entity::Orders, fixture.path(), "orders");
        orders.format = format;
        match fixture.ingest_as_of("2026-11-21", vec![orders]) {
            Ok(outcome) => {
                let rows = &outcome.ingested.entities[&Entity::Orders].rows;
                assert_eq!(rows.rejected as usize, outcome.rejected.len());
                assert!(outcome.rejected.iter().all(|row| !row.cause.is_empty()));
            }
            Err(error) => assert_told(&error),
        }
    });
}

#[test]
fn a_csv_is_read_or_refused() {
    read(CSV, Format::Csv);
}

#[test]
fn json_lines_are_read_or_refused() {
    read(NDJSON, Format::Ndjson);
}

#[test]
fn a_date_is_one_or_not() {
    let formats = ["%Y-%m-%d", "%d/%m/%y %H:%M:%S%.f", "%Ey/%m/%d", "%+", "%s", "%A %e %B %Y", "%C%j"];
    let dates = ["2026-11-21", "2026-11-21T10:00:00.123456789+08:00", "21/11/26 9:05", "115/11/21", "1732150000"];
    fuzz(&dates, 1, |text| {
        let text = String::from_utf8_lossy(text);
        is_date_of(None, &text);
        let _ = formats.map(|format| is_date_of(Some(format), &text));
    });
    fuzz(&formats, 1, |format| {
        let format = String::from_utf8_lossy(format);
        let _ = dates.map(|date| is_date_of(Some(&format), date));
    });
}

#[test]
fn a_commit_record_is_read_or_told_to_be_damaged() {
    let chain = Chain::new(
        "name: a\ntimezone: Asia/Taipei\ncurrency: TWD\nsources: {orders: {location: orders.csv}}\n\
         publish: {location: warehouse/}\nlimits: {memory: 1GiB, target_partitions: 2}\n",
    );
    chain.write("orders.csv", "order_id,customer_id,branch_id,paid_at,amount\nA1,C1,B,2024-11-05,1\n");
    let pipeline = chain.pipeline();
    run(&pipeline, day("2024-11-21")).map(drop).expect("a snapshot");
    let record = chain.path("warehouse/_rfmart/commits/000001.json");
    let good = fs::read_to_string(&record).expect("a record");
    let warehouse = Warehouse::open(&pipeline.publish.location, &Stores::new(pipeline.storage.clone())).expect("one");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    fuzz(&[&good], 1, |text| {
        fs::write(&record, text).expect("a file");
        match runtime.block_on(warehouse.commits().read_all()) {
            Ok(history) => assert_eq!(history.commits().len() + history.damaged().len(), 1),
            // A record of a later rfmart.
            Err(error) => {
                assert!(serde_json::from_slice::<Commit>(text).is_err() || error.kind() != Kind::Bug, "{error}")
            }
        }
    });
}
