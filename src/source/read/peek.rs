//! The first rows of an object with all their columns, before anything is known about what they mean.

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;

use arrow::datatypes::DataType;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::config::{CsvOptions, Format, Source};
use crate::source::list::{FoundObject, find};
use crate::source::read::batch::RowBatch;
use crate::source::read::bind::{Binding, numbered};
use crate::source::read::bytes::{ReadContext, Stop, open_text};
use crate::source::read::csv::CsvReader;
use crate::source::read::ndjson::NdjsonReader;
use crate::source::read::parquet::ParquetObject;
use crate::source::texts::Texts;
use crate::source::threads;
use crate::storage::Stores;
use crate::{Context, Error, Kind, Result};

/// The first rows of an object.
#[derive(Clone, Debug)]
pub struct Peek {
    /// The object's URL, without credentials.
    pub url: String,
    /// Objects that the source names.
    pub objects: usize,
    /// Its columns of single values.
    pub columns: Vec<PeekedColumn>,
    /// Rows looked at.
    pub rows: usize,
}

/// A column as the first rows have it.
#[derive(Clone, Debug)]
pub struct PeekedColumn {
    /// Its name, or its number from 1 where there is no header.
    pub name: String,
    /// Its type; text in CSV and NDJSON.
    pub data_type: DataType,
    /// Its values as trimmed text, in the order of rows; null where empty.
    pub values: Vec<Option<String>>,
}

/// The first bytes, decompressed, of the last object that a source names.
///
/// # Errors
/// Nothing there; what can't be read.
pub async fn first_bytes(source: &Source, stores: &Stores, most: u64) -> Result<Vec<u8>> {
    let (found, _) = last_object(source, stores).await?;
    let csv = CsvOptions { encoding: encoding_rs::UTF_8, ..source.csv.clone() };
    let plain = Source { csv, ..source.clone() };
    blocking(move |context| {
        let (text, _, status) = open_text(&found, &plain, context)?;
        let mut bytes = Vec::new();
        text.take(most).read_to_end(&mut bytes).map_err(|cause| status.explain(&found, &cause))?;
        Ok(bytes)
    })
    .await
}

/// The first rows of the last object that a source names; what is remote is copied to `work` where it must be.
///
/// # Errors
/// Nothing there; what can't be read.
pub async fn peek(source: &Source, stores: &Stores, most_rows: usize, work: &Path) -> Result<Peek> {
    let (found, objects) = last_object(source, stores).await?;
    let (source, work) = (source.clone(), work.to_path_buf());
    blocking(move |context| {
        let (names, batch) = match source.format {
            Format::Csv => csv(&found, &source, context)?,
            Format::Ndjson => ndjson(&found, &source, context)?,
            Format::Parquet => parquet(&found, context, &work)?,
        };
        let rows = batch.as_ref().map_or(0, |batch| batch.rows.min(most_rows));
        let columns = seen(names, batch.as_ref(), rows)?;
        Ok(Peek { url: found.url.clone(), objects, columns, rows })
    })
    .await
}

/// Later exports look as today's do.
async fn last_object(source: &Source, stores: &Stores) -> Result<(FoundObject, usize)> {
    let mut found = find(0, source, stores).await?;
    found.sort_by(|a, b| a.url.cmp(&b.url));
    let objects = found.len();
    let last = found.pop().ok_or_else(|| Error::new(Kind::Data, format!("{}: nothing there", source.label)))?;
    Ok((last, objects))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce(&ReadContext) -> Result<T> + Send + 'static) -> Result<T> {
    let (progress, _) = mpsc::unbounded_channel();
    let context = ReadContext {
        runtime: Handle::current(),
        progress,
        stop: Stop::default(),
        hides_rows: false,
        tags_are_no_md5: std::sync::Arc::default(),
    };
    let looking = threads::start(move || work(&context));
    let looking = looking.context(Kind::Bug, || "can't start a thread to read with".to_owned())?;
    looking.await.context(Kind::Bug, || "looking at an object broke off".to_owned())?
}

type Look = (Vec<String>, Option<RowBatch>);

fn all(count: usize) -> Vec<Binding> {
    (0..count).map(Binding::Object).collect()
}

fn csv(found: &FoundObject, source: &Source, context: &ReadContext) -> Result<Look> {
    let mut names = Vec::new();
    let mut reader = CsvReader::open_with(found, source, context, |seen| {
        names = seen.to_vec();
        Ok(all(seen.len()))
    })?;
    let batch = reader.next_batch()?;
    if !source.csv.header {
        names = numbered(names.len());
    }
    Ok((names, batch))
}

/// Keys are those of the first lines, in the order in which they appear.
fn ndjson(found: &FoundObject, source: &Source, context: &ReadContext) -> Result<Look> {
    let mut lines = NdjsonReader::open_with(found, source, context, Vec::new(), Vec::new())?;
    let Some(batch) = lines.next_batch()? else { return Ok((Vec::new(), None)) };
    let mut known = HashSet::new();
    let mut names = Vec::new();
    for row in 0..batch.rows {
        let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&batch.raw.text(row));
        for (name, value) in object.unwrap_or_default() {
            if !value.is_array() && !value.is_object() && known.insert(name.clone()) {
                names.push(name);
            }
        }
    }
    let mut sorted = names.clone();
    sorted.sort_unstable();
    let place = |name: &String| sorted.binary_search(name).map_or(Binding::Absent, Binding::Object);
    let bindings = names.iter().map(place).collect();
    let batch = NdjsonReader::open_with(found, source, context, sorted, bindings)?.next_batch()?;
    Ok((names, batch))
}

fn parquet(found: &FoundObject, context: &ReadContext, work: &Path) -> Result<Look> {
    let mut names = Vec::new();
    let object = ParquetObject::open_with(found, context, work, |schema| {
        let single = schema.fields().iter().enumerate().filter(|(_, field)| !field.data_type().is_nested());
        let (places, fields): (Vec<usize>, Vec<_>) = single.unzip();
        names = fields.iter().map(|field| field.name().clone()).collect();
        Ok(places.into_iter().map(Binding::Object).collect())
    })?;
    let batch = object.reader(found, None)?.next_batch()?;
    Ok((names, batch))
}

fn seen(names: Vec<String>, batch: Option<&RowBatch>, rows: usize) -> Result<Vec<PeekedColumn>> {
    let arrays = batch.map(|batch| batch.columns.as_slice()).unwrap_or_default();
    let column = |(index, name): (usize, String)| {
        let Some(array) = arrays.get(index).and_then(Option::as_ref) else {
            return Ok(PeekedColumn { name, data_type: DataType::Utf8, values: Vec::new() });
        };
        let texts = Texts::of(&array.slice(0, rows.min(array.len())));
        let texts = texts.context(Kind::Data, || format!("column '{name}' can't be looked at"))?;
        let values = (0..texts.len()).map(|row| texts.get(row).map(str::to_owned)).collect();
        Ok(PeekedColumn { name, data_type: array.data_type().clone(), values })
    };
    names.into_iter().enumerate().map(column).collect()
}
