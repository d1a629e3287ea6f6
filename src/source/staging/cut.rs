//! Cutting a large object into parts.

use std::sync::Arc;

use crate::Result;
use crate::config::{Format, Source};
use crate::source::list::FoundObject;
use crate::source::parse::derive::Derivation;
use crate::source::parse::own_order;
use crate::source::read::bytes::{ReadContext, mark_of_plain_text};
use crate::source::read::parquet::ParquetObject;
use crate::source::read::parts::{Part, TextCutter};
use crate::source::read::reader::Reader;
use crate::source::staging::queue::{CutObject, Cutting};

/// What became of an object that may be cut.
pub(super) enum Cut {
    /// It is read in parts, which were added to the queue. Its SHA-256.
    Done(String),
    /// It can't be cut; what was opened of it.
    Whole(Option<ParquetObject>),
}

/// Cuts an object into parts of about `part_bytes`. A text is passed over record by record, as it will be read, but
/// without a look at its fields; its hash is made on the way. The others begin with the first parts meanwhile.
pub(super) fn cut(
    found: &FoundObject,
    source: &Source,
    context: &ReadContext,
    work: &std::path::Path,
    part_bytes: u64,
    cutting: &Cutting<'_>,
) -> Result<Cut> {
    if source.format == Format::Parquet {
        return cut_parquet(found, source, context, work, part_bytes, cutting);
    }
    let silent = context.silent();
    let Some(mark) = mark_of_plain_text(found, source, &silent)? else { return Ok(Cut::Whole(None)) };
    let first = Reader::open(found, source, &silent, work)?;
    let has_own_orders = has_own_orders(found, source, first)?;
    let object = Arc::new(CutObject { found: found.clone(), has_own_orders, parquet: None });
    let mut reader = Reader::open(found, source, context, work)?;
    let Some(start) = reader.place() else { return Ok(Cut::Whole(None)) };
    let mut cutter = TextCutter::new(start, mark, part_bytes);
    loop {
        if let Some(part) = reader.place().and_then(|place| cutter.cut(place)) {
            cutting.add(&object, Part::Text(part));
        }
        if !reader.pass()? {
            break;
        }
        cutter.pass();
    }
    if let Some(part) = cutter.finish() {
        cutting.add(&object, Part::Text(part));
    }
    Ok(Cut::Done(reader.status().sha256(found)?))
}

fn cut_parquet(
    found: &FoundObject,
    source: &Source,
    context: &ReadContext,
    work: &std::path::Path,
    part_bytes: u64,
    cutting: &Cutting<'_>,
) -> Result<Cut> {
    let parquet = ParquetObject::open(found, source, context, work)?;
    let parts = parquet.parts(part_bytes);
    if parts.len() < 2 {
        return Ok(Cut::Whole(Some(parquet)));
    }
    let has_own_orders = has_own_orders(found, source, Reader::Parquet(parquet.reader(found, None)?))?;
    let sha256 = parquet.status.sha256(found)?;
    let object = Arc::new(CutObject { found: found.clone(), has_own_orders, parquet: Some(parquet) });
    for part in parts {
        cutting.add(&object, Part::Groups(part));
    }
    Ok(Cut::Done(sha256))
}

/// Whether each row is an order of its own, as the first rows tell. They are the same rows that tell it where the object
/// isn't cut.
fn has_own_orders(found: &FoundObject, source: &Source, mut reader: Reader<'_>) -> Result<bool> {
    let bindings = reader.bindings().to_vec();
    let mut derivation = Derivation::new(found, source);
    while let Some(mut batch) = reader.next_batch()? {
        derivation.derive(&mut batch)?;
        if let Some(are_own) = own_order::are_own(found, source, &bindings, &batch)? {
            return Ok(are_own);
        }
    }
    Ok(false)
}
