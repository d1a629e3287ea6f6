//! From source columns to canonical ones, a column at a time, with a fault for each bad cell.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, Int32Array, StringArray};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Int32Type};
use arrow::error::ArrowError;
use chrono_tz::Tz;

use crate::config::Source;
use crate::entity::{Column, ColumnKind, Entity};
use crate::source::parse::canonical::{CanonicalColumn, ConvertedBatch};
use crate::source::parse::cells::{CellInput, Cells};
use crate::source::parse::date_pattern::DatePattern;
use crate::source::parse::time_columns::{self, Clocks};
use crate::source::parse::zones::{RowZones, ZoneClock, Zones};
use crate::source::parse::{number_columns, own_order};
use crate::source::read::batch::RowBatch;
use crate::source::read::bind::Binding;
use crate::source::row_fault::{RowFault, RowFaults};
use crate::source::texts::{Texts, inexact_rows};

/// How one object's rows become canonical.
pub(in crate::source) struct Converter<'a> {
    pub entity: Entity,
    pub source: &'a Source,
    pub bindings: &'a [Binding],
    pub zones: &'a Zones,
    /// The zone of times without an offset, if the source declares one.
    pub source_clock: Option<&'a ZoneClock>,
    /// Declared formats, per canonical column.
    pub date_patterns: Vec<Option<Vec<DatePattern>>>,
    /// Rows of a later day than this can't be true.
    pub last_possible_day: i32,
    /// Whether each row is an order of its own, without an id.
    pub has_own_orders: bool,
}

/// Labels the fault of a row that is of a day later than can be true.
pub(in crate::source) const IN_THE_FUTURE: &str = "in the future";

impl<'a> Converter<'a> {
    /// The declared formats of `source`, per canonical column.
    pub fn date_patterns_of(entity: Entity, source: &Source) -> Vec<Option<Vec<DatePattern>>> {
        let formats = |column: &Column| {
            source.formats.get(column.name).map(|patterns| patterns.iter().map(|p| DatePattern::new(p)).collect())
        };
        entity.columns().iter().map(formats).collect()
    }

    /// Converts all columns.
    ///
    /// # Errors
    /// Of arrow; the values themselves only cause faults.
    pub fn convert(&self, batch: &mut RowBatch) -> Result<ConvertedBatch, ArrowError> {
        let mut faults = std::mem::take(&mut batch.faults);
        let mut columns = Vec::with_capacity(self.bindings.len());
        let inputs: Vec<Cells<'_>> = self.inputs(batch, &mut faults)?;
        let (of_rows, of_source) = (self.row_zones(&inputs, batch.rows), self.source_clock);
        let clocks = Clocks { zones: self.zones, of_rows, of_source };
        for cells in inputs {
            let column = cells.column;
            let canonical = match column.kind {
                ColumnKind::Text => self.texts(cells, &mut faults)?,
                ColumnKind::Word(words) => words_of(&cells, words, &mut faults)?,
                ColumnKind::Zone => zones_of(cells, &mut faults)?,
                ColumnKind::Money => number_columns::money(&cells, &mut faults)?,
                ColumnKind::Integer => number_columns::integers(&cells, &mut faults)?,
                ColumnKind::LocalDay => {
                    let days = time_columns::days(&cells, &clocks, &mut faults)?;
                    self.refuse_future(&cells, &days, &mut faults);
                    CanonicalColumn::Array(Arc::new(days))
                }
                ColumnKind::Day => CanonicalColumn::Array(Arc::new(time_columns::days(&cells, &clocks, &mut faults)?)),
                ColumnKind::Instant => time_columns::instants(&cells, &clocks, &mut faults)?,
            };
            if column.required || self.must_name_order(column) {
                require(column, &canonical, &mut faults);
            }
            columns.push(canonical);
        }
        if self.has_own_orders {
            own_order::refuse_named(&columns, &mut faults);
        }
        Ok(ConvertedBatch { columns, faults })
    }

