//! What a pipeline has read before it reads anything: every entity's columns, and no row.

use std::collections::BTreeMap;

use crate::Result;
use crate::entity::Entity;
use crate::source::everything::Ingested;
use crate::source::ingested::{Replaced, RowCounts, Staged};
use crate::source::staging::interners::{Interners, PerDomain};
use crate::source::staging::schema::staged_schema;

impl Ingested {
    /// No rows and no ids, under the schemas that real ones have.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn empty() -> Result<Self> {
        let staged = |entity| Staged {
            files: Vec::new(),
            schema: staged_schema(entity),
            rows: RowCounts::default(),
            by_branch: BTreeMap::new(),
            repeated_key_hashes: Vec::new(),
            is_present: false,
        };
        Ok(Ingested {
            entities: Entity::ALL.into_iter().map(|entity| (entity, staged(entity))).collect::<BTreeMap<_, _>>(),
            customers: Replaced::default(),
            inputs: Vec::new(),
            dictionaries: Interners::new(None, PerDomain::default()).finish(&PerDomain::default())?,
            rejected: Vec::new(),
            has_own_orders: false,
            warnings: Vec::new(),
            state: None,
            to_keep: None,
        })
    }
}
