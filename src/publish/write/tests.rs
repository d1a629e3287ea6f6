//! What is written is what was declared, each row once, in the same bytes however the rows come.

use std::sync::Arc;

use arrow::array::{
    Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray, StringViewArray,
    TimestampMicrosecondArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{LogicalType, Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::*;

struct Fixture {
    folder: TempDir,
    runtime: Runtime,
}

impl Fixture {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        Fixture { folder: tempfile::tempdir().expect("a folder"), runtime }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("fct_a/part-0.parquet")
    }

    fn write(&self, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<WrittenTable> {
        self.stream(schema, batches.iter().cloned().map(Ok).collect())
    }

    fn stream(
        &self,
        schema: &SchemaRef,
        batches: Vec<std::result::Result<RecordBatch, String>>,
    ) -> Result<WrittenTable> {
        let grain = ["as_of".to_owned(), "id".to_owned()];
        let failed = |cause| Error::new(Kind::Bug, cause);
        self.runtime.block_on(write_table(
            "fct_a",
            &self.path(),
            schema,
            &grain,
            futures::stream::iter(batches),
            failed,
        ))
    }

    fn refusal(&self, batches: &[RecordBatch]) -> Error {
        self.write(&declared(), batches).expect_err("an error")
    }
}

/// as_of, id (may be null, as `from_stage` is), customers, monetary (may be null).
fn declared() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("as_of", DataType::Date32, false),
        Field::new("id", DataType::Utf8, true),
        Field::new("customers", DataType::Int32, false),
        Field::new("monetary", DataType::Decimal128(18, 2), true),
    ]))
}

fn ids(ids: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(ids.to_vec()))
}

fn money(cents: impl IntoIterator<Item = Option<i128>>, precision: u8, scale: i8) -> ArrayRef {
    let cents = cents.into_iter().collect::<Decimal128Array>();
    Arc::new(cents.with_data_type(DataType::Decimal128(precision, scale)))
}

/// A lawful batch of these ids, but for the columns given.
fn batch(own: &[Option<&str>], others: &[(&str, ArrayRef)]) -> RecordBatch {
    let column = |name: &str, column: ArrayRef| {
        let other = others.iter().find(|(other, _)| *other == name);
        (name.to_owned(), other.map_or(column, |(_, other)| Arc::clone(other)), true)
    };
    let rows = own.len();
    RecordBatch::try_from_iter_with_nullable([
        column("as_of", Arc::new(Date32Array::from(vec![20_778; rows]))),
        column("id", ids(own)),
        column("customers", Arc::new(Int32Array::from(vec![1; rows]))),
        column("monetary", money(vec![Some(100); rows], 18, 2)),
    ])
    .expect("a batch")
}

fn read_back(path: &Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).expect("a file")).expect("Parquet");
    let schema = Arc::clone(reader.schema());
    let batches: Vec<RecordBatch> = reader.build().expect("a reader").map(|batch| batch.expect("rows")).collect();
    concat_batches(&schema, &batches).expect("one batch")
}

#[test]
fn a_file_has_the_declared_types_and_no_hints_of_arrow() {
    let fixture = Fixture::new();
    let extra: [(&str, DataType, ArrayRef); 3] = [
        ("count", DataType::Int64, Arc::new(Int64Array::from(vec![1]))),
        ("rate", DataType::Float64, Arc::new(Float64Array::from(vec![0.5]))),
        (
            "at",
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Arc::new(TimestampMicrosecondArray::from(vec![1]).with_timezone("UTC")),
        ),
    ];
    let mut fields = declared().fields().to_vec();
    fields.extend(extra.iter().map(|(name, kind, _)| Arc::new(Field::new(*name, kind.clone(), false))));
    let schema = Arc::new(Schema::new(fields));
    let mut columns = batch(&[Some("a")], &[]).columns().to_vec();
    columns.extend(extra.iter().map(|(_, _, column)| Arc::clone(column)));
    let rows = RecordBatch::try_new(Arc::clone(&schema), columns).expect("a batch");
    let written = fixture.write(&schema, std::slice::from_ref(&rows)).expect("a file");

    let file = SerializedFileReader::new(File::open(&written.path).expect("a file")).expect("Parquet");
    let metadata = file.metadata().file_metadata();
    assert_eq!(metadata.key_value_metadata(), None);
    assert_eq!(metadata.created_by(), Some("rfmart"));
    let columns = metadata.schema_descr().columns();
    let types: Vec<(&str, Type)> = columns.iter().map(|column| (column.name(), column.physical_type())).collect();
    let expected = [
        ("as_of", Type::INT32),
        ("id", Type::BYTE_ARRAY),
        ("customers", Type::INT32),
        ("monetary", Type::INT64),
        ("count", Type::INT64),
        ("rate", Type::DOUBLE),
        ("at", Type::INT64),
    ];
    assert_eq!(types, expected);
    let logical = |at: usize| columns[at].logical_type_ref().cloned();
    assert_eq!(logical(0), Some(LogicalType::Date));
    assert_eq!(logical(1), Some(LogicalType::String));
    assert_eq!(logical(2), None);
    assert_eq!(read_back(&written.path), rows, "also without the hints it reads back as it was");
}

