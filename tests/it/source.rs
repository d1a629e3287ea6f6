//! What becomes of objects in all their forms: staged rows, rejected rows, errors.

mod parts;
mod reading;
mod state;
mod threads;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;

use crate::common::staged::{Fixture, Outcome};
use crate::common::{pipeline, source};
use arrow::array::{
    ArrayRef, BinaryArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array, RecordBatch,
    StringArray, StringViewArray, TimestampMillisecondArray, TimestampNanosecondArray,
};
use arrow::datatypes::Int32Type;
use rfmart::Kind;
use rfmart::config::{Pipeline, Privacy, Secret, Source, UniqueIn};
use rfmart::entity::Entity::{self, Branches, Customers, Items, Leads, Orders, Spend, Visits};
use std::sync::Arc;

const HEADER: &str = "order_id,customer_id,branch_id,paid_at,amount";

/// Order lines as `order_id customer branch day cents`.
fn brief(outcome: &Outcome) -> Vec<String> {
    outcome.rows(Orders, &["order_id", "customer_ref", "branch_ref", "paid_on", "amount"])
}

fn mapped(mut source: Source, columns: &[(&'static str, &str)]) -> Source {
    source.columns = columns.iter().map(|(canonical, name)| (*canonical, (*name).to_owned())).collect();
    source
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
}

fn encoded(text: &str, encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

#[test]
fn a_big5_export_with_chinese_headers_is_read_by_its_mapping() {
    let fixture = Fixture::new();
    let text = "訂單編號,會員,付款時間,金額,狀態\r\nA1,王小明,2026/11/21 14:05,\"1,234.50\",已付款\r\nA2,陳,2026/11/21 00:00,-80,已退款\r\n";
    fixture.write("orders.csv", &encoded(text, encoding_rs::BIG5));
    let names = [
        ("order_id", "訂單編號"),
        ("customer_id", "會員"),
        ("paid_at", "付款時間"),
        ("amount", "金額"),
        ("status", "狀態"),
    ];
    let mut orders = mapped(source(Orders, fixture.path(), "orders.csv"), &names);
    orders.csv.encoding = encoding_rs::BIG5;
    orders.formats.insert("paid_at", vec!["%Y/%m/%d %H:%M".to_owned()]);
    orders.values.insert("status", values(&[("已付款", "paid"), ("已退款", "refunded")]));
    orders.constants.insert("branch_id", "TPE01".to_owned());
    let outcome = fixture.ingest(vec![orders]);
    assert_eq!(
        outcome.rows(Orders, &["order_id", "customer_ref", "branch_ref", "paid_on", "amount", "status"]),
        ["A1 王小明 TPE01 2026-11-21 1234.50 paid", "A2 陳 TPE01 2026-11-21 -80.00 refunded"]
    );
}

#[test]
fn a_big5_export_may_write_dates_of_the_republic_of_china() {
    let fixture = Fixture::new();
    let text = format!(
        "{HEADER}\nA1,C1,B,民國115/11/20 14:05,1\nA2,C1,B,1151121,2\nA3,C1,B,民國99/1/2 09:00,3\nA4,C1,B,民國115/13/21 14:05,4\n"
    );
    fixture.write("orders.csv", &encoded(&text, encoding_rs::BIG5));
    let mut orders = source(Orders, fixture.path(), "orders.csv");
    orders.csv.encoding = encoding_rs::BIG5;
    orders.formats.insert("paid_at", vec!["民國%Ey/%m/%d %H:%M".to_owned(), "%Ey%m%d".to_owned()]);
    let outcome = fixture.ingest(vec![orders]);
    assert_eq!(outcome.rows(Orders, &["order_id", "paid_on"]), ["A1 2026-11-20", "A2 2026-11-21", "A3 2010-01-02"]);
    let cause = "orders[0] 4 paid_at: '民國115/13/21 14:05' is not a date; expected one of formats.paid_at";
    assert_eq!(outcome.causes(), [cause]);
}

#[test]
fn with_a_key_no_staged_or_rejected_row_holds_a_customers_id() {
    let fixture = Fixture::new();
    let rows = "A1,MEM-1,B,2026-11-21,1,MEM-2\nA2,MEM-3,B,2026-11-21,x,MEM-4\nA3,MEM-2,B,2026-11-21,1,\n";
    fixture.write("orders.csv", format!("{HEADER},referrer_id\n{rows}").as_bytes());
    let mut pipeline = pipeline(fixture.path(), vec![source(Orders, fixture.path(), "orders.csv")]);
    pipeline.privacy = Some(Privacy { key: Secret::new("a key of thirty-two bytes or more") });
    let outcome = fixture.run("2026-11-21", &pipeline).expect("rows");
    let customers: Vec<&str> = outcome.ingested.dictionaries.customer.id_of_key.iter().flatten().collect();
    assert_eq!((customers.len(), outcome.rejected.len()), (2, 1));
    assert!(customers.iter().chain([&outcome.rejected[0].raw.as_str()]).all(|text| !text.contains("MEM-")));
    for file in &outcome.ingested.entities[&Orders].files {
        let bytes = fs::read(file).expect("a staged file");
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(holds(b"A1") && !holds(b"MEM-"), "{}", file.display());
    }
}

#[test]
fn gb18030_and_a_byte_order_mark_are_read() {
    let fixture = Fixture::new();
    fixture.write("gb.csv", &encoded(&format!("{HEADER}\nA1,王𠀀,B,2026-11-21,1\n"), encoding_rs::GB18030));
    fixture.write("bom.csv", format!("\u{feff}{HEADER}\nA2,陳,B,2026-11-21,2\n").as_bytes());
    let mut gb = source(Orders, fixture.path(), "gb.csv");
    gb.csv.encoding = encoding_rs::GB18030;
    let outcome = fixture.ingest(vec![gb, source(Orders, fixture.path(), "bom.csv")]);
    assert_eq!(brief(&outcome), ["A1 王𠀀 B 2026-11-21 1.00", "A2 陳 B 2026-11-21 2.00"]);
}

#[test]
fn compressed_objects_of_several_formats_are_read_alike() {
    let fixture = Fixture::new();
    let csv = format!("{HEADER}\nA1,C1,B,2026-11-21,1\n");
    let json = r#"{"order_id": 2, "customer_id": "C2", "branch_id": "B", "paid_at": "2026-11-21T23:30:00+08:00", "amount": 2.5, "x": [1]}"#;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(csv.as_bytes()).expect("gzip");
    fixture.write("a.csv.gz", &gzip.finish().expect("gzip"));
    fixture.write("b.ndjson.zst", &zstd::encode_all(format!("{json}\n\n").as_bytes(), 1).expect("zstd"));
    let outcome = fixture
        .ingest(vec![source(Orders, fixture.path(), "a.csv.gz"), source(Orders, fixture.path(), "b.ndjson.zst")]);
    assert_eq!(brief(&outcome), ["2 C2 B 2026-11-21 2.50", "A1 C1 B 2026-11-21 1.00"]);
    assert_eq!(outcome.ingested.inputs.len(), 2);
}

#[test]
fn parquet_columns_of_many_types_are_read_without_a_mapping() {
    let fixture = Fixture::new();
    let day_ms = 1_795_219_200_000; // 2026-11-21T00:00Z
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("order_id", Arc::new(Int64Array::from(vec![7, 8, 9]))),
        ("customer_id", Arc::new(StringViewArray::from(vec![" C1", "a customer with a long id", "C1"]))),
        ("branch_id", Arc::new(vec!["B", "B", "D"].into_iter().collect::<DictionaryArray<Int32Type>>())),
        // 17:00 UTC is the next day in Taipei.
        (
            "paid_at",
            Arc::new(
                TimestampMillisecondArray::from(vec![day_ms, day_ms - 1, day_ms + 61_200_000 - 86_400_000])
                    .with_timezone("UTC"),
            ),
        ),
        (
            "amount",
            Arc::new(
                Decimal128Array::from(vec![12_345_000, 1, -500_000])
                    .with_precision_and_scale(20, 4)
                    .expect("a decimal"),
            ),
        ),
        ("cost", Arc::new(Float64Array::from(vec![Some(0.1 + 0.2), None, Some(-1.005)]))),
        ("quantity", Arc::new(Float64Array::from(vec![Some(2.0), None, Some(-1.0)]))),
        ("department", Arc::new(BinaryArray::from_opt_vec(vec![Some("皮膚".as_bytes()), None, Some(b"")]))),
        ("updated_at", Arc::new(TimestampNanosecondArray::from(vec![Some(day_ms * 1_000_000), None, None]))),
        ("unused", Arc::new(Date32Array::from(vec![1, 2, 3]))),
    ];
    fixture.write_parquet("orders.parquet", &RecordBatch::try_from_iter(columns).expect("a batch"));
    let outcome = fixture.ingest(vec![source(Orders, fixture.path(), "orders.parquet")]);
    assert_eq!(
        outcome.rows(
            Orders,
            &[
                "order_id",
                "customer_ref",
                "branch_ref",
                "paid_on",
                "amount",
                "cost",
                "quantity",
                "department_ref",
                "updated_at"
            ]
        ),
        ["7 C1 B 2026-11-21 1234.50 0.30 2 皮膚 2026-11-20T16:00:00Z", "9 C1 D 2026-11-21 -50.00 -1.00 -1 - -",]
    );
    assert_eq!(
        outcome.causes(),
        ["orders[0] 2 amount: '0.0001' is not whole cents; money has two decimals; nothing is rounded"]
    );
    assert!(outcome.rejected[0].raw.contains(r#""order_id":8"#), "{}", outcome.rejected[0].raw);
}

#[test]
fn a_csv_without_header_is_mapped_by_numbers() {
    let fixture = Fixture::new();
    fixture.write("orders.csv", b"2026-11-21;A1;C1;5,000.00\n2026-11-21;A2;'C;2';6\n");
    let numbers = [("order_id", "2"), ("customer_id", "3"), ("paid_at", "1"), ("amount", "4")];
    let mut orders = mapped(source(Orders, fixture.path(), "orders.csv"), &numbers);
    (orders.csv.header, orders.csv.delimiter, orders.csv.quote) = (false, b';', b'\'');
    orders.constants.insert("branch_id", "B".to_owned());
    assert_eq!(brief(&fixture.ingest(vec![orders])), ["A1 C1 B 2026-11-21 5000.00", "A2 C;2 B 2026-11-21 6.00"]);
}

#[test]
fn defaults_constants_and_mapped_values_fill_a_column_in_this_order() {
    let fixture = Fixture::new();
    fixture.write(
        "a.csv",
        format!("{HEADER},status,kind\nA1,C,B,2026-11-21,1,,package\nA2,C,B,2026-11-21,1,paid,\n").as_bytes(),
    );
    fixture.write("b.csv", format!("{HEADER},status\nA3,C,B,2026-11-21,1,x\nA4,C,B,2026-11-21,1,\n").as_bytes());
    let mut mapping = source(Orders, fixture.path(), "b.csv");
    mapping.values.insert("status", values(&[("x", "cancelled"), ("", "refunded")]));
    mapping.constants.insert("kind", "top_up".to_owned());
    let outcome = fixture.ingest(vec![source(Orders, fixture.path(), "a.csv"), mapping]);
    assert_eq!(
        outcome.rows(Orders, &["order_id", "status", "kind"]),
        ["A1 paid package", "A2 paid single", "A3 cancelled top_up", "A4 refunded top_up"]
    );
}

#[test]
fn every_bad_row_is_set_aside_with_its_cause() {
    let fixture = Fixture::new();
    let rows = "\
A01,C,B,2026-13-01,1,,
A02,C,B,2026-11-21,x,,
A03,C,B,2026-11-21,1.005,,
A04,C,B,2026-11-21,10000000000000000,,
A05,,B,2026-11-21,1,,
A06,C,X,2026-11-21,1,,
A07,C,B,2026-11-21,1,gone,
A08,C,B,2199-01-01,1,,
A09,C,B,2026-11-21,1,
A10,C,B,2026-11-21,1,,,extra
A11,C,B,2026-11-21,1,,six
A12,,B,never,x,gone,six
A13,C,B,2026-11-21,1,,6
";
    fixture.write("orders.csv", format!("{HEADER},status,quantity\n{rows}").as_bytes());
    fixture.write("branches.csv", b"branch_id,timezone\nB,Asia/Taipei\nD,Taipei\n");
    let outcome = fixture
        .ingest(vec![source(Orders, fixture.path(), "orders.csv"), source(Branches, fixture.path(), "branches.csv")]);
    assert_eq!(
        outcome.causes(),
        [
            "branches[0] 2 timezone: 'Taipei' is no time zone; expected an IANA name, such as Asia/Taipei",
            "orders[0] 1 paid_at: '2026-13-01' is not a date; expected e.g. 2026-11-21 or a form given in formats.paid_at",
            "orders[0] 2 amount: 'x' is not an amount; expected one such as 1234.50 or 1,234.50",
            "orders[0] 3 amount: '1.005' is not whole cents; money has two decimals; nothing is rounded",
            "orders[0] 4 amount: '10000000000000000' is out of range; amounts go up to 9,999,999,999.99",
            "orders[0] 5 customer_id: is empty, but required",
            "orders[0] 6 branch_id: 'X' is no branch; it isn't among the rows of the branches source",
            "orders[0] 7 status: 'gone' is an unknown word; expected paid, refunded, cancelled; others need an entry under values.status",
            "orders[0] 8 paid_at: '2199-01-01' is in the future; its day is after the snapshot's and after the object was written",
            "orders[0] 9 has 6 fields, the header has 7",
            "orders[0] 10 has 8 fields, the header has 7",
            "orders[0] 11 quantity: 'six' is not a number; expected a whole number, such as 6",
            "orders[0] 12 customer_id: is empty, but required",
        ]
    );
    let columns: Vec<_> = outcome.rejected.iter().skip(1).map(|row| row.column.as_deref().unwrap_or("-")).collect();
    assert_eq!(
        columns.join(" "),
        "paid_at amount amount amount customer_id branch_id status paid_at - - quantity customer_id"
    );
    assert_eq!(outcome.rejected[10].raw, "A10,C,B,2026-11-21,1,,,extra");
    let counts = outcome.ingested.entities[&Orders].rows;
    assert_eq!((counts.read, counts.staged, counts.rejected, counts.after_as_of), (13, 1, 12, 0));
    assert_eq!(brief(&outcome), ["A13 C B 2026-11-21 1.00"]);
}

#[test]
fn malformed_bytes_cost_their_row_and_no_other() {
    let fixture = Fixture::new();
    let bad = |encoding, byte: &[u8]| {
        let mut bytes = encoded(&format!("{HEADER}\nA1,王,B,2026-11-21,1\nA2,"), encoding);
        bytes.extend_from_slice(byte);
        bytes.extend_from_slice(&encoded(",B,2026-11-21,1\nA3,陳,B,2026-11-21,1\n", encoding));
        bytes
    };
    fixture.write("utf8.csv", &bad(encoding_rs::UTF_8, b"\xe7\x8e"));
    fixture.write("big5.csv", &bad(encoding_rs::BIG5, b"\xff"));
    let mut big5 = source(Orders, fixture.path(), "big5.csv");
    big5.csv.encoding = encoding_rs::BIG5;
    let outcome = fixture.ingest(vec![big5, source(Orders, fixture.path(), "utf8.csv")]);
    assert_eq!(outcome.rows(Orders, &["order_id", "customer_ref"]), ["A1 王", "A1 王", "A3 陳", "A3 陳"]);
    assert_eq!(
        outcome.causes(),
        ["orders[0] 2 has bytes that aren't valid Big5", "orders[0] 2 has bytes that aren't valid UTF-8"]
    );
}

#[test]
fn json_lines_that_are_no_objects_are_set_aside() {
    let fixture = Fixture::new();
    fixture.write("leads.ndjson", b"{\"customer_id\":\"C1\",\"created_at\":\"2026-11-20\"}\n[1]\n{\"customer_id\":\n{\"customer_id\":{},\"created_at\":1}\n");
    let outcome = fixture.ingest(vec![source(Leads, fixture.path(), "leads.ndjson"), fixture.one_order()]);
    assert_eq!(outcome.rows(Leads, &["customer_ref", "created_on", "branch_ref"]), ["C1 2026-11-20 -"]);
    let starts: Vec<_> =
        outcome.rejected.iter().map(|row| (row.row_no, row.cause.split(':').next().unwrap_or_default())).collect();
    assert_eq!(
        starts,
        [
            (2, "isn't a JSON object"),
            (3, "isn't a JSON object"),
            (4, "'customer_id' holds an object or a list; a single value was expected")
        ]
    );
    assert_eq!(outcome.rejected[0].raw, "[1]");
}

#[test]
fn a_day_is_the_branchs_whatever_zone_the_clock_was_in() {
    let fixture = Fixture::new();
    fixture.write("branches.csv", b"branch_id,timezone\nNYC,America/New_York\nTPE,\n");
    let rows = "\
A1,C,NYC,2026-03-08T04:59:59Z,1
A2,C,NYC,2026-03-08T05:00:00Z,1
A3,C,NYC,2026-03-09T03:59:59Z,1
A4,C,NYC,2026-11-02T04:59:59Z,1
A5,C,NYC,2026-11-02T05:00:00Z,1
A6,C,NYC,2026-11-20 09:00,1
A7,C,TPE,2026-11-20 09:00,1
A8,C,NYC,2026-11-20,1
A9,C,TPE,2026-11-20T17:00:00Z,1
";
    fixture.write("orders.csv", format!("{HEADER}\n{rows}").as_bytes());
    let branches = || source(Branches, fixture.path(), "branches.csv");
    let days = |zone| {
        let mut orders = source(Orders, fixture.path(), "orders.csv");
        orders.timezone = zone;
        fixture.ingest(vec![branches(), orders]).rows(Orders, &["order_id", "paid_on"])
    };
    let instants = ["A1 2026-03-07", "A2 2026-03-08", "A3 2026-03-08", "A4 2026-11-01", "A5 2026-11-02"];
    let with = |others: [&'static str; 4]| [&instants[..], &others[..]].concat();
    assert_eq!(days(None), with(["A6 2026-11-20", "A7 2026-11-20", "A8 2026-11-20", "A9 2026-11-21"]));
    let in_taipei = Some(chrono_tz::Asia::Taipei);
    assert_eq!(days(in_taipei), with(["A6 2026-11-19", "A7 2026-11-20", "A8 2026-11-20", "A9 2026-11-21"]));
}

#[test]
fn rows_of_a_day_after_the_snapshot_are_staged_but_counted_apart() {
    let fixture = Fixture::new();
    fixture.write(
        "orders.csv",
        format!("{HEADER}\nA1,C,B,2020-01-01,1\nA2,D,B,2020-01-02,1\nA3,E,B,2020-06-01,x\n").as_bytes(),
    );
    let outcome = fixture.ingest_as_of("2020-01-01", vec![source(Orders, fixture.path(), "orders.csv")]).expect("rows");
    assert_eq!(brief(&outcome), ["A1 C B 2020-01-01 1.00", "A2 D B 2020-01-02 1.00"]);
    let rows = outcome.ingested.entities[&Orders].rows;
    assert_eq!((rows.read, rows.staged, rows.rejected, rows.after_as_of), (3, 1, 1, 1));
    let customers: Vec<_> = outcome.ingested.dictionaries.customer.id_of_key.iter().flatten().collect();
    assert_eq!(customers, ["C", "D"]);
}

#[test]
fn the_order_of_objects_and_the_number_of_threads_change_nothing() {
    let fixture = Fixture::new();
    for (name, first) in
        [("in/a.csv", 0), ("in/sub/b.csv", 900), ("in/c.csv", 1_200), ("in/_SUCCESS", 0), ("in/.d.csv", 0)]
    {
        let rows: String = (first..first + 1_000)
            .map(|n| format!("A{n},C{},B{},2026-11-{:02},{n}\n", n % 70, n % 3, n % 21 + 1))
            .collect();
        fixture.write(name, format!("{HEADER}\n{rows}").as_bytes());
    }
    let one = |path| source(Orders, fixture.path(), path);
    let by_prefix = fixture.ingest(vec![one("in/")]);
    let columns = ["order_id", "customer_ref", "branch_ref", "paid_on", "amount", "key_hash", "object_no", "row_no"];
    let expected = by_prefix.rows(Orders, &columns);
    assert_eq!(expected.len(), 3_000);
    assert_eq!(by_prefix.ingested.entities[&Orders].repeated_key_hashes.len(), 100 + 700);
    let by_name = fixture.ingest_on(1, vec![one("in/sub/b.csv"), one("in/c.csv"), one("in/a.csv")]);
    let by_glob = fixture.ingest_on(3, vec![one("in/**/*.csv")]);
    for other in [by_name, by_glob] {
        assert_eq!(other.rows(Orders, &columns), expected);
        assert_eq!(other.ingested.dictionaries.customer.id_of_key, by_prefix.ingested.dictionaries.customer.id_of_key);
        assert_eq!(
            other.ingested.entities[&Orders].repeated_key_hashes,
            by_prefix.ingested.entities[&Orders].repeated_key_hashes
        );
        let hashes = |outcome: &Outcome| outcome.ingested.inputs.iter().map(|i| i.sha256.clone()).collect::<Vec<_>>();
        assert_eq!(hashes(&other), hashes(&by_prefix));
    }
}

#[test]
fn ids_are_shared_by_all_entities_and_the_empty_ones_have_a_schema() {
    let fixture = Fixture::new();
    fixture
        .write("visits.csv", b"visit_id,customer_id,branch_id,visited_at,department\nV1,C1,B,2026-11-21 10:00,skin\n");
    fixture.write("items.csv", b"item_id,department,list_price\nI1,skin,\"12,000\"\n");
    let outcome = fixture.ingest(vec![
        fixture.one_order(),
        source(Visits, fixture.path(), "visits.csv"),
        source(Items, fixture.path(), "items.csv"),
    ]);
    assert_eq!(
        outcome.rows(Visits, &["customer_ref", "department_ref", "kind", "status"]),
        ["C1 skin treatment attended"]
    );
    assert_eq!(outcome.rows(Items, &["item_ref", "department_ref", "list_price"]), ["I1 skin 12000.00"]);
    assert_eq!(outcome.ingested.dictionaries.customer.id_of_key, StringArray::from(vec!["C1"]));
    let leads = &outcome.ingested.entities[&Leads];
    assert!(!leads.is_present && leads.files.is_empty());
    assert_eq!(leads.schema.fields().len(), 9);
    for entity in [Orders, Visits, Items] {
        assert_eq!(outcome.schema_of_files(entity), outcome.ingested.entities[&entity].schema);
    }
}

#[test]
fn spend_in_two_objects_of_the_same_bytes_is_warned_of_for_it_counts_twice() {
    let fixture = Fixture::new();
    let rows = b"spent_on,amount,channel\n2026-11-01,5,web\n2026-11-01,5,web\n";
    ["spend-1.csv", "spend-2.csv"].iter().for_each(|name| fixture.write(name, rows));
    let outcome = fixture.ingest(vec![fixture.one_order(), source(Spend, fixture.path(), "spend-*.csv")]);
    assert_eq!(outcome.rows(Spend, &["spent_on", "amount", "branch_ref"]), ["2026-11-01 5.00 -"; 4]);
    assert!(outcome.ingested.entities[&Spend].repeated_key_hashes.is_empty(), "no key is repeated, for there is none");
    let [warning] = outcome.ingested.warnings.as_slice() else { panic!("{:?}", outcome.ingested.warnings) };
    assert!(warning.ends_with("hold the same bytes, and have no number: their rows count twice"), "{warning}");
}

#[test]
fn the_sha_256_is_of_the_raw_bytes() {
    let fixture = Fixture::new();
    fixture.write("orders.csv", b"order_id,customer_id,branch_id,paid_at,amount\n");
    let outcome = fixture.ingest(vec![source(Orders, fixture.path(), "orders.csv")]);
    let input = &outcome.ingested.inputs[0];
    // printf 'order_id,customer_id,branch_id,paid_at,amount\n' | sha256sum
    assert_eq!(input.sha256, "a92391c87bc9c8480b14dc04b4eadf79a87954efc982517c434772d585200498");
    assert_eq!(input.url, format!("file://{}/orders.csv", fixture.path().display()));
    assert_eq!(input.size_bytes, 46);
}

#[test]
fn a_missing_column_is_named_with_what_there_is_and_what_to_write() {
    let fixture = Fixture::new();
    fixture.write("orders.csv", "order_id,編號,branch_id,paid_at,amount\n1,C,B,2026-11-21,1\n".as_bytes());
    let error = fixture.refusal(vec![source(Orders, fixture.path(), "orders.csv")]);
    assert_eq!(error.kind(), Kind::Data);
    let text = error.to_string();
    for part in ["orders.csv: no column 'customer_id'", "order_id, 編號", "sources.orders[0]", "columns: {customer_id:"]
    {
        assert!(text.contains(part), "{text}");
    }
    fixture
        .write("orders.ndjson", b"{\"order_id\":\"1\",\"branch_id\":\"B\",\"paid_at\":\"2026-11-21\",\"amount\":1}\n");
    let text = fixture.refusal(vec![source(Orders, fixture.path(), "orders.ndjson")]).to_string();
    assert!(text.contains("orders.ndjson: no column 'customer_id'") && text.contains("order_id, branch_id"), "{text}");
}

#[test]
fn a_mapped_column_that_is_not_there_or_twice_is_an_error_even_if_optional() {
    let fixture = Fixture::new();
    fixture.write("orders.csv", format!("{HEADER},n,n\n").as_bytes());
    for name in ["n", "nowhere"] {
        let orders = mapped(source(Orders, fixture.path(), "orders.csv"), &[("department", name)]);
        let error = fixture.refusal(vec![orders]);
        assert_eq!(error.kind(), Kind::Data);
        assert!(error.to_string().contains(&format!("'{name}'")), "{error}");
    }
}

#[test]
fn a_source_that_matches_nothing_is_an_error() {
    let fixture = Fixture::new();
    fixture.write("in/_hidden.csv", b"x");
    for path in ["in/", "in/*.csv", "in/none.csv", "in"] {
        let error = fixture.refusal(vec![source(Orders, fixture.path(), path)]);
        assert_eq!(error.kind(), Kind::Data, "{error}");
        assert!(
            error.to_string().contains(&format!("nothing at file://{}/{path}", fixture.path().display())),
            "{error}"
        );
    }
}

#[test]
fn damaged_objects_are_errors_that_name_them() {
    let fixture = Fixture::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(format!("{HEADER}\nA1,C,B,2026-11-21,1\n").as_bytes()).expect("gzip");
    let gzip = gzip.finish().expect("gzip");
    fixture.write("cut.csv.gz", &gzip[..gzip.len() - 10]);
    fixture.write("no.parquet", b"PAR1 this is none PAR1");
    fixture.write("no.csv.zst", b"this is none");
    fixture.write("empty.csv", b"");
    fixture.write("quote.csv", format!("{HEADER}\nA1,\"C,{}", "x".repeat(40 << 20)).as_bytes());
    for name in ["cut.csv.gz", "no.parquet", "no.csv.zst", "empty.csv", "quote.csv"] {
        let error = fixture.refusal(vec![source(Orders, fixture.path(), name)]);
        assert_eq!(error.kind(), Kind::Data, "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn too_many_rejected_rows_fail_the_run_and_stay_to_be_looked_at() {
    let fixture = Fixture::new();
    fixture.write(
        "orders.csv",
        format!("{HEADER}\nA1,C,B,2026-11-21,1\nA2,C,B,2026-11-21,x\nA3,C,B,never,1\nA4,C,B,2026-11-21,y\n").as_bytes(),
    );
    let mut pipeline = pipeline(fixture.path(), vec![source(Orders, fixture.path(), "orders.csv")]);
    pipeline.limits.max_rejected_share = 0.74;
    let error = fixture.run("2026-11-21", &pipeline).expect_err("too many");
    assert_eq!(error.kind(), Kind::Data);
    let text = error.to_string();
    for part in
        ["orders: 3 of 4 rows can't be used (75.0 %)", "2 rows: amount not an amount", "1 rows: paid_at not a date"]
    {
        assert!(text.contains(part), "{text}");
    }
    let pattern = text.lines().find_map(|line| line.trim().strip_prefix("each row with its cause: ")).expect("a path");
    let files: Vec<_> = glob::glob(pattern).expect("a pattern").collect();
    assert_eq!(files.len(), 1);
    pipeline.limits.max_rejected_share = 0.75;
    assert!(fixture.run("2026-11-21", &pipeline).is_ok());
}

#[test]
fn an_object_that_is_not_readable_is_a_storage_error() {
    let fixture = Fixture::new();
    let mut orders = source(Orders, fixture.path(), "x");
    orders.location.store = "http://127.0.0.1:9/".parse().expect("a URL");
    orders.location.path = "orders.csv".to_owned();
    let mut pipeline = pipeline(fixture.path(), vec![orders]);
    let options = BTreeMap::from([("max_retries".to_owned(), rfmart::config::Secret::new("0"))]);
    pipeline.storage.insert("http".to_owned(), options);
    let error = fixture.run("2026-11-21", &pipeline).expect_err("unreachable");
    assert_eq!(error.kind(), Kind::Storage, "{error}");
    assert!(error.to_string().contains("http://127.0.0.1:9/orders.csv"), "{error}");
}

#[test]
fn progress_tells_every_byte() {
    let fixture = Fixture::new();
    fixture.write("in/a.csv", format!("{HEADER}\nA1,C,B,2026-11-21,1\n").as_bytes());
    let parquet: Vec<(&str, ArrayRef)> = Entity::columns(Orders)
        .iter()
        .take(5)
        .map(|column| (column.name, Arc::new(StringArray::from(vec!["2026-11-21"])) as ArrayRef))
        .collect();
    fixture.write_parquet("b.parquet", &RecordBatch::try_from_iter(parquet).expect("a batch"));
    let outcome =
        fixture.ingest(vec![source(Orders, fixture.path(), "in/"), source(Orders, fixture.path(), "b.parquet")]);
    let bytes: u64 = ["in/a.csv", "b.parquet"]
        .iter()
        .map(|name| fs::metadata(fixture.path().join(name)).expect("a file").len())
        .sum();
    assert_eq!(outcome.progress, (2, bytes, bytes));
}

#[test]
fn equal_numbers_of_two_branches_are_no_repeated_key_unless_ids_are_the_chains() {
    let fixture = Fixture::new();
    fixture.write("orders.csv", format!("{HEADER}\n1,C,N,2026-11-21,1\n1,D,S,2026-11-21,1\n").as_bytes());
    fixture.write("visits.csv", b"visit_id,customer_id,branch_id,visited_at\n1,C,N,2026-11-21\n1,D,S,2026-11-21\n");
    fixture.write("leads.csv", b"customer_id,branch_id,created_at\nC,N,2026-11-21\nC,S,2026-11-21\n");
    let sources = [(Orders, "orders.csv"), (Visits, "visits.csv"), (Leads, "leads.csv")]
        .map(|(entity, path)| source(entity, fixture.path(), path));
    let mut pipeline = pipeline(fixture.path(), sources.to_vec());
    let repeated = |pipeline: &Pipeline| {
        let outcome = fixture.run("2026-11-21", pipeline).expect("rows");
        [Orders, Visits, Leads].map(|entity| outcome.ingested.entities[&entity].repeated_key_hashes.len())
    };
    assert_eq!(repeated(&pipeline), [0, 0, 0]);
    pipeline.ids.orders = UniqueIn::Chain;
    assert_eq!(repeated(&pipeline), [1, 0, 0]);
    pipeline.ids.visits = UniqueIn::Chain;
    assert_eq!(repeated(&pipeline), [1, 1, 0]);
}

#[test]
fn rows_are_counted_by_branch() {
    let fixture = Fixture::new();
    let rows = "1,C,N,2020-01-01,1\n2,C,S,2020-01-01,1\n3,C,S,2020-01-02,1\n4,C,S,2020-01-01,x\n5,C,X,2020-01-01,1\n6,C,,2020-01-01,1\n";
    fixture.write("orders.csv", format!("{HEADER}\n{rows}").as_bytes());
    fixture.write("branches.csv", b"branch_id\nN\nS\n");
    let sources = vec![source(Orders, fixture.path(), "orders.csv"), source(Branches, fixture.path(), "branches.csv")];
    let outcome = fixture.ingest_as_of("2020-01-01", sources).expect("rows");
    let branches = &outcome.ingested.dictionaries.branch;
    let counts = outcome.ingested.entities[&Orders].by_branch.iter().map(|(key, counts)| {
        let branch = key.map_or("-", |key| branches.id_of_key.value(key.try_into().expect("a key")));
        format!("{branch} {} {} {} {}", counts.read, counts.staged, counts.after_as_of, counts.rejected)
    });
    assert_eq!(counts.collect::<Vec<_>>(), ["- 2 0 0 2", "N 1 1 0 0", "S 3 1 1 1"]);
}

/// A pipeline in which each branch numbers its own customers.
fn of_branches(fixture: &Fixture, customers: &str) -> Pipeline {
    fixture.write(
        "orders.csv",
        format!("{HEADER}\n1,17,N,2026-11-21,1\n2,17,S,2026-11-21,1\n3,18,N,2026-11-21,1\n").as_bytes(),
    );
    fixture.write("leads.csv", b"customer_id,branch_id,created_at\n17,S,2026-11-21\n17,,2026-11-21\n");
    fixture.write("customers.csv", format!("branch_id,local_id,customer_id\n{customers}").as_bytes());
    let sources = [(Orders, "orders.csv"), (Leads, "leads.csv"), (Customers, "customers.csv")];
    let sources = sources.map(|(entity, path)| source(entity, fixture.path(), path));
    let mut pipeline = pipeline(fixture.path(), sources.to_vec());
    pipeline.ids.customers = UniqueIn::Branch;
    pipeline
}

#[test]
fn a_branchs_numbers_become_the_chains_ids_before_rows_are_staged() {
    let fixture = Fixture::new();
    let outcome = fixture.run("2026-11-21", &of_branches(&fixture, "N,17,M1\n")).expect("rows");
    assert_eq!(outcome.rows(Orders, &["order_id", "customer_ref"]), ["1 M1", "2 S/17", "3 N/18"]);
    assert_eq!(outcome.rows(Leads, &["customer_ref", "branch_ref"]), ["S/17 S"]);
    let cause = "leads[0] 2 branch_id: is empty, but customers' numbers are a branch's own (customer_ids)";
    assert_eq!(outcome.causes(), [cause]);
}

#[test]
fn an_id_that_is_made_of_branch_and_number_never_is_one_of_the_chains() {
    let fixture = Fixture::new();
    let error = fixture.run("2026-11-21", &of_branches(&fixture, "N,17,S/17\n")).expect_err("a refusal");
    assert_eq!(error.kind(), Kind::Data);
    let message =
        "customers: number 17 of branch S is not mapped, and 'S/17' is another's id\nhint: map that number too";
    assert!(error.to_string().starts_with(message), "{error}");
}
