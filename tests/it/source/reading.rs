//! No row is swallowed, and no number is read as another: what becomes of objects that are badly written.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, NullArray, RecordBatch, StringArray};
use proptest::prelude::*;
use rfmart::Kind;
use rfmart::config::{Privacy, Secret, Source};
use rfmart::source::Entity::{Branches, Orders};

use crate::common::staged::{self, Fixture, Outcome};
use crate::common::{pipeline, source};

const HEADER: &str = "order_id,customer_id,branch_id,paid_at,amount,note";

/// Read, staged and rejected order lines.
fn counts(outcome: &Outcome) -> (u64, u64, u64) {
    let rows = outcome.ingested.entities[&Orders].rows;
    assert_eq!(rows.after_as_of, 0);
    (rows.read, rows.staged, rows.rejected)
}

/// `row_no line_no cause` of each rejected row.
fn places(outcome: &Outcome) -> Vec<String> {
    let place = |row: &staged::RejectedRow| {
        let line_no = row.line_no.map_or("-".to_owned(), |line_no| line_no.to_string());
        format!("{} {line_no} {}", row.row_no, row.cause)
    };
    outcome.rejected.iter().map(place).collect()
}

fn orders(fixture: &Fixture, name: &str, text: &str) -> Source {
    fixture.write(name, text.as_bytes());
    source(Orders, fixture.path(), name)
}

/// An export of `count` order lines, the `n`th of which ends with the note that `note` gives it.
fn export(count: usize, note: impl Fn(usize) -> &'static str) -> String {
    let mut text = format!("{HEADER}\n");
    for n in 1..=count {
        writeln!(text, "A{n},C{n},B,2026-11-21,{n},{}", note(n)).expect("a line");
    }
    text
}

#[test]
fn a_quote_that_is_never_closed_costs_its_row_and_no_other() {
    let fixture = Fixture::new();
    let text = export(1_501, |n| if n == 1_001 { "\"5 ml" } else { "" });
    let outcome = fixture.ingest(vec![orders(&fixture, "a.csv", &text)]);
    assert_eq!(counts(&outcome), (1_501, 1_500, 1));
    assert_eq!(places(&outcome), ["1001 1002 opens a quote in field 6 on line 1002: it is never closed"]);
    assert_eq!(outcome.rejected[0].raw, "A1001,C1001,B,2026-11-21,1001,\"5 ml");
    let far = export(3_000, |n| if n == 10 { "\"5 ml" } else { "" });
    let outcome = fixture.ingest(vec![orders(&fixture, "a.csv", &far)]);
    assert_eq!(counts(&outcome), (3_000, 2_999, 1));
    assert_eq!(places(&outcome), ["10 11 opens a quote in field 6 on line 11: it isn't closed up to line 1011"]);
}

#[test]
fn rows_between_two_stray_quotes_are_read_also_where_nobody_reads_the_column() {
    let fixture = Fixture::new();
    for end in ["\n", "\r\n", "\r"] {
        for closing in ["x\"", "\"x"] {
            let text = export(1_000, |n| match n {
                10 => "\"5 ml",
                510 => closing,
                _ => "",
            });
            let outcome = fixture.ingest(vec![orders(&fixture, "a.csv", &text.replace('\n', end))]);
            assert_eq!(counts(&outcome), (1_000, 998, 2), "{end:?} {closing}");
            let expected = match closing {
                "x\"" => [
                    "10 11 opens a quote in field 6 on line 11: what stands up to line 511, which closes it, is no text but rows",
                    "510 511 has a quote that closes the one opened on line 11",
                ],
                _ => [
                    "10 11 opens a quote in field 6 on line 11: it is closed on line 511, inside a field",
                    "510 511 opens a quote in field 6 on line 511: it is never closed",
                ],
            };
            assert_eq!(places(&outcome), expected, "{end:?}");
        }
    }
}