#[test]
fn a_file_is_told_with_its_rows_size_and_hash() {
    let fixture = Fixture::new();
    let written = fixture.write(&declared(), &[batch(&[Some("a"), Some("b")], &[]), batch(&[Some("c")], &[])]);
    let written = written.expect("a file");
    let bytes = std::fs::read(fixture.path()).expect("a file");
    assert_eq!((written.rows, written.bytes), (3, u64::try_from(bytes.len()).expect("a size")));
    assert_eq!(written.sha256, format!("{:x}", Sha256::digest(&bytes)));
}

#[test]
fn a_table_without_rows_still_is_a_file_with_columns() {
    let fixture = Fixture::new();
    for batches in [vec![], vec![batch(&[], &[])]] {
        let written = fixture.write(&declared(), &batches).expect("a file");
        assert_eq!(written.rows, 0);
        let rows = read_back(&written.path);
        assert_eq!((rows.num_rows(), rows.num_columns()), (0, 4));
    }
}

#[test]
fn columns_of_another_width_become_the_declared_ones() {
    let fixture = Fixture::new();
    let wide = batch(
        &[Some("a")],
        &[
            ("id", Arc::new(StringViewArray::from(vec!["a"]))),
            ("customers", Arc::new(Int64Array::from(vec![1]))),
            ("monetary", money([Some(100)], 38, 2)),
        ],
    );
    fixture.write(&declared(), &[wide]).expect("a file");
    assert_eq!(read_back(&fixture.path()).columns(), batch(&[Some("a")], &[]).columns());
}

#[test]
fn a_missing_surplus_or_misplaced_column_is_refused_with_both_lists() {
    let lawful = batch(&[Some("a")], &[]);
    for (columns, found) in [
        (vec![0, 1, 2], "as_of, id, customers"),
        (vec![0, 1, 3, 2], "as_of, id, monetary, customers"),
        (vec![0, 1, 2, 3, 0], "as_of, id, customers, monetary, as_of"),
    ] {
        let refusal = Fixture::new().refusal(&[lawful.project(&columns).expect("columns")]);
        assert_eq!(refusal.kind(), Kind::Config);
        assert_eq!(
            refusal.to_string(),
            format!(
                "the SQL of fct_a doesn't give the columns that its .yaml declares\n  \
                 declared: as_of, id, customers, monetary\n  found:    {found}"
            )
        );
    }
}

#[test]
fn a_value_that_doesnt_fit_the_declared_type_is_refused_by_its_column() {
    let too_many: ArrayRef = Arc::new(Int64Array::from(vec![i64::from(i32::MAX) + 1]));
    let no_number: ArrayRef = Arc::new(StringArray::from(vec!["many"]));
    for (name, column, declared) in [
        ("customers", too_many, "Int32"),
        ("customers", no_number, "Int32"),
        ("monetary", money([Some(10_i128.pow(18))], 38, 2), "Decimal128(18, 2)"),
    ] {
        let refusal = Fixture::new().refusal(&[batch(&[Some("a")], &[(name, column)])]);
        assert_eq!(refusal.kind(), Kind::Data);
        assert!(refusal.to_string().starts_with(&format!("fct_a.{name} doesn't fit {declared}")), "{refusal}");
    }
}

#[test]
fn a_null_is_refused_where_none_may_be() {
    let fixture = Fixture::new();
    let refusal = fixture.refusal(&[batch(&[Some("a")], &[("customers", Arc::new(Int32Array::from(vec![None])))])]);
    assert_eq!(
        (refusal.kind(), refusal.to_string().as_str()),
        (Kind::Data, "fct_a.customers has nulls but is declared without")
    );
    let nullable = batch(&[Some("a")], &[("monetary", money([None], 18, 2))]);
    fixture.write(&declared(), &[nullable]).expect("a file");
}

