//! A folder of input objects, what `ingest` makes of it, and staged rows as text.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int32Type, Int64Type, SchemaRef};
use arrow::util::display::array_value_to_string;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rfmart::config::{Pipeline, Source};
use rfmart::entity::Entity;
use rfmart::observe::ReadProgress;
use rfmart::source::{Dictionary, Ingested, ingest_in_parts};
use rfmart::storage::Stores;
use rfmart::{Error, Result};
use tempfile::TempDir;

use crate::common::{pipeline, source};

/// A folder of input objects; runs work in folders of their own.
pub struct Fixture {
    folder: TempDir,
    runs: AtomicU64,
}

/// What became of a fixture's objects.
#[derive(Debug)]
pub struct Outcome {
    pub ingested: Ingested,
    pub rejected: Vec<RejectedRow>,
    /// Objects and bytes announced, bytes told.
    pub progress: (u64, u64, u64),
}

/// A rejected row.
#[derive(Debug, PartialEq, Eq)]
pub struct RejectedRow {
    pub source: String,
    pub row_no: i64,
    pub column: Option<String>,
    pub cause: String,
    pub raw: String,
    pub line_no: Option<i64>,
}

#[derive(Default)]
struct Meter {
    objects: AtomicU64,
    announced: AtomicU64,
    told: AtomicU64,
}

impl ReadProgress for Meter {
    fn start(&self, objects: u64, bytes: u64) {
        self.objects.fetch_add(objects, Ordering::Relaxed);
        self.announced.fetch_add(bytes, Ordering::Relaxed);
    }