#[test]
fn neighbours_and_rows_of_a_wrong_width_are_not_swallowed_either() {
    let fixture = Fixture::new();
    for lines in [
        // The quotes stand in the same column of two rows.
        "A1,C,B,2026-11-21,1,\"a\nA2,C,B,2026-11-21,2,b\"\n",
        "A1,C,\"B,2026-11-21,1,a\nA2,C,B\",2026-11-21,2,b\n",
        // In different columns.
        "A1,C,\"B,2026-11-21,1,a\nA2,C,B,2026-11-21,2\",b\n",
        // The first row is cut off.
        "A1,C,\"B\nA2,C,B\",2026-11-21,2,b\n",
        // All quoted, one quote left out.
        "\"A1\",\"C\",\"B\",\"2026-11-21\",\"1\",\"a\n\"A2\",\"C\",\"B\",\"2026-11-21\",\"x\",\"b\"\n",
    ] {
        let text = format!("{HEADER}\n{lines}A3,C,B,2026-11-21,3,c\n");
        let outcome = fixture.ingest(vec![orders(&fixture, "a.csv", &text)]);
        assert_eq!(counts(&outcome), (3, 1, 2), "{lines} {:?}", places(&outcome));
        assert_eq!(outcome.rows(Orders, &["order_id", "amount"]), ["A3 3.00"]);
    }
}

#[test]
fn notes_of_several_lines_are_read_without_fuss() {
    let fixture = Fixture::new();
    let notes =
        ["\"敏感肌,\n少量\"", "plain", "\"\"", "\"1\n2, 3\n\n4\"", "\"she said \"\"no\"\"\nthen, yes\"", "\"a\rb\""];
    let text = export(600, |n| notes[n % notes.len()]);
    for encoding in [encoding_rs::UTF_8, encoding_rs::BIG5, encoding_rs::GB18030] {
        for end in ["\n", "\r\n", "\r"] {
            fixture.write("a.csv", &encoding.encode(&text.replace('\n', end)).0);
            let mut orders = source(Orders, fixture.path(), "a.csv");
            orders.csv.encoding = encoding;
            let outcome = fixture.ingest(vec![orders]);
            assert_eq!(counts(&outcome), (600, 600, 0), "{} {end:?} {:?}", encoding.name(), places(&outcome));
        }
    }
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    fixture.write("a.csv", &utf16);
    let mut orders = source(Orders, fixture.path(), "a.csv");
    orders.csv.encoding = encoding_rs::UTF_16LE;
    assert_eq!(counts(&fixture.ingest(vec![orders])), (600, 600, 0));
}

#[test]
fn a_name_may_have_line_breaks_and_is_read_with_them() {
    let fixture = Fixture::new();
    fixture.write("branches.csv", b"branch_id,name\n\"B\n\",\"Taipei\nMain, 1F\"\nD,\"\"\"D\"\"\"\n");
    let outcome = fixture.ingest(vec![fixture.one_order(), source(Branches, fixture.path(), "branches.csv")]);
    assert_eq!(outcome.rows(Branches, &["branch_ref", "name"]), ["B Taipei\nMain, 1F", "D \"D\""]);
}

#[test]
fn rows_behind_a_torn_one_keep_their_numbers_and_lines() {
    let fixture = Fixture::new();
    let text = format!(
        "{HEADER}\n\nA1,C,B,2026-11-21,x,\"a\nb\"\n\nA2,C,B,2026-11-21,1,\"b\nA3,C,B,2026-11-21,y,\nA4,C,B,2026-11-21,1,c\"\nA5,C,B,2026-11-21,z,\n"
    );
    let outcome = fixture.ingest(vec![orders(&fixture, "a.csv", &text)]);
    assert_eq!(counts(&outcome), (5, 0, 5));
    let lines: Vec<_> = outcome.rejected.iter().map(|row| (row.row_no, row.line_no)).collect();
    assert_eq!(lines, [(1, Some(3)), (2, Some(6)), (3, Some(7)), (4, Some(8)), (5, Some(9))]);
    assert_eq!(outcome.rejected[0].raw, "A1,C,B,2026-11-21,x,\"a\nb\"");
}

#[test]
fn text_behind_a_closing_quote_costs_its_row_and_a_quote_inside_plain_text_nothing() {
    let fixture = Fixture::new();
    let text = format!(
        "{HEADER}\nA1,C,B,2026-11-21,1,\"abc\"def\nA2,C,B,2026-11-21,2,\"say \"hi\" to\"\nA3,\"C\" ,B,2026-11-21,3,5\" needle\nA4,C\",B,2026-11-21,4,\n"
    );
    let outcome = fixture.ingest(vec![orders(&fixture, "a.csv", &text)]);
    let cause = "has text behind the closing quote of field 6; inside quotes, write a quote twice";
    assert_eq!(places(&outcome), [format!("1 2 {cause}"), format!("2 3 {cause}")]);
    assert_eq!(outcome.rows(Orders, &["order_id", "customer_ref"]), ["A3 C", "A4 C\""]);
}

