//! Staged files: Parquet that is quick to write and to read again, and lives for one run.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, Int32Array, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Field, Int32Type, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::config::{Ids, Privacy, UniqueIn};
use crate::entity::{Column, ColumnKind, Entity};
use crate::source::Dictionaries;
use crate::source::keyed_hash::KeyedHash;
use crate::source::parse::convert::Ready;
use crate::source::reject::file::cannot_write;
use crate::source::staging::duplicates::hash_keys;
use crate::source::staging::intern::Interner;
use crate::source::texts::Texts;
use crate::{Context, Error, Kind, Result};

/// Rows of a row group: the unit in which readers share a file.
const ROW_GROUP_ROWS: usize = 1 << 18;
/// Rows after which a writer's file is closed at the end of an object, and another begun.
const FILE_ROWS: usize = 1 << 20;

/// The dictionaries that are being filled.
pub(in crate::source) struct Interners {
    pub customer: Interner,
    pub branch: Interner,
    pub department: Interner,
    pub item: Interner,
    /// What customers are published as, instead of their ids.
    pub customer_hash: Option<KeyedHash>,
}

impl Interners {
    pub fn new(privacy: Option<&Privacy>) -> Self {
        let new = Interner::new;
        Interners {
            customer: new("customer"),
            branch: new("branch"),
            department: new("department"),
            item: new("item"),
            customer_hash: privacy.map(KeyedHash::new),
        }
    }

    /// The finished dictionaries.
    pub fn finish(self) -> Result<Dictionaries> {
        Ok(Dictionaries {
            customer: Arc::new(self.customer.finish(self.customer_hash.as_ref())?),
            branch: Arc::new(self.branch.finish(None)?),
            department: Arc::new(self.department.finish(None)?),
            item: Arc::new(self.item.finish(None)?),
        })
    }

    fn of(&self, column: &Column) -> Option<&Interner> {
        match column.name {
            _ if column.names_customer() => Some(&self.customer),
            _ if column.names_branch() => Some(&self.branch),
            "department" => Some(&self.department),
            "item_id" => Some(&self.item),
            _ => None,
        }
    }
}

/// The schema of an entity's staged files.
pub(in crate::source) fn staged_schema(entity: Entity) -> SchemaRef {
    schema(entity, &DataType::Utf8)
}

/// As written, words are dictionaries; Parquet's schema is the same.
fn written_schema(entity: Entity) -> SchemaRef {
    schema(entity, &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)))
}

fn schema(entity: Entity, word: &DataType) -> SchemaRef {
    let field = |column: &Column| {
        let data_type = match column.kind {
            _ if is_reference(column) => DataType::Int32,
            ColumnKind::Text | ColumnKind::Zone => DataType::Utf8,
            ColumnKind::Word(_) => word.clone(),
            ColumnKind::LocalDay | ColumnKind::Day => DataType::Date32,
            ColumnKind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            ColumnKind::Money => DataType::Decimal128(18, 2),
            ColumnKind::Integer => DataType::Int64,
        };
        let is_order_id = entity == Entity::Orders && column.name == "order_id";
        Field::new(staged_name(column), data_type, !column.required && !is_order_id)
    };
    let marks = [("key_hash", DataType::Int64), ("object_no", DataType::Int32), ("row_no", DataType::Int64)];
    let marks = marks.map(|(name, data_type)| Field::new(name, data_type, false));
    Arc::new(Schema::new(entity.columns().iter().map(field).chain(marks).collect::<Vec<_>>()))
}

fn is_reference(column: &Column) -> bool {
    column.names_customer() || column.names_branch() || matches!(column.name, "department" | "item_id")
}

fn staged_name(column: &Column) -> String {
    let stem = |suffix| column.name.strip_suffix(suffix).unwrap_or(column.name);
    match column.kind {
        _ if is_reference(column) => format!("{}_ref", stem("_id")),
        ColumnKind::LocalDay => format!("{}_on", stem("_at")),
        _ => column.name.to_owned(),
    }
}

/// Rows that are good, in canonical form.
pub(in crate::source) struct Rows {
    pub columns: Vec<Ready>,
    pub object_no: i32,
    pub row_nos: Vec<i64>,
}

impl Rows {
    /// The canonical column's texts, if it has any.
    pub fn texts(&self, entity: Entity, name: &str) -> Option<&Texts> {
        let place = entity.columns().iter().position(|column| column.name == name)?;
        match self.columns.get(place)? {
            Ready::Texts(texts) => Some(texts),
            Ready::Array(_) => None,
        }
    }

    /// The canonical column's values, if they are anything but texts.
    pub fn array(&self, entity: Entity, name: &str) -> Option<&ArrayRef> {
        let place = entity.columns().iter().position(|column| column.name == name)?;
        match self.columns.get(place)? {
            Ready::Texts(_) => None,
            Ready::Array(array) => Some(array),
        }
    }

    /// The day of each row, if rows of the entity have one.
    pub fn days(&self, entity: Entity) -> Option<&Date32Array> {
        let dated = entity.columns().iter().find(|column| column.kind == ColumnKind::LocalDay)?;
        self.array(entity, dated.name)?.as_primitive_opt::<Date32Type>()
    }
}

