//! What a run would read, before it does.

use chrono::NaiveDate;

use crate::Result;
use crate::config::Pipeline;
use crate::entity::Entity;
use crate::source::held::Held;
use crate::source::list::{FoundObject, find_all};
use crate::source::state::{Standing, outlook};
use crate::storage::Stores;

/// An object that a source names, not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// What it holds.
    pub entity: Entity,
    /// Index of its source in [`Pipeline::sources`].
    pub source: usize,
    /// Full URL, without credentials.
    pub url: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// The store's entity tag, if it has one.
    pub e_tag: Option<String>,
    /// Whether it stays read, or why it is read.
    pub standing: Standing,
}

/// What the sources name, listed once: what is planned is what is read, though a second answer of the store might lack
/// something.
pub struct Listing {
    pub(super) found: Vec<FoundObject>,
    pub(super) held: Held,
}

impl Listing {
    /// Lists all sources. Where a location is held, nothing may be.
    ///
    /// # Errors
    /// Stores that can't be listed; a source that names no object.
    pub async fn of(pipeline: &Pipeline, stores: &Stores, held: &Held) -> Result<Self> {
        Ok(Listing { found: find_all(pipeline, stores, held).await?, held: held.clone() })
    }

    /// What a run as of a day would read, by entity and URL.
    pub fn objects(&self, pipeline: &Pipeline, as_of: NaiveDate) -> Vec<ListedObject> {
        let standings = outlook(pipeline, &self.found, as_of);
        let listed = |(found, standing): (&FoundObject, Standing)| ListedObject {
            entity: found.entity,
            source: found.source,
            url: found.url.clone(),
            size_bytes: found.meta.size,
            e_tag: found.meta.e_tag.clone(),
            standing,
        };
        self.found.iter().zip(standings).map(listed).collect()
    }

    /// Bytes of all objects.
    pub fn bytes(&self) -> u64 {
        self.found.iter().map(|found| found.meta.size).sum()
    }
}
