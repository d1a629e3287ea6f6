//! Customers whose numbers are a branch's own: which of the chain's ids each number stands for.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::{Array, AsArray, StringBuilder};
use arrow::datatypes::TimestampMicrosecondType;

use crate::entity::Entity;
use crate::source::ingested::{Conflict, Delivery, Replaced};
use crate::source::parse::canonical::{CanonicalColumn, CanonicalRows, ConvertedBatch};
use crate::source::row_fault::{RowFault, RowFaults};
use crate::source::texts::Texts;
use crate::{Error, Kind, Result};

/// Parts branch and number in the id of a customer whom no row maps.
const SLASH: char = '/';

/// A row that maps a number.
pub(in crate::source) struct NumberMapping {
    branch: String,
    number: String,
    id: String,
    updated_at: Option<i64>,
    object_no: i32,
    row_no: i64,
}

/// Adds good rows of the entity customers to `mappings`.
pub(in crate::source) fn collect_mappings(rows: &CanonicalRows, mappings: &mut Vec<NumberMapping>) {
    let column = |name| rows.texts(Entity::Customers, name);
    let (branches, numbers, ids) = (column("branch_id"), column("local_id"), column("customer_id"));
    let updated_at = rows.array(Entity::Customers, "updated_at");
    let updated_at = updated_at.and_then(|array| array.as_primitive_opt::<TimestampMicrosecondType>());
    for (row, row_no) in rows.row_nos.iter().enumerate() {
        let text = |texts: Option<&Texts>| texts.and_then(|texts| texts.get(row)).map(str::to_owned);
        let (Some(branch), Some(number), Some(id)) = (text(branches), text(numbers), text(ids)) else { continue };
        let updated_at = updated_at.filter(|array| array.is_valid(row)).map(|array| array.value(row));
        mappings.push(NumberMapping { branch, number, id, updated_at, object_no: rows.object_no, row_no: *row_no });
    }
}

/// What the branches' numbers stand for.
#[derive(Default)]
pub(in crate::source) struct Customers {
    by_branch: HashMap<String, HashMap<String, String>>,
    /// Ids of the chain that might be taken for one that is made from branch and number.
    made_alike: HashSet<String>,
    /// Whether messages may not tell ids.
    hides_ids: bool,
}

impl Customers {
    /// Of several rows on a number, the one with the greatest updated_at wins, then the later object, then the later row.
    pub fn new(mut mappings: Vec<NumberMapping>, hides_ids: bool) -> (Self, Replaced) {
        mappings.sort_unstable_by(|a, b| {
            let key = |mapping: &'_ NumberMapping| Reverse((mapping.updated_at, mapping.object_no, mapping.row_no));
            (&a.branch, &a.number).cmp(&(&b.branch, &b.number)).then_with(|| key(a).cmp(&key(b)))
        });
        let mut customers = Customers { hides_ids, ..Customers::default() };
        let mut replaced = Replaced::default();
        let mut kept: Option<NumberMapping> = None;
        for mapping in mappings {
            match &kept {
                Some(kept) if (&kept.branch, &kept.number) == (&mapping.branch, &mapping.number) => {
                    replace(kept, mapping, &mut replaced);
                }
                _ => {
                    kept.replace(mapping).into_iter().for_each(|done| customers.insert(done));
                }
            }
        }
        kept.into_iter().for_each(|done| customers.insert(done));
        (customers, replaced)
    }

    /// What all numbers stand for, in order.
    pub fn in_order<'a>(&'a self) -> BTreeMap<&'a str, BTreeMap<&'a str, &'a str>> {
        let of_branch = |(branch, ids): (&'a String, &'a HashMap<String, String>)| {
            (branch.as_str(), ids.iter().map(|(number, id)| (number.as_str(), id.as_str())).collect())
        };
        self.by_branch.iter().map(of_branch).collect()
    }

    fn insert(&mut self, mapping: NumberMapping) {
        if mapping.id.contains(SLASH) {
            self.made_alike.insert(mapping.id.clone());
        }
        self.by_branch.entry(mapping.branch).or_default().insert(mapping.number, mapping.id);
    }

    /// Puts ids in place of numbers in all columns that tell customers.
    ///
    /// # Errors
    /// A made id that is also one of the chain's.
    pub fn identify(&self, entity: Entity, converted: &mut ConvertedBatch) -> Result<()> {
        let columns = entity.columns();
        let Some(place) = columns.iter().position(|column| column.name == "branch_id") else { return Ok(()) };
        let Some(CanonicalColumn::Texts(branches)) = converted.columns.get(place) else { return Ok(()) };
        let branches = branches.clone();
        for (column, canonical) in columns.iter().zip(&mut converted.columns) {
            if let CanonicalColumn::Texts(numbers) = canonical
                && column.names_customer()
            {
                *numbers = self.ids(&branches, numbers, &mut converted.faults)?;
            }
        }
        Ok(())
    }

    fn ids(&self, branches: &Texts, numbers: &Texts, faults: &mut RowFaults) -> Result<Texts> {
        let mut ids = StringBuilder::with_capacity(numbers.len(), 0);
        for row in 0..numbers.len() {
            match (branches.get(row), numbers.get(row)) {
                (_, None) => ids.append_null(),
                (Some(branch), Some(number)) => ids.append_value(self.id(branch, number)?),
                (None, Some(_)) => {
                    faults.add(row, no_branch);
                    ids.append_null();
                }
            }
        }
        Ok(Texts::from(ids.finish()))
    }

    fn id<'a>(&'a self, branch: &str, number: &str) -> Result<Cow<'a, str>> {
        if let Some(id) = self.by_branch.get(branch).and_then(|ids| ids.get(number)) {
            return Ok(Cow::from(id));
        }
        let made = made_id(branch, number);
        match self.made_alike.contains(&made) {
            true => Err(self.taken(&made, branch, number)),
            false => Ok(Cow::from(made)),
        }
    }

    fn taken(&self, made: &str, branch: &str, number: &str) -> Error {
        let message = match self.hides_ids {
            true => format!("customers: a customer of branch {branch} whom no row maps would get an id of the chain"),
            false => {
                format!("customers: number {number} of branch {branch} is not mapped, and '{made}' is another's id")
            }
        };
        Error::new(Kind::Data, message).hint("map that number too, or give the other customer an id without a slash")
    }
}

