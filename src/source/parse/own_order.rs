//! Orders without order_id: each row is an order of its own, named by its place.

use arrow::array::{Array, StringArray};

use crate::config::{Format, Source};
use crate::entity::Entity;
use crate::source::ingested::InputObject;
use crate::source::list::FoundObject;
use crate::source::parse::canonical::{CanonicalColumn, CanonicalRows};
use crate::source::read::batch::RowBatch;
use crate::source::read::bind::Binding;
use crate::source::row_fault::{RowFault, RowFaults};
use crate::source::texts::Texts;
use crate::{Error, Kind, Result};

const ORDER_ID: &str = "order_id";
const LINE_NO: &str = "line_no";

/// Whether each row of an object is an order of its own, as its first rows tell; None as long as none is readable.
///
/// # Errors
/// Lines are numbered, though no order is named; two sources name the object, so that its rows would count twice.
pub(in crate::source) fn are_own(
    found: &FoundObject,
    source: &Source,
    bindings: &[Binding],
    first: &RowBatch,
) -> Result<Option<bool>> {
    if found.entity != Entity::Orders {
        return Ok(Some(false));
    }
    if first.faults.len() == first.rows {
        return Ok(None);
    }
    let is_there = |name| is_there(name, source, bindings, first);
    if is_there(ORDER_ID) {
        return Ok(Some(false));
    }
    if is_there(LINE_NO) {
        let message = format!("{}: has line_no, but no order_id: a line's number is one within its order", found.url);
        return Err(Error::new(Kind::Data, message).hint(format!(
            "under sources.{} write `columns: {{order_id: <its name there>}}`; if each row is an order of its own, \
             `columns: {{line_no: {{sql: \"null\"}}}}`",
            source.label
        )));
    }
    match &found.other_source {
        None => Ok(Some(true)),
        Some(other) => {
            // Either of the two may be read first.
            let (one, two) = (other.min(&source.label), other.max(&source.label));
            let message = format!(
                "{} is named by {one} and by {two}, and has no order_id: its rows would count twice",
                found.url
            );
            Err(Error::new(Kind::Data, message).hint("let one source name it, or map order_id"))
        }
    }
}

/// Keys that no line has are columns that an NDJSON object doesn't have; a line_no that is worked out to null says so.
fn is_there(name: &str, source: &Source, bindings: &[Binding], first: &RowBatch) -> bool {
    let Some(place) = place_of(name) else { return false };
    let may_be_null = match bindings.get(place) {
        None | Some(Binding::Absent) => return false,
        Some(Binding::Object(_)) => source.format == Format::Ndjson && !source.columns.contains_key(name),
        Some(Binding::Expression) => name == LINE_NO,
        Some(Binding::Constant(_)) => false,
    };
    let array = first.columns.get(place).and_then(Option::as_ref);
    !may_be_null || array.is_some_and(|array| array.logical_null_count() < array.len())
}

fn place_of(name: &str) -> Option<usize> {
    Entity::Orders.columns().iter().position(|column| column.name == name)
}

/// A row that names its order among rows that name none: one of the two is a mistake.
pub(in crate::source) fn refuse_named(columns: &[CanonicalColumn], faults: &mut RowFaults) {
    let Some(CanonicalColumn::Texts(texts)) = place_of(ORDER_ID).and_then(|place| columns.get(place)) else { return };
    for row in (0..texts.len()).filter(|row| texts.position(*row).is_some()) {
        faults.add(row, || RowFault {
            column: Some(ORDER_ID),
            label: "unexpected",
            cause: "order_id: is there, but the object's first rows have none; map it, and the others are rejected"
                .to_owned(),
        });
    }
}

/// Names each row's order by the row's place. No id that was read is like it: texts lose the blanks around them.
/// All are of one length, so that they sort by object and row.
pub(in crate::source) fn name(rows: &mut CanonicalRows) {
    let count = rows.row_nos.len();
    let ids = rows.row_nos.iter().map(|row_no| Some(format!(" {:08x}{row_no:012x}", rows.object_no)));
    let ids = Texts::verbatim(StringArray::from_iter(ids));
    for (name, texts) in [(ORDER_ID, ids), (LINE_NO, Texts::constant(None, count))] {
        if let Some(slot) = place_of(name).and_then(|place| rows.columns.get_mut(place)) {
            *slot = CanonicalColumn::Texts(texts);
        }
    }
}

/// A sentence for each pair of objects that hold the same bytes, and whose rows, which have none of `key`, count twice by
/// that.
pub(in crate::source) fn identical_objects<'a>(
    objects: impl Iterator<Item = &'a InputObject>,
    key: &str,
) -> Vec<String> {
    let mut objects: Vec<&InputObject> = objects.collect();
    objects.sort_by(|a, b| (&a.sha256, &a.url).cmp(&(&b.sha256, &b.url)));
    let pairs = objects.windows(2).filter_map(|pair| match pair {
        [first, second] if first.sha256 == second.sha256 => Some(format!(
            "{} and {} hold the same bytes, and have no {key}: their rows count twice",
            first.url, second.url
        )),
        _ => None,
    });
    pairs.collect()
}