#[test]
fn rows_that_a_quote_swallows_count_for_the_limit() {
    let fixture = Fixture::new();
    let text = export(10, |n| if n == 2 || n == 5 { "\"x" } else { "" });
    let mut pipeline = pipeline(fixture.path(), vec![orders(&fixture, "a.csv", &text)]);
    pipeline.limits.max_rejected_share = 0.19;
    let error = fixture.run("2026-11-21", &pipeline).expect_err("too many");
    let told = error.to_string();
    assert!(told.contains("2 of 10 rows") && told.contains("2 rows: unclosed quote"), "{told}");
}

#[test]
fn a_torn_header_is_an_error_and_one_of_several_lines_is_read() {
    let fixture = Fixture::new();
    let rows = "A1,C,B,2026-11-21,1,x\nA2,C,B,2026-11-21,2,y";
    for (text, cause) in [
        (format!("order_id,customer_id,branch_id,paid_at,amount,\"note\n{rows}\"\n"), "is no text but rows"),
        (format!("order_id,customer_id,branch_id,paid_at,amount,\"note\n{rows}\n"), "never closed"),
        (format!("order_id,customer_id,branch_id,paid_at,amount,\"note\"s\n{rows}\n"), "behind the closing quote"),
    ] {
        let error = fixture.refusal(vec![orders(&fixture, "a.csv", &text)]);
        assert_eq!(error.kind(), Kind::Data);
        assert!(error.to_string().contains("the header") && error.to_string().contains(cause), "{error}");
    }
    let text = format!("\"order\n_id\",\"customer\r\n(id)\",branch_id,paid_at,amount,note\n{rows}\n");
    let mut orders = orders(&fixture, "a.csv", &text);
    orders.columns.insert("order_id", "order\n_id".to_owned());
    orders.columns.insert("customer_id", "customer\r\n(id)".to_owned());
    assert_eq!(counts(&fixture.ingest(vec![orders])), (2, 2, 0));
}

#[test]
fn the_first_of_rows_without_header_may_be_torn() {
    let fixture = Fixture::new();
    let mut orders =
        orders(&fixture, "a.csv", "A1,C,B,2026-11-21,1,\"x\nA2,C,B,2026-11-21,2,y\"\nA3,C,B,2026-11-21,3,\n");
    orders.csv.header = false;
    for (place, name) in ["order_id", "customer_id", "branch_id", "paid_at", "amount"].iter().enumerate() {
        orders.columns.insert(name, (place + 1).to_string());
    }
    let outcome = fixture.ingest(vec![orders]);
    assert_eq!(counts(&outcome), (3, 1, 2));
    assert_eq!(outcome.rows(Orders, &["order_id", "amount"]), ["A3 3.00"]);
}

#[test]
fn with_a_key_nothing_of_torn_rows_is_told() {
    let fixture = Fixture::new();
    let text = format!(
        "{HEADER}\nA1,MEM-1,B,2026-11-21,1,\"x\nA2,MEM-2,B,2026-11-21,2,MEM-3\nA3,MEM-3,B,2026-11-21,3,y\"\nA4,MEM-4,B,2026-11-21,4,\"a\"MEM-5\n"
    );
    let mut pipeline = pipeline(fixture.path(), vec![orders(&fixture, "a.csv", &text)]);
    pipeline.privacy = Some(Privacy { key: Secret::new("a key of thirty-two bytes or more") });
    let outcome = fixture.run("2026-11-21", &pipeline).expect("rows");
    assert_eq!(counts(&outcome), (4, 1, 3));
    for row in &outcome.rejected {
        assert!(!format!("{row:?}").contains("MEM-"), "{row:?}");
    }
}

