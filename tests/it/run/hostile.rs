//! Values that no clinic has, in every column and every format: rows are rejected with a cause, and the night
//! goes on to its end.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array, Decimal256Array, DictionaryArray,
    DurationSecondArray, FixedSizeBinaryArray, Float32Array, Float64Array, Int8Array, Int64Array, LargeStringArray,
    ListArray, NullArray, RecordBatch, StringArray, StringViewArray, Time64MicrosecondArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, Int64Type, i256};
use parquet::arrow::ArrowWriter;
use rfmart::Kind;
use rfmart::source::{Column, ColumnKind, Entity};

use crate::common::chain::{Chain, day, run};

const AS_OF: &str = "2024-11-21";

/// Texts that are too much of something.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "*",
    "NULL",
    "NaN",
    "inf",
    "-",
    "-0",
    "0.001",
    "1e308",
    "1e-308",
    "9999999999.99",
    "-9999999999.99",
    "10000000000",
    "9999999999999999.99",
    "-9999999999999999.99",
    "1000000",
    "-1000000",
    "1000000000000",
    "9223372036854775807",
    "-9223372036854775808",
    "36893488147419103233",
    "0001-01-01",
    "1899-12-31",
    "1900-01-01",
    "2200-12-31",
    "9999-12-31",
    "-290000-01-01",
    "2024-02-30",
    "2024-01-01T00:00:00+18:00",
    "1900-01-01T00:00:00+18:00",
    "2200-12-31T23:59:59-18:00",
    "21/11/2024",
    "'; drop table fct_customer_rfm",
    "\u{202e}王\u{0}👩\u{200d}⚕️",
    "../../etc",
];

fn good(column: &Column, n: usize, entity: Entity) -> String {
    match column.kind {
        ColumnKind::Moment | ColumnKind::Instant | ColumnKind::Day => "2024-10-01".to_owned(),
        ColumnKind::Money => "100".to_owned(),
        ColumnKind::Integer => "2".to_owned(),
        ColumnKind::Word(words) => words.first().copied().unwrap_or_default().to_owned(),
        ColumnKind::Zone => "Asia/Taipei".to_owned(),
        ColumnKind::Text if column.name == "branch_id" && entity != Entity::Branches => "B0".to_owned(),
        ColumnKind::Text if entity.key().contains(&column.name) => format!("B{n}"),
        ColumnKind::Text => format!("{}{}", column.name, n % 3),
    }
}

/// Rows of an entity: a good one, and for each column and text one that has the text there.
fn rows(entity: Entity) -> Vec<Vec<String>> {
    let columns = entity.columns();
    let row = |n: usize| -> Vec<String> { columns.iter().map(|column| good(column, n, entity)).collect() };
    let mut rows = vec![row(0)];
    let long = "x".repeat(100_000);
    for place in 0..columns.len() {
        for text in TEXTS.iter().copied().chain([long.as_str()]) {
            let mut row = row(rows.len());
            row[place] = text.to_owned();
            rows.push(row);
        }
    }
    rows
}

fn csv(entity: Entity) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(entity.columns().iter().map(|column| column.name)).expect("a header");
    for row in rows(entity) {
        writer.write_record(row).expect("a row");
    }
    String::from_utf8(writer.into_inner().expect("bytes")).expect("a text")
}

/// Texts and, where they are numbers as JSON writes them, numbers.
fn ndjson(entity: Entity) -> String {
    let mut lines = String::new();
    for row in rows(entity) {
        let member = |(column, text): (&Column, &String), is_bare: bool| {
            let number = serde_json::from_str::<serde_json::Number>(text).is_ok();
            let value =
                if is_bare && number { text.clone() } else { serde_json::Value::from(text.as_str()).to_string() };
            format!("\"{}\":{value}", column.name)
        };
        for is_bare in [false, true] {
            let members: Vec<String> =
                entity.columns().iter().zip(&row).map(|member_of| member(member_of, is_bare)).collect();
            lines.push_str(&format!("{{{}}}\n", members.join(",")));
        }
    }
    lines.push_str("[]\n{\n{\"customer_id\":[]}\nnull\n1e400\n");
    lines
}

fn shared(array: impl arrow::array::Array + 'static) -> ArrayRef {
    Arc::new(array)
}

