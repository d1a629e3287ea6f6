//! Everything that a run has read, and what of it the next one is to find.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::config::Pipeline;
use crate::entity::Entity;
use crate::source::ingested::{Dictionaries, InputObject, Replaced, Staged};
use crate::source::state::{StateFolder, ToKeep, objects_of};

/// Everything that was read.
#[derive(Debug)]
pub struct Ingested {
    /// Every entity, present or not.
    pub entities: BTreeMap<Entity, Staged>,
    /// What the rows on customers' numbers replaced among themselves.
    pub customers: Replaced,
    /// Objects, by entity and URL.
    pub inputs: Vec<InputObject>,
    /// Customers, branches, departments, items.
    pub dictionaries: Dictionaries,
    /// Parquet files of rejected rows, with the schema of [`rejected_schema`](crate::source::rejected_schema).
    pub rejected: Vec<PathBuf>,
    /// Whether orders of some object have no id, so that each of its rows is an order of its own.
    pub has_own_orders: bool,
    /// What a person should look at, though nothing failed.
    pub warnings: Vec<String>,
    /// Where files of rows lie that stayed read; held until the run no longer needs them.
    pub(super) state: Option<StateFolder>,
    /// What the next run is to find there, if that isn't kept yet.
    pub(super) to_keep: Option<ToKeep>,
}

impl Ingested {
    /// Keeps what was read for the next run, in place of what was kept before: from here on nothing can stand in for it.
    pub fn keep(&mut self, pipeline: &Pipeline) {
        if let (Some(folder), Some(to_keep)) = (&self.state, self.to_keep.take()) {
            to_keep.keep(folder, pipeline);
        }
    }

    /// URLs of the objects of which rows of some branches were kept before this run; none once this one's are kept.
    ///
    /// # Errors
    /// Why that can't be told, in words.
    pub fn exports_of(&self, entity: Entity, branches: &BTreeSet<String>) -> Result<Vec<String>, String> {
        match self.state.as_ref().filter(|_| self.to_keep.is_some()) {
            Some(folder) => objects_of(folder, entity, branches),
            None => Ok(Vec::new()),
        }
    }
}
