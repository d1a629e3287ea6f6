//! What was written.

use std::collections::BTreeMap;

use crate::entity::Entity;

/// What was written of an entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows, those that are delivered twice or can't be used included.
    pub rows: u64,
    /// Files.
    pub files: u64,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows and files.
    pub entities: BTreeMap<Entity, Written>,
    /// Size of all files.
    pub bytes: u64,
}

impl Summary {
    pub(super) fn add_file(&mut self, entity: Entity, rows: u64, bytes: u64) {
        let written = self.entities.entry(entity).or_default();
        written.rows += rows;
        written.files += 1;
        self.bytes += bytes;
    }

    pub(super) fn merge(&mut self, other: &Summary) {
        for (entity, more) in &other.entities {
            let written = self.entities.entry(*entity).or_default();
            written.rows += more.rows;
            written.files += more.files;
        }
        self.bytes += other.bytes;
    }
}