#[test]
fn two_rows_of_the_same_grain_are_refused_with_both() {
    let two_days: ArrayRef = Arc::new(Date32Array::from(vec![20_777, 20_778]));
    Fixture::new().write(&declared(), &[batch(&[Some("a"), Some("a")], &[("as_of", two_days)])]).expect("two days");
    let heads = |heads: &[i32]| ("customers", Arc::new(Int32Array::from(heads.to_vec())) as ArrayRef);
    for batches in [
        vec![batch(&[Some("a"), Some("b"), Some("b"), Some("c")], &[heads(&[1, 2, 3, 4])])],
        vec![batch(&[Some("a"), Some("b")], &[heads(&[1, 2])]), batch(&[Some("b"), Some("c")], &[heads(&[3, 4])])],
        vec![batch(&[Some("b")], &[heads(&[2])]), batch(&[], &[]), batch(&[Some("b")], &[heads(&[3])])],
        vec![batch(&[None], &[heads(&[2])]), batch(&[None, Some("a")], &[heads(&[3, 4])])],
    ] {
        let refusal = Fixture::new().refusal(&batches);
        assert_eq!(refusal.kind(), Kind::Data);
        let shown = refusal.to_string();
        assert!(shown.starts_with("fct_a has two rows of the same grain"), "{shown}");
        let rows: Vec<&str> = shown.lines().filter(|line| line.starts_with("| 2026")).collect();
        assert!(matches!(rows[..], [one, other] if one.contains(" 2 ") && other.contains(" 3 ")), "{shown}");
    }
}

#[test]
fn a_grain_that_isnt_declared_is_refused() {
    let rows = batch(&[Some("a")], &[]);
    let refusal = write_rows("fct_a", &Fixture::new().path(), &declared(), &["scope".to_owned()], &rows);
    let refusal = refusal.expect_err("an error");
    assert_eq!(refusal.kind(), Kind::Config);
    assert!(refusal.to_string().starts_with("the grain of fct_a names a column"), "{refusal}");
}

#[test]
fn a_query_that_fails_midway_is_the_cause_that_is_told() {
    let broken = Err("the query broke off".to_owned());
    let error = Fixture::new().stream(&declared(), vec![Ok(batch(&[Some("a")], &[])), broken]).expect_err("an error");
    assert_eq!(error.to_string(), "the query broke off");
}

#[test]
fn a_folder_that_cant_be_written_is_an_output_error() {
    let fixture = Fixture::new();
    std::fs::write(fixture.folder.path().join("fct_a"), "a file where the folder should be").expect("a file");
    let refusal = fixture.refusal(&[batch(&[Some("a")], &[])]);
    assert_eq!(refusal.kind(), Kind::Output);
    assert!(refusal.to_string().contains("fct_a/part-0.parquet"), "{refusal}");
}

const MANY: usize = 60_000;

/// More rows than a page holds, so that pages end somewhere.
fn many_rows() -> RecordBatch {
    let names: Vec<String> = (0..MANY).map(|row| format!("c{row:05}")).collect();
    let names: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
    let cents = (0..MANY).map(|row| i128::try_from(row).ok().filter(|row| row % 7 != 0).map(|row| row * 31 % 9_973));
    batch(&names, &[("monetary", money(cents, 18, 2))])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_same_rows_are_the_same_bytes_however_they_are_split(
        cuts in prop::collection::vec(0..MANY, 0..40),
        whole_batch in prop_oneof![0..MANY - BATCH_ROWS, (0..MANY / BATCH_ROWS).prop_map(|before| before * BATCH_ROWS)],
    ) {
        let rows = many_rows();
        let whole = Fixture::new().write(&declared(), std::slice::from_ref(&rows)).expect("a file");
        let mut cuts = cuts;
        cuts.retain(|cut| !(whole_batch..whole_batch + BATCH_ROWS).contains(cut));
        cuts.extend([0, whole_batch, whole_batch + BATCH_ROWS, rows.num_rows()]);
        cuts.sort_unstable();
        let split: Vec<RecordBatch> = cuts.windows(2).map(|pair| rows.slice(pair[0], pair[1] - pair[0])).collect();
        let fixture = Fixture::new();
        let written = fixture.write(&declared(), &split).expect("a file");
        prop_assert_eq!(written.sha256, whole.sha256);
        let back = read_back(&fixture.path());
        prop_assert_eq!(back.columns(), rows.columns());
    }
}