    fn must_name_order(&self, column: &Column) -> bool {
        self.entity == Entity::Orders && !self.has_own_orders && column.name == "order_id"
    }

    fn inputs(&self, batch: &RowBatch, faults: &mut RowFaults) -> Result<Vec<Cells<'_>>, ArrowError> {
        let columns = self.entity.columns().iter().zip(self.bindings).zip(&batch.columns).zip(&self.date_patterns);
        let cells = columns.map(|(((column, binding), array), patterns)| {
            let input = self.input(column, binding, array.as_ref(), batch.rows)?;
            let cells = Cells { column, date_patterns: patterns.as_deref(), input, rows: batch.rows };
            if let (CellInput::Texts(_), Some(array)) = (&cells.input, array) {
                refuse_inexact(&cells, array, faults)?;
            }
            Ok(cells)
        });
        cells.collect()
    }

    fn input(
        &self,
        column: &Column,
        binding: &Binding,
        array: Option<&ArrayRef>,
        rows: usize,
    ) -> Result<CellInput, ArrowError> {
        let array = match (binding, array) {
            (Binding::Constant(text), _) => return Ok(CellInput::Texts(Texts::constant(Some(text), rows))),
            (Binding::Object(_) | Binding::Expression, Some(array)) => array,
            _ => return Ok(CellInput::Texts(Texts::constant(None, rows))),
        };
        let mapping = self.source.values.get(column.name);
        let is_text = matches!(column.kind, ColumnKind::Text | ColumnKind::Word(_) | ColumnKind::Zone);
        if !is_text && mapping.is_none() && !has_text_type(array) {
            return Ok(CellInput::Array(match array.data_type() {
                DataType::Dictionary(_, values) => cast(array, values)?,
                _ => Arc::clone(array),
            }));
        }
        let mut texts = Texts::of(array)?;
        if let Some(mapping) = mapping {
            texts = texts.mapped(mapping);
        }
        if let Some(default) = column.default.filter(|_| texts.has_nulls()) {
            texts = texts.mapped(&BTreeMap::from([(String::new(), default.to_owned())]));
        }
        Ok(CellInput::Texts(texts))
    }

    fn row_zones(&self, inputs: &[Cells<'_>], rows: usize) -> RowZones {
        let branch = inputs.iter().find(|cells| cells.column.name == "branch_id");
        let texts = match branch.map(|cells| &cells.input) {
            Some(CellInput::Texts(texts)) if !self.zones.is_single() && self.entity != Entity::Branches => texts,
            _ => return RowZones::Same(Zones::PIPELINE),
        };
        let zone = |text: Option<&str>| text.and_then(|text| self.zones.of_branch(text)).unwrap_or(Zones::PIPELINE);
        let of_value: Vec<usize> = texts.values().iter().map(zone).collect();
        let of_row = |row| texts.position(row).and_then(|position| of_value.get(position)).copied();
        RowZones::Each((0..rows).map(|row| of_row(row).unwrap_or(Zones::PIPELINE)).collect())
    }

    fn texts(&self, cells: Cells<'_>, faults: &mut RowFaults) -> Result<CanonicalColumn, ArrowError> {
        let is_reference = cells.column.names_branch() && self.entity != Entity::Branches;
        if is_reference && self.zones.knows_branches() {
            check(
                &cells,
                faults,
                |text| self.zones.of_branch(text).is_some(),
                || ("no branch", "it isn't among the rows of the branches source".to_owned()),
            );
        }
        into_texts(cells).map(CanonicalColumn::Texts)
    }

    fn refuse_future(&self, cells: &Cells<'_>, days: &arrow::array::Date32Array, faults: &mut RowFaults) {
        for (row, day) in days.iter().enumerate() {
            if day.is_some_and(|day| day > self.last_possible_day) {
                let remedy = "its day is after the snapshot's and after the object was written";
                faults.add(row, || cells.fault(row, IN_THE_FUTURE, remedy));
            }
        }
    }
}

