//! What became of rows, branch by branch.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, Date32Array, Int32Array};

use crate::source::ingested::{Dictionary, RowCounts};
use crate::source::reject::limit::RejectedRows;

/// Rows of an entity as one thread met them.
#[derive(Default)]
pub(in crate::source) struct Tally {
    /// By the reference of the branch.
    by_branch: Vec<RowCounts>,
    /// Of no branch.
    nowhere: RowCounts,
    /// Rejected rows, by the id that they give for their branch: it may be no branch's.
    rejected: HashMap<String, u64>,
}

impl Tally {
    /// Adds `rows` good rows, each of its branch, if they have any, and its day, if they have any; those of a day after
    /// `as_of` don't exist yet.
    pub fn add_good(&mut self, rows: usize, branches: Option<&Int32Array>, days: Option<&Date32Array>, as_of: i32) {
        for row in 0..rows {
            let branch = branches.filter(|branches| branches.is_valid(row)).map(|branches| branches.value(row));
            let is_later = days.is_some_and(|days| days.is_valid(row) && days.value(row) > as_of);
            let counts = self.of(branch);
            counts.read += 1;
            match is_later {
                true => counts.after_as_of += 1,
                false => counts.staged += 1,
            }
        }
    }

    /// Adds rejected rows.
    pub fn add_rejected(&mut self, rows: &RejectedRows) {
        self.nowhere += rejected(rows.of_no_branch);
        for (id, count) in &rows.by_branch {
            *self.rejected.entry(id.clone()).or_default() += count;
        }
    }

    fn of(&mut self, branch: Option<i32>) -> &mut RowCounts {
        let Some(place) = branch.and_then(|reference| usize::try_from(reference).ok()) else {
            return &mut self.nowhere;
        };
        if place >= self.by_branch.len() {
            self.by_branch.resize(place + 1, RowCounts::default());
        }
        self.by_branch.get_mut(place).unwrap_or(&mut self.nowhere)
    }

    /// Rows of all branches and of none.
    pub fn total(&self) -> RowCounts {
        let mut total = self.nowhere;
        self.by_branch.iter().for_each(|counts| total += *counts);
        total += rejected(self.rejected.values().sum());
        total
    }

    /// Adds what another thread met.
    pub fn merge(&mut self, other: Tally) {
        self.nowhere += other.nowhere;
        for (reference, counts) in (0..).zip(other.by_branch) {
            *self.of(Some(reference)) += counts;
        }
        for (id, count) in other.rejected {
            *self.rejected.entry(id).or_default() += count;
        }
    }

    /// The counts by branch key. Rejected rows whose branch no good row names are of no branch.
    pub fn finish(self, branches: &Dictionary) -> BTreeMap<Option<i32>, RowCounts> {
        let mut by_key: BTreeMap<Option<i32>, RowCounts> = BTreeMap::new();
        let used = |counts: &RowCounts| *counts != RowCounts::default();
        for (reference, counts) in self.by_branch.into_iter().enumerate().filter(|(_, counts)| used(counts)) {
            let key = branches.key_of_ref.values().get(reference).copied();
            *by_key.entry(key).or_default() += counts;
        }
        for (id, count) in self.rejected {
            *by_key.entry(branches.key_of_id(&id)).or_default() += rejected(count);
        }
        if used(&self.nowhere) {
            *by_key.entry(None).or_default() += self.nowhere;
        }
        by_key
    }
}

fn rejected(rows: u64) -> RowCounts {
    RowCounts { read: rows, rejected: rows, ..RowCounts::default() }
}