    fn advance(&self, bytes: u64) {
        self.told.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Fixture {
    pub fn new() -> Self {
        Fixture { folder: tempfile::tempdir().expect("a folder"), runs: AtomicU64::new(0) }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    pub fn write_parquet(&self, name: &str, batch: &RecordBatch) {
        let file = File::create(self.path().join(name)).expect("a file");
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
        writer.write(batch).expect("rows");
        writer.close().expect("a footer");
    }

    /// A source of one good order.
    pub fn one_order(&self) -> Source {
        self.write("one.csv", b"order_id,customer_id,branch_id,paid_at,amount\nA1,C1,B,2026-11-21,1\n");
        source(Entity::Orders, self.path(), "one.csv")
    }

    pub fn ingest(&self, sources: Vec<Source>) -> Outcome {
        self.ingest_on(2, sources)
    }

    pub fn ingest_on(&self, threads: usize, sources: Vec<Source>) -> Outcome {
        let mut pipeline = pipeline(self.path(), sources);
        pipeline.limits.target_partitions = threads;
        self.run("2026-11-21", &pipeline).expect("rows")
    }

    pub fn ingest_as_of(&self, as_of: &str, sources: Vec<Source>) -> Result<Outcome> {
        self.run(as_of, &pipeline(self.path(), sources))
    }

    pub fn refusal(&self, sources: Vec<Source>) -> Error {
        self.run("2026-11-21", &pipeline(self.path(), sources)).expect_err("an error")
    }

    /// With `threads` that share objects in parts of `part_bytes` each.
    pub fn ingest_in_parts(&self, threads: usize, part_bytes: u64, sources: Vec<Source>) -> Outcome {
        let mut pipeline = pipeline(self.path(), sources);
        pipeline.limits.target_partitions = threads;
        self.run_in_parts("2026-11-21", &pipeline, part_bytes).expect("rows")
    }

    pub fn run(&self, as_of: &str, pipeline: &Pipeline) -> Result<Outcome> {
        self.run_in_parts(as_of, pipeline, u64::MAX)
    }

    fn run_in_parts(&self, as_of: &str, pipeline: &Pipeline, part_bytes: u64) -> Result<Outcome> {
        let work = self.path().join(format!("_work-{}", self.runs.fetch_add(1, Ordering::Relaxed)));
        let stores = Stores::new(pipeline.storage.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let meter = Meter::default();
        let as_of = as_of.parse().expect("a date");
        let ingested = runtime.block_on(ingest_in_parts(pipeline, &stores, as_of, &work, &meter, part_bytes))?;
        let rejected = ingested.rejected.iter().flat_map(|path| rejected_rows(&read(path))).collect();
        let told = [meter.objects, meter.announced, meter.told].map(AtomicU64::into_inner);
        Ok(Outcome { ingested, rejected, progress: (told[0], told[1], told[2]) })
    }
}

impl Outcome {
    /// The staged rows' `columns`, references as ids, null as `-`; sorted.
    pub fn rows(&self, entity: Entity, columns: &[&str]) -> Vec<String> {
        let mut rows = Vec::new();
        for path in &self.ingested.entities[&entity].files {
            let batch = read(path);
            for row in 0..batch.num_rows() {
                let column = |name: &str| batch.column_by_name(name).expect("a column");
                let cell = |name: &&str| match *name {
                    "object_no" => self.object_no(column("object_ref"), row),
                    name => self.cell(name, column(name), row),
                };
                rows.push(columns.iter().map(cell).collect::<Vec<_>>().join(" "));
            }
        }
        rows.sort_unstable();
        rows
    }

    /// `source row_no cause` of each rejected row.
    pub fn causes(&self) -> Vec<String> {
        self.rejected.iter().map(|row| format!("{} {} {}", row.source, row.row_no, row.cause)).collect()
    }

    /// The schema that a reader finds in an entity's files.
    pub fn schema_of_files(&self, entity: Entity) -> SchemaRef {
        read(&self.ingested.entities[&entity].files[0]).schema()
    }

    fn object_no(&self, references: &ArrayRef, row: usize) -> String {
        let reference = usize::try_from(references.as_primitive::<Int32Type>().value(row)).expect("a reference");
        self.ingested.dictionaries.object.key_of_ref.value(reference).to_string()
    }

    fn cell(&self, name: &str, array: &ArrayRef, row: usize) -> String {
        let dictionaries = &self.ingested.dictionaries;
        match name {
            _ if array.is_null(row) => "-".to_owned(),
            "customer_ref" | "referrer_ref" => id_of(&dictionaries.customer, array, row),
            "branch_ref" => id_of(&dictionaries.branch, array, row),
            "department_ref" => id_of(&dictionaries.department, array, row),
            "item_ref" => id_of(&dictionaries.item, array, row),
            _ => array_value_to_string(array, row).expect("a text"),
        }
    }
}

fn id_of(dictionary: &Dictionary, array: &ArrayRef, row: usize) -> String {
    let reference = usize::try_from(array.as_primitive::<Int32Type>().value(row)).expect("a reference");
    let key = usize::try_from(dictionary.key_of_ref.value(reference)).expect("a key");
    dictionary.id_of_key.value(key).to_owned()
}

fn read(path: &Path) -> RecordBatch {
    let file = File::open(path).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file").build().expect("a reader");
    let schema = arrow::array::RecordBatchReader::schema(&reader);
    let batches: Vec<RecordBatch> = reader.map(|batch| batch.expect("rows")).collect();
    concat_batches(&schema, &batches).expect("one batch")
}

fn rejected_rows(batch: &RecordBatch) -> Vec<RejectedRow> {
    assert_eq!(batch.schema(), rfmart::source::rejected_schema());
    let text = |name: &str, row: usize| {
        let column = batch.column_by_name(name).expect("a column").as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let row_nos = batch.column_by_name("row_no").expect("a column").as_primitive::<Int64Type>();
    let line_nos = batch.column_by_name("line_no").expect("a column").as_primitive::<Int64Type>();
    let row = |row| RejectedRow {
        source: text("source", row).expect("a source"),
        row_no: row_nos.value(row),
        column: text("column", row),
        cause: text("cause", row).expect("a cause"),
        raw: text("raw", row).expect("a row"),
        line_no: line_nos.is_valid(row).then(|| line_nos.value(row)),
    };
    (0..batch.num_rows()).map(row).collect()
}