/// Whether an array holds texts, or nothing at all.
fn has_text_type(array: &ArrayRef) -> bool {
    let data_type = match array.data_type() {
        DataType::Dictionary(_, values) => values.as_ref(),
        plain => plain,
    };
    data_type.is_string() || data_type.is_binary() || data_type.is_null()
}

/// A float stands for an id only if no other id has the same float.
fn refuse_inexact(cells: &Cells<'_>, array: &ArrayRef, faults: &mut RowFaults) -> Result<(), ArrowError> {
    for row in inexact_rows(array)? {
        let remedy = "floats of this size don't tell whole numbers apart; have it exported as text or as an integer";
        faults.add(row, || cells.fault(row, "no exact number", remedy));
    }
    Ok(())
}

fn into_texts(cells: Cells<'_>) -> Result<Texts, ArrowError> {
    match cells.input {
        CellInput::Texts(texts) => Ok(texts),
        CellInput::Array(array) => Texts::of(&array),
    }
}

/// Adds a fault for each row whose text isn't `good`; each distinct text is judged once.
fn check(
    cells: &Cells<'_>,
    faults: &mut RowFaults,
    good: impl Fn(&str) -> bool,
    explain: impl Fn() -> (&'static str, String),
) {
    let CellInput::Texts(texts) = &cells.input else { return };
    let is_good: Vec<bool> = texts.values().iter().map(|text| text.is_none_or(&good)).collect();
    if is_good.iter().all(|is_good| *is_good) {
        return;
    }
    for row in 0..cells.rows {
        if texts.position(row).is_some_and(|position| is_good.get(position) == Some(&false)) {
            faults.add(row, || {
                let (label, remedy) = explain();
                cells.fault(row, label, &remedy)
            });
        }
    }
}

/// Words become a dictionary of exactly the words there are.
fn words_of(
    cells: &Cells<'_>,
    words: &'static [&'static str],
    faults: &mut RowFaults,
) -> Result<CanonicalColumn, ArrowError> {
    let name = cells.column.name;
    check(
        cells,
        faults,
        |text| words.contains(&text),
        || ("an unknown word", format!("expected {}; others need an entry under values.{name}", words.join(", "))),
    );
    let CellInput::Texts(texts) = &cells.input else {
        return Err(ArrowError::InvalidArgumentError(format!("{name} was not read as text")));
    };
    let key_of = |text: Option<&str>| (0_i32..).zip(words).find(|(_, word)| text == Some(**word)).map(|(key, _)| key);
    let of_value: Int32Array = texts.values().iter().map(key_of).collect();
    let keys = match texts.keys() {
        Some(keys) => take(&of_value, keys, None)?.as_primitive::<Int32Type>().clone(),
        None => of_value,
    };
    let values = Arc::new(StringArray::from(words.to_vec()));
    Ok(CanonicalColumn::Array(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?)))
}

fn zones_of(cells: Cells<'_>, faults: &mut RowFaults) -> Result<CanonicalColumn, ArrowError> {
    check(
        &cells,
        faults,
        |text| text.parse::<Tz>().is_ok(),
        || ("no time zone", "expected an IANA name, such as Asia/Taipei".to_owned()),
    );
    into_texts(cells).map(CanonicalColumn::Texts)
}

fn require(column: &Column, canonical: &CanonicalColumn, faults: &mut RowFaults) {
    let is_null: &dyn Fn(usize) -> bool = match canonical {
        CanonicalColumn::Texts(texts) if texts.has_nulls() => &|row| texts.position(row).is_none(),
        CanonicalColumn::Array(array) if array.null_count() > 0 => &|row| array.is_null(row),
        _ => return,
    };
    let rows = match canonical {
        CanonicalColumn::Texts(texts) => texts.len(),
        CanonicalColumn::Array(array) => array.len(),
    };
    let name = column.name;
    for row in (0..rows).filter(|row| is_null(*row)) {
        faults.add(row, || RowFault {
            column: Some(name),
            label: "empty",
            cause: format!("{name}: is empty, but required"),
        });
    }
}
