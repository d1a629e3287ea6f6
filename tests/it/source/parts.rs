//! An object that several threads read in parts gives what it gives to one that reads it from beginning to end.

use std::fmt::Write;
use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use rfmart::config::Source;
use rfmart::entity::Entity::Orders;

use crate::common::source;
use crate::common::staged::{Fixture, Outcome, RejectedRow};

const HEADER: &str = "order_id,customer_id,branch_id,paid_at,amount,status,note";
const COLUMNS: [&str; 9] =
    ["object_no", "row_no", "order_id", "customer_ref", "branch_ref", "paid_on", "amount", "status", "line_no"];

/// Everything that a reader may depend on.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    rows: Vec<String>,
    rejected: Vec<RejectedRow>,
    counts: Vec<rfmart::source::RowCounts>,
    repeated: Vec<i64>,
    sha256: Vec<String>,
    warnings: Vec<String>,
    has_own_orders: bool,
    progress: (u64, u64, u64),
}

fn seen(outcome: Outcome) -> Seen {
    let orders = &outcome.ingested.entities[&Orders];
    let counts = [&orders.rows].into_iter().chain(orders.by_branch.values()).copied().collect();
    let sha256 = outcome.ingested.inputs.iter().map(|input| input.sha256.clone()).collect();
    Seen {
        rows: outcome.rows(Orders, &COLUMNS),
        counts,
        repeated: orders.repeated_key_hashes.clone(),
        sha256,
        warnings: outcome.ingested.warnings.clone(),
        has_own_orders: outcome.ingested.has_own_orders,
        progress: outcome.progress,
        rejected: outcome.rejected,
    }
}

/// Compares parts of all lengths with the whole. Returns the largest number of files that rejected rows were written to,
/// which is one where an object isn't cut.
fn compare(fixture: &Fixture, orders: &Source) -> usize {
    let whole = seen(fixture.ingest_on(1, vec![orders.clone()]));
    let mut files = 0;
    for (threads, part_bytes) in [(2, 1), (4, 1), (2, 100), (3, 1_000), (2, 5_000)] {
        let parts = fixture.ingest_in_parts(threads, part_bytes, vec![orders.clone()]);
        files = files.max(parts.ingested.rejected.len());
        assert_eq!(seen(parts), whole, "{threads} threads, parts of {part_bytes} bytes");
    }
    files
}

fn orders(fixture: &Fixture, name: &str, bytes: &[u8]) -> Source {
    fixture.write(name, bytes);
    source(Orders, fixture.path(), name)
}

/// Order lines of which some are bad in every way: amounts, quotes, fields that lack, notes of several lines.
fn export() -> String {
    let mut text = format!("{HEADER}\n");
    for n in 1..=400 {
        let note = match n % 40 {
            3 => "\"two\nlines\"",
            7 => "\"a \"\"word\"\"\"",
            11 => "\"never closed",
            19 => "closes\"",
            23 => "\"behind\"a quote",
            29 => "x\n\n",
            31 => "too,many",
            37 => "\"one\n\n\nand two, or three\"",
            _ => "",
        };
        let amount = if n % 13 == 0 { "none" } else { "1.50" };
        let status = ["paid", "refunded", ""][n % 3];
        writeln!(text, "A{n},C{},B{},2026-11-{:02},{amount},{status},{note}", n % 50, n % 4, n % 20 + 1)
            .expect("a line");
    }
    text
}

#[test]
fn a_csv_in_parts_is_read_as_a_whole_one() {
    let fixture = Fixture::new();
    for end in ["\n", "\r\n", "\r"] {
        let text = export().replace('\n', end);
        assert!(compare(&fixture, &orders(&fixture, "a.csv", text.as_bytes())) > 10);
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        assert!(compare(&fixture, &orders(&fixture, "a.csv", &marked)) > 10);
    }
}

#[test]
fn a_csv_without_header_is_cut_before_its_first_row() {
    let fixture = Fixture::new();
    let text = export().split_once('\n').expect("a header").1.to_owned();
    for mark in [b"".as_slice(), b"\xef\xbb\xbf"] {
        for first in ["", "\n\n", "A0,C1,B,2026-11-21,1,paid,\"never closed\n"] {
            let mut orders = orders(&fixture, "a.csv", &[mark, first.as_bytes(), text.as_bytes()].concat());
            orders.csv.header = false;
            let names = ["order_id", "customer_id", "branch_id", "paid_at", "amount", "status"];
            orders.columns = (1..).zip(names).map(|(place, name)| (name, place.to_string())).collect();
            assert!(compare(&fixture, &orders) > 10);
        }
    }
}