/// What was staged of some rows.
pub(in crate::source) struct Written {
    /// The hashes of their keys.
    pub hashes: Vec<i64>,
    /// The references of their branches, if they have any.
    pub branches: Option<Int32Array>,
}

/// Writes one thread's rows of one entity, and begins a new file when one is large enough.
pub(in crate::source) struct StageWriter {
    entity: Entity,
    /// The columns that identify a row.
    key: Vec<&'static str>,
    schema: SchemaRef,
    folder: PathBuf,
    worker: usize,
    open: Option<OpenFile>,
    files: Vec<PathBuf>,
}

struct OpenFile {
    path: PathBuf,
    writer: ArrowWriter<File>,
    rows: usize,
}

/// Whether the branch is part of the key: the same key at two branches means two rows.
fn is_keyed_by_branch(entity: Entity, ids: Ids) -> bool {
    match entity {
        Entity::Orders => ids.orders == UniqueIn::Branch,
        Entity::Visits => ids.visits == UniqueIn::Branch,
        Entity::Customers | Entity::Leads => true,
        Entity::Branches | Entity::Items => false,
    }
}

impl StageWriter {
    /// Files go to [`folder`]; `worker` keeps the names of several threads apart.
    pub fn new(entity: Entity, ids: Ids, work: &Path, worker: usize) -> Self {
        let schema = written_schema(entity);
        let branch = is_keyed_by_branch(entity, ids).then_some("branch_id");
        let key = branch.into_iter().chain(entity.key().iter().copied()).collect();
        StageWriter { entity, key, schema, folder: folder(work, entity), worker, open: None, files: Vec::new() }
    }

    /// Stages rows.
    pub fn write(&mut self, rows: Rows, interners: &Interners) -> Result<Written> {
        let key: Vec<&Texts> = self.key.iter().filter_map(|name| rows.texts(self.entity, name)).collect();
        let hashes = hash_keys(&key, rows.row_nos.len());
        let count = rows.row_nos.len();
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for (column, ready) in self.entity.columns().iter().zip(rows.columns) {
            arrays.push(match ready {
                Ready::Texts(texts) => match interners.of(column) {
                    Some(interner) => Arc::new(interner.intern(&texts)?),
                    None => texts.into_array().context(Kind::Bug, || cannot_stage(self.entity))?,
                },
                Ready::Array(array) => array,
            });
        }
        let branches = branches_of(self.entity, &arrays);
        arrays.push(Arc::new(Int64Array::from(hashes.clone())));
        arrays.push(Arc::new(Int32Array::from_value(rows.object_no, count)));
        arrays.push(Arc::new(Int64Array::from(rows.row_nos)));
        let batch =
            RecordBatch::try_new(Arc::clone(&self.schema), arrays).context(Kind::Bug, || cannot_stage(self.entity))?;
        let file = match &mut self.open {
            Some(file) => file,
            None => {
                let path = self.folder.join(format!("{}-{:06}.parquet", self.worker, self.files.len()));
                self.open.insert(OpenFile { writer: create(&path, &self.schema, self.entity)?, path, rows: 0 })
            }
        };
        file.rows += count;
        file.writer.write(&batch).context(Kind::Output, || cannot_write(&file.path))?;
        Ok(Written { hashes, branches })
    }

    /// An object ends: closes the file if it is large enough.
    pub fn end_object(&mut self) -> Result<()> {
        match self.open.as_ref().is_some_and(|file| file.rows >= FILE_ROWS) {
            true => self.close(),
            false => Ok(()),
        }
    }

    /// Closes the last file and returns all.
    pub fn finish(mut self) -> Result<Vec<PathBuf>> {
        self.close()?;
        Ok(self.files)
    }

    fn close(&mut self) -> Result<()> {
        if let Some(file) = self.open.take() {
            file.writer.close().context(Kind::Output, || cannot_write(&file.path))?;
            self.files.push(file.path);
        }
        Ok(())
    }
}

/// The references of the rows' branches; what describes branches is of none.
fn branches_of(entity: Entity, arrays: &[ArrayRef]) -> Option<Int32Array> {
    let place = entity.columns().iter().position(|column| column.name == "branch_id");
    let array = arrays.get(place.filter(|_| entity != Entity::Branches)?)?;
    array.as_primitive_opt::<Int32Type>().cloned()
}

/// Where an entity's staged files are.
pub(in crate::source) fn folder(work: &Path, entity: Entity) -> PathBuf {
    work.join(format!("src_{}", entity.name()))
}

fn cannot_stage(entity: Entity) -> String {
    format!("can't stage rows of {}", entity.name())
}

fn create(path: &Path, schema: &SchemaRef, entity: Entity) -> Result<ArrowWriter<File>> {
    let file = File::create(path).context(Kind::Output, || cannot_write(path))?;
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_encoding(Encoding::PLAIN);
    for column in entity.columns() {
        let repeats = matches!(column.kind, ColumnKind::Word(_) | ColumnKind::Zone)
            || matches!(column.name, "channel" | "line_no");
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(staged_name(column)), repeats);
    }
    let properties = properties.set_column_dictionary_enabled(ColumnPath::from("object_no"), true).build();
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(file, Arc::clone(schema), options)
        .map_err(|cause| Error::new(Kind::Output, cannot_write(path)).detail(cause.to_string()))
}