#[test]
fn numbers_of_json_lines_are_read_as_they_are_written() {
    let fixture = Fixture::new();
    let line = |id: &str, customer: &str, amount: &str, quantity: &str| {
        format!(
            r#"{{"order_id": {id}, "customer_id": {customer}, "branch_id": "B", "paid_at": "2026-11-21", "amount": {amount}, "quantity": {quantity}}}"#
        )
    };
    let lines = [
        line("1", "36893488147419103233", "9007199254.01", "2.0"),
        line("2", "36893488147419103234", "1234567890.10", "1e1"),
        line("3", "17.0", "1e3", "-0"),
        line("4", "17", "1.50", "null"),
        line("5", "\"17.0\"", "-0.00", "1"),
        line("6", "1", "1.005", "1"),
        line("7", "1", "1e-3", "1"),
        line("8", "1", "1", "1.5"),
        line("9", "1", "1e400", "1"),
    ];
    let outcome = fixture.ingest(vec![orders(&fixture, "a.ndjson", &lines.join("\r\n"))]);
    assert_eq!(
        outcome.rows(Orders, &["order_id", "customer_ref", "amount", "quantity"]),
        [
            "1 36893488147419103233 9007199254.01 2",
            "2 36893488147419103234 1234567890.10 10",
            "3 17 1000.00 0",
            "4 17 1.50 -",
            "5 17.0 0.00 1",
        ]
    );
    let causes: Vec<_> = outcome.rejected.iter().filter_map(|row| row.cause.split(';').next()).collect();
    assert_eq!(
        causes,
        [
            "amount: '1.005' is not whole cents",
            "amount: '0.001' is not whole cents",
            "quantity: '1.5' is not a whole number",
            "amount: '1e400' is not an amount",
        ]
    );
    assert_eq!(outcome.rejected.iter().map(|row| row.line_no).collect::<Vec<_>>(), [6, 7, 8, 9].map(Some));
}

/// A Parquet object of orders, in which `columns` stand for the usual ones.
fn parquet(fixture: &Fixture, columns: &[(&str, ArrayRef)]) -> Source {
    let rows = columns.first().map_or(1, |(_, array)| array.len());
    let text = |value: &str| Arc::new(StringArray::from(vec![value; rows])) as ArrayRef;
    let numbers: Vec<i64> = (1..).take(rows).collect();
    let usual: [(&str, ArrayRef); 5] = [
        ("order_id", Arc::new(Int64Array::from(numbers))),
        ("customer_id", text("C")),
        ("branch_id", text("B")),
        ("paid_at", text("2026-11-21")),
        ("amount", text("1")),
    ];
    let is_usual = |name: &str| usual.iter().any(|(usual, _)| *usual == name);
    let given = |name: &str| columns.iter().find(|(given, _)| *given == name).map(|(_, array)| Arc::clone(array));
    let mut all: Vec<(&str, ArrayRef, bool)> =
        usual.iter().map(|(name, array)| (*name, given(name).unwrap_or_else(|| Arc::clone(array)), true)).collect();
    all.extend(
        columns.iter().filter(|(name, _)| !is_usual(name)).map(|(name, array)| (*name, Arc::clone(array), true)),
    );
    fixture.write_parquet("a.parquet", &RecordBatch::try_from_iter_with_nullable(all).expect("a batch"));
    source(Orders, fixture.path(), "a.parquet")
}

#[test]
fn floats_are_ids_only_where_they_tell_ids_apart() {
    let fixture = Fixture::new();
    let ids = Float64Array::from(vec![17.0, 9_007_199_254_740_991.0, 9_007_199_254_740_992.0, f64::NAN, -0.0]);
    let outcome = fixture.ingest(vec![parquet(&fixture, &[("customer_id", Arc::new(ids))])]);
    assert_eq!(outcome.rows(Orders, &["order_id", "customer_ref"]), ["1 17", "2 9007199254740991", "5 0"]);
    assert_eq!(
        places(&outcome),
        [
            "3 - customer_id: '9007199254740992' is no exact number; floats of this size don't tell whole numbers apart; have it exported as text or as an integer",
            "4 - customer_id: 'NaN' is no exact number; floats of this size don't tell whole numbers apart; have it exported as text or as an integer",
        ]
    );
}