#[test]
fn orders_without_id_are_named_by_their_row_in_the_whole_object() {
    let fixture = Fixture::new();
    let text = export().lines().map(|line| line.split_once(',').unwrap_or(("", line)).1).collect::<Vec<_>>().join("\n");
    let orders = orders(&fixture, "a.csv", text.as_bytes());
    assert!(fixture.ingest_on(1, vec![orders.clone()]).ingested.has_own_orders);
    assert!(compare(&fixture, &orders) > 10);
}

#[test]
fn ndjson_in_parts_is_read_as_a_whole_object() {
    let fixture = Fixture::new();
    let mut text = String::new();
    for n in 1..=400 {
        let row = match n % 20 {
            3 => "{\"order_id\": \"cut off".to_owned(),
            9 => format!("{{\"order_id\": {{\"nested\": {n}}}}}"),
            15 => "  ".to_owned(),
            _ => format!(
                "{{\"order_id\": {n}, \"customer_id\": \"C{}\", \"branch_id\": \"B\", \"paid_at\": \"2026-11-21\", \"amount\": {}}}",
                n % 50,
                if n % 7 == 0 { "\"none\"" } else { "1.5" }
            ),
        };
        writeln!(text, "{row}").expect("a line");
    }
    assert!(compare(&fixture, &orders(&fixture, "a.ndjson", text.as_bytes())) > 10);
    let unnamed = text.replace("\"order_id\"", "\"number\"");
    assert!(compare(&fixture, &orders(&fixture, "b.ndjson", unnamed.as_bytes())) > 10);
}

#[test]
fn the_row_groups_of_a_parquet_object_are_parts() {
    let fixture = Fixture::new();
    let texts =
        |text: fn(i64) -> String| Arc::new((1..=500).map(|n| Some(text(n))).collect::<StringArray>()) as ArrayRef;
    let batch = RecordBatch::try_from_iter([
        ("order_id", texts(|n| format!("A{n}"))),
        ("customer_id", texts(|n| format!("C{}", n % 50))),
        ("branch_id", texts(|_| "B".to_owned())),
        ("paid_at", texts(|n| if n % 11 == 0 { "never".to_owned() } else { "2026-11-21".to_owned() })),
        ("amount", Arc::new((1..=500).collect::<Int64Array>()) as ArrayRef),
    ]);
    let batch = batch.expect("a batch");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(37)).build();
    let file = File::create(fixture.path().join("a.parquet")).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.close().expect("a footer");
    assert!(compare(&fixture, &source(Orders, fixture.path(), "a.parquet")) > 10);
}

#[test]
fn what_can_only_be_read_from_its_beginning_is_not_cut() {
    let fixture = Fixture::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(export().as_bytes()).expect("bytes");
    let packed = packed.finish().expect("bytes");
    assert_eq!(compare(&fixture, &orders(&fixture, "a.csv.gz", &packed)), 1);
    let mut big5 = orders(&fixture, "a.csv", export().as_bytes());
    big5.csv.encoding = encoding_rs::BIG5;
    assert_eq!(compare(&fixture, &big5), 1);
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(export().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(compare(&fixture, &orders(&fixture, "b.csv", &utf16)), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn wherever_quotes_stand_parts_are_cut_between_records(
        notes in prop::collection::vec(
            prop_oneof![5 => Just(String::new()), 2 => "[a\",\n]{1,6}", 1 => Just("\"x\n\n,y\"".to_owned())], 1..60
        ),
        part_bytes in 1..400_u64,
    ) {
        let fixture = Fixture::new();
        let mut text = format!("{HEADER}\n");
        for (n, note) in notes.iter().enumerate() {
            writeln!(text, "A{n},C{n},B,2026-11-21,1,paid,{note}").expect("a line");
        }
        let orders = orders(&fixture, "a.csv", text.as_bytes());
        let whole = seen(fixture.ingest_on(1, vec![orders.clone()]));
        prop_assert_eq!(seen(fixture.ingest_in_parts(2, part_bytes, vec![orders])), whole);
    }
}