/// Columns of three rows, of types and with values that are too much of something.
fn arrays() -> Vec<ArrayRef> {
    let (low, high) = (i64::MIN, i64::MAX);
    let decimal = |value: i128, precision, scale| {
        let array = Decimal128Array::from(vec![value, -value, 0]).with_precision_and_scale(precision, scale);
        shared(array.expect("a decimal"))
    };
    let wide = |scale| {
        let value = i256::from_string(&"9".repeat(76)).expect("a number");
        let array = Decimal256Array::from(vec![value, value.wrapping_neg(), i256::from_i128(1)]);
        shared(array.with_precision_and_scale(76, scale).expect("a decimal"))
    };
    let floats = shared(Float32Array::from(vec![f32::MAX, f32::NAN, 0.1]));
    vec![
        shared(Int64Array::from(vec![low, high, 0])),
        shared(Int8Array::from(vec![i8::MIN, i8::MAX, 0])),
        shared(UInt64Array::from(vec![u64::MAX, 1 << 63, 0])),
        cast(&floats, &DataType::Float16).expect("floats"),
        floats,
        shared(Float64Array::from(vec![f64::MAX, f64::NEG_INFINITY, f64::NAN])),
        shared(Float64Array::from(vec![1e16, -9_999_999_999.99, 0.1 + 0.2])),
        decimal(10_i128.pow(38) - 1, 38, 0),
        decimal(10_i128.pow(38) - 1, 38, 38),
        decimal(10_i128.pow(10) - 1, 18, 2),
        wide(0),
        wide(50),
        shared(Date32Array::from(vec![i32::MIN, i32::MAX, 0])),
        shared(Date64Array::from(vec![low, high, -1])),
        shared(TimestampSecondArray::from(vec![low, high, -1])),
        shared(TimestampMillisecondArray::from(vec![low, high, -1]).with_timezone("UTC")),
        shared(TimestampMicrosecondArray::from(vec![low, high, -1])),
        shared(TimestampMicrosecondArray::from(vec![low, high, -1]).with_timezone("+08:00")),
        shared(TimestampMicrosecondArray::from(vec![low, high, -1]).with_timezone("Asia/Taipei")),
        shared(TimestampNanosecondArray::from(vec![low, high, -1])),
        shared(Time64MicrosecondArray::from(vec![0, 1, 86_399_999_999])),
        shared(DurationSecondArray::from(vec![low, high, 0])),
        shared(BinaryArray::from(vec![b"\xff".as_slice(), b"", b"2024-10-01"])),
        shared(BooleanArray::from(vec![Some(true), Some(false), None])),
        shared(NullArray::new(3)),
        shared(vec!["2024-10-01", "", "x"].into_iter().collect::<DictionaryArray<Int32Type>>()),
        shared(LargeStringArray::from(vec!["9999999999999999.99", "0001-01-01", "\0"])),
        shared(StringViewArray::from(vec![Some("9999999999999999.99"), Some("0001-01-01"), None])),
    ]
}

fn write_parquet(chain: &Chain, name: &str, entity: Entity, place: usize, array: &ArrayRef) {
    let columns = entity.columns().iter().enumerate().map(|(at, column)| {
        let texts = || (0..array.len()).map(|n| good(column, n, entity)).collect::<Vec<_>>();
        let array = if at == place { Arc::clone(array) } else { shared(StringArray::from(texts())) };
        (column.name, array, true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("a batch");
    let path = chain.path(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let mut writer = ArrowWriter::try_new(File::create(path).expect("a file"), batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.close().expect("a footer");
}

/// A chain of whose entities each has a source of good `branches`, and `location`.
fn chain(location: &str) -> Chain {
    let mut sources = String::new();
    for entity in Entity::ALL {
        let name = entity.name();
        sources.push_str(&format!("  {name}:\n    - location: {}\n", location.replace("ENTITY", name)));
        if entity == Entity::Branches {
            sources.push_str("    - location: good/branches.csv\n");
        }
    }
    let chain = Chain::new(&format!(
        "name: clinics\ntimezone: Asia/Taipei\ncurrency: TWD\ncustomer_ids: {{unique_in: branch}}\n\
         sources:\n{sources}publish: {{location: warehouse/}}\n\
         scopes: [chain, branch, department, item]\n\
         limits: {{memory: 1GiB, target_partitions: 2, max_rejected_share: 1.0, max_conflicting_share: 1.0}}\n"
    ));
    chain.write("good/branches.csv", "branch_id\nB0\n");
    chain
}

fn publish(chain: &Chain) {
    let outcome = run(&chain.pipeline(), day(AS_OF));
    let text = std::fs::read(chain.path("warehouse/_rfmart/commits/000001.json"));
    assert!(outcome.is_ok(), "{}", outcome.err().map(|error| error.to_string()).unwrap_or_default());
    let commit: rfmart::publish::Commit = serde_json::from_slice(&text.expect("a commit")).expect("a commit record");
    for (entity, rows) in &commit.rows {
        assert_eq!(rows.read, rows.used + rows.duplicates + rows.rejected + rows.after_as_of, "{entity}");
        assert!(rows.used > 0 && rows.rejected > 0, "{entity}");
    }
}

#[test]
fn texts_in_every_column_of_a_csv() {
    let chain = chain("bad/ENTITY.csv");
    for entity in Entity::ALL {
        chain.write(&format!("bad/{}.csv", entity.name()), &csv(entity));
    }
    publish(&chain);
}

#[test]
fn values_in_every_member_of_json_lines() {
    let chain = chain("bad/ENTITY.ndjson");
    for entity in Entity::ALL {
        chain.write(&format!("bad/{}.ndjson", entity.name()), &ndjson(entity));
    }
    publish(&chain);
}

#[test]
fn every_type_in_every_column_of_parquet() {
    let chain = chain("bad/ENTITY/*.parquet");
    for entity in Entity::ALL {
        for place in 0..entity.columns().len() {
            for (number, array) in arrays().iter().enumerate() {
                write_parquet(&chain, &format!("bad/{}/{place}-{number}.parquet", entity.name()), entity, place, array);
            }
        }
    }
    publish(&chain);
}

#[test]
fn columns_of_lists_and_of_bare_bytes_are_refused_by_name() {
    let chain = chain("bad/ENTITY/*.parquet");
    let lists = shared(ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1)])]));
    let bytes = shared(FixedSizeBinaryArray::try_from_iter([[0xff; 16]].iter()).expect("bytes"));
    for entity in Entity::ALL {
        let texts = shared(StringArray::from(vec!["B0"]));
        write_parquet(&chain, &format!("bad/{}/a.parquet", entity.name()), entity, 0, &texts);
    }
    let place = Entity::Orders.columns().iter().position(|column| column.name == "cost").expect("a column");
    for array in [lists, bytes] {
        write_parquet(&chain, "bad/orders/a.parquet", Entity::Orders, place, &array);
        let error = run(&chain.pipeline(), day(AS_OF)).err().expect("a refusal");
        assert_eq!(error.kind(), Kind::Data);
        assert!(error.to_string().contains("orders/a.parquet: orders.cost has no single values"), "{error}");
    }
}