#[test]
fn a_column_of_nothing_is_as_good_as_none() {
    let fixture = Fixture::new();
    let nothing = || Arc::new(NullArray::new(2)) as ArrayRef;
    let columns = ["status", "updated_at", "cost", "quantity", "department"].map(|name| (name, nothing()));
    let outcome = fixture.ingest(vec![parquet(&fixture, &columns)]);
    assert_eq!(
        outcome.rows(Orders, &["order_id", "status", "updated_at", "cost", "quantity", "department_ref"]),
        ["1 paid - - - -", "2 paid - - - -"]
    );
}

#[test]
fn what_stands_for_none_can_be_mapped_to_none() {
    let fixture = Fixture::new();
    let text = "order_id,customer_id,branch_id,paid_at,amount,updated_at,cost\nA1,C,B,2026-11-21,1,9999-12-31,-1\nA2,C,B,2026-11-21,1,2026-11-21T00:00:00Z,7\n";
    let mut orders = orders(&fixture, "a.csv", text);
    let outcome = fixture.ingest(vec![orders.clone()]);
    assert_eq!(places(&outcome), ["1 2 updated_at: '9999-12-31' is out of range; years go from 1900 to 2200"]);
    for (column, value) in [("updated_at", "9999-12-31"), ("cost", "-1")] {
        orders.values.insert(column, [(value.to_owned(), String::new())].into());
    }
    let outcome = fixture.ingest(vec![orders]);
    assert_eq!(outcome.rows(Orders, &["order_id", "updated_at", "cost"]), ["A1 - -", "A2 2026-11-21T00:00:00Z 7.00"]);
}

/// An export in which fields hold whatever, by the writer of the csv crate; its rows, and its last column.
fn written(rows: &[(String, String, String)], quotes: csv::QuoteStyle, end: csv::Terminator) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().quote_style(quotes).terminator(end).from_writer(Vec::new());
    let header = ["note", "order_id", "customer_id", "department", "branch_id", "paid_at", "amount", "last"];
    writer.write_record(header).expect("a header");
    for (n, (note, department, last)) in rows.iter().enumerate() {
        let (id, customer) = (format!("A{n}"), format!("C{n}"));
        writer.write_record([note, &id, &customer, department, "B", "2026-11-21", "1,234.50", last]).expect("a row");
    }
    writer.into_inner().expect("bytes")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_a_csv_writer_writes_reads_back(
        rows in prop::collection::vec(("[a1, \"\n\r王]{0,6}", "[a1, \"\n王]{1,6}", "[a1, \"\n\r王]{0,6}"), 1..12),
        is_all_quoted in any::<bool>(),
        ends_with_both in any::<bool>(),
    ) {
        let quotes = if is_all_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let end = if ends_with_both { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let fixture = Fixture::new();
        fixture.write("a.csv", &written(&rows, quotes, end));
        let outcome = fixture.ingest(vec![source(Orders, fixture.path(), "a.csv")]);
        prop_assert_eq!(places(&outcome), Vec::<String>::new());
        let mut expected: Vec<String> = rows.iter().enumerate().map(|(n, (_, department, _))| {
            let department = Some(department.trim()).filter(|department| !department.is_empty()).unwrap_or("-");
            format!("A{n} C{n} {department} 1234.50")
        }).collect();
        expected.sort_unstable();
        prop_assert_eq!(outcome.rows(Orders, &["order_id", "customer_ref", "department_ref", "amount"]), expected);
    }

    #[test]
    fn stray_quotes_lose_no_line(
        notes in prop::collection::vec(prop_oneof![
            4 => Just(""), 1 => Just("5\" needle"), 1 => Just("\"Wang, Ming\""), 1 => Just("\"\""), 1 => Just("\"say \"\"hi\"\"\"")
        ], 2..30),
        quotes in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
    ) {
        let mut text = export(notes.len(), |n| notes[n - 1]);
        let begin = text.find('\n').expect("a header") + 1;
        for index in quotes {
            text.insert(begin + index.index(text.len() - begin), '"');
        }
        let fixture = Fixture::new();
        let outcome = fixture.ingest(vec![orders(&fixture, "a.csv", &text.replace('\n', end))]);
        let (read, staged, rejected) = counts(&outcome);
        prop_assert_eq!(read, u64::try_from(notes.len()).expect("a count"), "{}", text);
        prop_assert_eq!(read, staged + rejected);
    }
}
