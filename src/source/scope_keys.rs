//! How scope groups are numbered.

use arrow::array::Array;

use super::Dictionaries;

/// Scope keys: those of the branches are their keys 0, 1, …; the chain's is the next; then come the departments and the
/// items, in the order of their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopeKeys {
    /// The chain's.
    pub chain: Option<i32>,
    /// That of the first department by id.
    pub first_department: Option<i32>,
    /// That of the first item by id.
    pub first_item: Option<i32>,
}

impl ScopeKeys {
    /// The scope keys over these dictionaries.
    pub fn of(dictionaries: &Dictionaries) -> Self {
        let branches = dictionaries.branch.id_of_key.len();
        let departments = dictionaries.department.id_of_key.len();
        let key = |place: usize| i32::try_from(place).ok();
        ScopeKeys {
            chain: key(branches),
            first_department: key(branches + 1),
            first_item: key(branches + 1 + departments),
        }
    }
}