fn replace(kept: &NumberMapping, lost: NumberMapping, replaced: &mut Replaced) {
    if kept.id != lost.id {
        let delivery = |mapping: &NumberMapping| Delivery {
            object_no: mapping.object_no,
            row_no: mapping.row_no,
            branch: Some(mapping.branch.clone()),
            customer: Some(mapping.id.clone()),
            day: None,
        };
        let key = lost.number.clone();
        let (lost, kept) = (delivery(&lost), delivery(kept));
        replaced.conflicts.push(Conflict { entity: Entity::Customers, key, lost, kept });
    }
    *replaced.by_branch.entry(lost.branch).or_default() += 1;
}
/// The id of a customer who is known at a branch only, such as `KHH01/17`. The first slash parts the two: a branch's own
/// slashes are written as in URLs.
fn made_id(branch: &str, number: &str) -> String {
    if branch.contains([SLASH, '%']) {
        return format!("{}{SLASH}{number}", branch.replace('%', "%25").replace(SLASH, "%2F"));
    }
    format!("{branch}{SLASH}{number}")
}

fn no_branch() -> RowFault {
    let cause = "branch_id: is empty, but customers' numbers are a branch's own (customer_ids)".to_owned();
    RowFault { column: Some("branch_id"), label: "empty", cause }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn mapping(branch: &str, number: &str, id: &str, updated_at: Option<i64>, place: (i32, i64)) -> NumberMapping {
        let text = str::to_owned;
        let (object_no, row_no) = place;
        NumberMapping { branch: text(branch), number: text(number), id: text(id), updated_at, object_no, row_no }
    }

    #[test]
    fn made_ids_of_different_customers_differ() {
        assert_eq!(made_id("KHH01", "17"), "KHH01/17");
        assert_eq!(made_id("A/B", "1"), "A%2FB/1");
        assert_eq!(made_id("A", "B/1"), "A/B/1");
        assert_eq!(made_id("A%2FB", "1"), "A%252FB/1");
    }

    #[test]
    fn an_id_of_the_chain_is_never_made() {
        let (customers, _) = Customers::new(vec![mapping("N", "1", "S/2", None, (0, 1))], false);
        assert_eq!(customers.id("N", "1").expect("an id"), "S/2");
        assert_eq!(customers.id("S", "1").expect("an id"), "S/1");
        let error = customers.id("S", "2").expect_err("taken").to_string();
        assert!(
            error.starts_with("customers: number 2 of branch S is not mapped, and 'S/2' is another's id"),
            "{error}"
        );
        let (customers, _) = Customers::new(vec![mapping("N", "1", "S/2", None, (0, 1))], true);
        let error = customers.id("S", "2").expect_err("taken").to_string();
        assert!(!error.contains("S/2"), "{error}");
    }

    #[test]
    fn the_last_word_on_a_number_wins_and_the_others_are_counted() {
        let (customers, replaced) = Customers::new(
            vec![
                mapping("N", "1", "late object", None, (9, 1)),
                mapping("N", "1", "greatest", Some(7), (0, 1)),
                mapping("N", "1", "greatest", Some(7), (0, 2)),
                mapping("N", "1", "earlier", Some(6), (8, 1)),
                mapping("S", "1", "other", None, (0, 4)),
                mapping("S", "1", "other", None, (1, 1)),
            ],
            false,
        );
        assert_eq!(customers.id("N", "1").expect("an id"), "greatest");
        assert_eq!(replaced.by_branch, BTreeMap::from([("N".to_owned(), 3), ("S".to_owned(), 1)]));
        let lost: Vec<&str> =
            replaced.conflicts.iter().filter_map(|conflict| conflict.lost.customer.as_deref()).collect();
        assert_eq!(lost, ["earlier", "late object"]);
    }
}
