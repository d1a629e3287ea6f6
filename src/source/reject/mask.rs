//! Bad rows without their customers: ids are hashed as they are in the tables, and where that can't be done
//! for sure, the row is withheld.

use crate::config::Source;
use crate::entity::Entity;
use crate::expression::Expression;
use crate::source::keyed_hash::KeyedHash;
use crate::source::parse::canonical::CanonicalColumn;
use crate::source::read::batch::{FieldMask, FieldRef, RawRows};
use crate::source::read::bind::{Binding, inputs};
use crate::source::row_fault::RowFault;

/// Stands for the text of a row that isn't shown.
const WITHHELD: &str = "withheld: privacy";
/// Ids that are shorter occur by chance, so only whole words count as an occurrence.
const MIN_REVEALING_BYTES: usize = 4;

/// What may be shown of one object's bad rows.
pub(in crate::source) struct RowMask<'a> {
    hash: &'a KeyedHash,
    /// The fields that the pipeline reads, those of customers first: a field may be read twice.
    fields: Vec<ReadField<'a>>,
    /// Columns that are worked out from fields of customers: a bad value may be a part of an id.
    derived: Vec<&'static str>,
}

struct ReadField<'a> {
    place: usize,
    name: &'a str,
    /// Of a customer's field, the index of its canonical column.
    customer: Option<usize>,
}

impl<'a> RowMask<'a> {
    /// For objects of `source`, whose canonical columns come from `bindings`.
    pub fn new(hash: &'a KeyedHash, entity: Entity, source: &'a Source, bindings: &[Binding]) -> Self {
        let columns = entity.columns().iter().zip(bindings).enumerate();
        let mut fields: Vec<ReadField<'_>> = columns
            .filter_map(|(index, (column, binding))| {
                let Binding::Object(place) = binding else { return None };
                let name = source.columns.get(column.name).map_or(column.name, String::as_str);
                let customer = column.names_customer().then_some(index);
                Some(ReadField { place: *place, name, customer })
            })
            .collect();
        let inputs = inputs(source).into_iter().zip(bindings.iter().skip(entity.columns().len()));
        fields.extend(inputs.filter_map(|(name, binding)| {
            let Binding::Object(place) = binding else { return None };
            Some(ReadField { place: *place, name, customer: customer_of(name, entity, source) })
        }));
        fields.sort_by_key(|field| field.customer.is_none());
        let of_customers: Vec<&str> =
            fields.iter().filter(|field| field.customer.is_some()).map(|field| field.name).collect();
        let is_derived =
            |expression: &Expression| expression.columns().iter().any(|c| of_customers.contains(&c.as_str()));
        let derived = source.expressions.iter().filter(|(_, expression)| is_derived(expression));
        let derived = derived.map(|(name, _)| *name).collect();
        RowMask { hash, fields, derived }
    }

    /// The cause and the raw text of a bad row, whose canonical columns are `columns`.
    pub fn show(&self, raw: &RawRows, columns: &[CanonicalColumn], row: usize, fault: &RowFault) -> (String, String) {
        // Only a fault of a column leaves the row in one piece.
        let Some(column) = fault.column else { return (fault.cause.clone(), WITHHELD.to_owned()) };
        let mut ids = Vec::new();
        let mut breaks_lines = false;
        let text = raw.masked_text(row, |field, text| {
            let Some(read) = self.fields.iter().find(|read| read.is(&field)) else { return FieldMask::Omit };
            // An unclosed quote: the field holds rows of other customers.
            breaks_lines |= text.contains(['\n', '\r']);
            let Some(customer) = read.customer.filter(|_| !text.trim().is_empty()) else { return FieldMask::Keep };
            let id = match columns.get(customer) {
                Some(CanonicalColumn::Texts(texts)) => texts.get(row),
                _ => None,
            };
            // The source's values may be mapped to others.
            ids.extend([Some(text.trim()), id].into_iter().flatten().map(str::to_owned));
            FieldMask::Replace(id.map_or_else(String::new, |id| self.hash.text_of(id)))
        });
        let reveals = |text: &str| breaks_lines || ids.iter().any(|id| reveals(text, id));
        let cause = match self.derived.contains(&column) || reveals(&fault.cause) {
            true => format!("{column}: is {}", fault.label),
            false => fault.cause.clone(),
        };
        (cause, text.filter(|text| !reveals(text)).unwrap_or_else(|| WITHHELD.to_owned()))
    }
}

/// The customers' column, by its index, that is worked out from the field.
fn customer_of(name: &str, entity: Entity, source: &Source) -> Option<usize> {
    entity.columns().iter().position(|column| {
        let expression = source.expressions.get(column.name).filter(|_| column.names_customer());
        expression.is_some_and(|expression| expression.columns().iter().any(|input| input == name))
    })
}

impl ReadField<'_> {
    fn is(&self, field: &FieldRef<'_>) -> bool {
        match field {
            FieldRef::Place(place) => self.place == *place,
            FieldRef::Name(name) => self.name == *name,
        }
    }
}

/// Whether `text` reveals `id`.
fn reveals(text: &str, id: &str) -> bool {
    let is_apart = |neighbour: Option<char>| neighbour.is_none_or(|char| !char.is_ascii_alphanumeric());
    text.match_indices(id).any(|(at, _)| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + id.len()..).unwrap_or_default());
        id.len() >= MIN_REVEALING_BYTES || (is_apart(before.chars().next_back()) && is_apart(after.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ids_are_told_anywhere_and_short_ones_as_words() {
        for (text, id) in [("A1-C0017x", "C0017"), ("a,17,b", "17"), ("17", "17"), ("見17號", "17"), ("王的", "王")]
        {
            assert!(reveals(text, id), "{text} {id}");
        }
        for (text, id) in [("A117", "17"), ("170", "17"), ("C0018", "C0017"), ("", "17")] {
            assert!(!reveals(text, id), "{text} {id}");
        }
    }
}
