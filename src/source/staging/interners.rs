//! The dictionaries of a run while they are filled.

use std::sync::Arc;

use crate::Result;
use crate::config::Privacy;
use crate::entity::Column;
use crate::source::ingested::{Dictionaries, Dictionary};
use crate::source::keyed_hash::KeyedHash;
use crate::source::staging::interner::{Interner, KnownIds};
use crate::source::staging::references::Unused;

/// The dictionaries that are being filled.
pub(in crate::source) struct Interners {
    pub ids: PerDomain<Interner>,
    /// What customers are published as, instead of their ids.
    pub customer_hash: Option<KeyedHash>,
}

/// Something for each kind of ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::source) struct PerDomain<T> {
    pub customer: T,
    pub branch: T,
    pub department: T,
    pub item: T,
}

impl<T> PerDomain<T> {
    /// Each with the name of its domain.
    pub fn named(&self) -> [(&'static str, &T); 4] {
        [("customer", &self.customer), ("branch", &self.branch), ("department", &self.department), ("item", &self.item)]
    }

    /// What `each` makes of them, under the names of their domains.
    ///
    /// # Errors
    /// The first that `each` gives.
    pub fn try_map<U, E>(&self, each: impl Fn(&'static str, &T) -> Result<U, E>) -> Result<PerDomain<U>, E> {
        let [customer, branch, department, item] = self.named().map(|(name, value)| each(name, value));
        Ok(PerDomain { customer: customer?, branch: branch?, department: department?, item: item? })
    }

    /// The one of a column's values, if they are ids.
    pub fn of(&self, column: &Column) -> Option<&T> {
        match column.name {
            _ if column.names_customer() => Some(&self.customer),
            _ if column.names_branch() => Some(&self.branch),
            "department" => Some(&self.department),
            "item_id" => Some(&self.item),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, column: &Column) -> Option<&mut T> {
        match column.name {
            _ if column.names_customer() => Some(&mut self.customer),
            _ if column.names_branch() => Some(&mut self.branch),
            "department" => Some(&mut self.department),
            "item_id" => Some(&mut self.item),
            _ => None,
        }
    }
}

impl Interners {
    /// With the references that rows of earlier runs don't have.
    pub fn new(privacy: Option<&Privacy>, unused: PerDomain<Unused>) -> Self {
        let PerDomain { customer, branch, department, item } = unused;
        let ids = PerDomain {
            customer: Interner::new("customer", customer),
            branch: Interner::new("branch", branch),
            department: Interner::new("department", department),
            item: Interner::new("item", item),
        };
        Interners { ids, customer_hash: privacy.map(KeyedHash::new) }
    }

    /// The finished dictionaries, of what was taken in and of what was `known`.
    pub fn finish(self, known: &PerDomain<KnownIds>) -> Result<Dictionaries> {
        let PerDomain { customer, branch, department, item } = self.ids;
        Ok(Dictionaries {
            customer: Arc::new(customer.finish(self.customer_hash.as_ref(), &known.customer)?),
            branch: Arc::new(branch.finish(None, &known.branch)?),
            department: Arc::new(department.finish(None, &known.department)?),
            item: Arc::new(item.finish(None, &known.item)?),
            object: Arc::new(Dictionary::without_ids(Vec::<i32>::new().into())),
        })
    }
}
