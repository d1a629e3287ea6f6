//! The dictionaries of a run while they are filled.

use std::sync::Arc;

use crate::Result;
use crate::config::Privacy;
use crate::entity::Column;
use crate::source::ingested::Dictionaries;
use crate::source::keyed_hash::KeyedHash;
use crate::source::staging::interner::Interner;

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

    /// The one of a column's values, if they are ids.
    pub fn of(&self, column: &Column) -> Option<&Interner> {
        match column.name {
            _ if column.names_customer() => Some(&self.customer),
            _ if column.names_branch() => Some(&self.branch),
            "department" => Some(&self.department),
            "item_id" => Some(&self.item),
            _ => None,
        }
    }
}
