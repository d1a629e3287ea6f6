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

/// Lists what [`ingest`](fn@crate::source::ingest) would read as of a day, by entity and URL. Where a location is held,
/// nothing may be.
///
/// # Errors
/// Stores that can't be listed; a source that names no object.
pub async fn list(pipeline: &Pipeline, stores: &Stores, as_of: NaiveDate, held: &Held) -> Result<Vec<ListedObject>> {
    let found = find_all(pipeline, stores, held).await?;
    let standings = outlook(pipeline, &found, as_of);
    let listed = |(found, standing): (FoundObject, Standing)| ListedObject {
        entity: found.entity,
        source: found.source,
        url: found.url,
        size_bytes: found.meta.size,
        e_tag: found.meta.e_tag,
        standing,
    };
    Ok(found.into_iter().zip(standings).map(listed).collect())
}
