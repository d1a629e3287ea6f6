//! Seeded data of a made-up chain, at any size.
//!
//! Every customer's life is simulated by itself, from the spec's seed and the customer's number alone,
//! and written before the next one is: memory doesn't grow with the chain, and the bytes don't
//! depend on the number of threads.

mod card;
mod catalogue;
mod chain_spec;
mod columns;
mod declines;
mod dialect;
mod dice;
mod event;
mod id;
mod journey;
mod person;
mod pipeline_yaml;
mod purchase;
mod recent_actions;
mod row;
mod simulate;
mod size;
#[cfg(test)]
mod tests;
mod text_file;
mod world;
mod write_csv;
mod write_parquet;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::source::Entity;
use crate::{Context, Error, Kind, Result};

pub use chain_spec::{ChainSpec, FileFormat};
use world::World;

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
    fn add_file(&mut self, entity: Entity, rows: u64, bytes: u64) {
        let written = self.entities.entry(entity).or_default();
        written.rows += rows;
        written.files += 1;
        self.bytes += bytes;
    }

    fn merge(&mut self, other: &Summary) {
        for (entity, more) in &other.entities {
            let written = self.entities.entry(*entity).or_default();
            written.rows += more.rows;
            written.files += more.files;
        }
        self.bytes += other.bytes;
    }
}

/// Writes the chain of `spec` and an ordinary pipeline for it, `pipeline.yaml`, into the folder
/// `dir`, which is made if need be. `progress` is called with how many customers are done, from time to time.
///
/// # Errors
/// A spec that can't be carried out; a folder that holds something already or can't be written.
pub fn generate(spec: &ChainSpec, dir: &Path, progress: &dyn Fn(u64)) -> Result<Summary> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    generate_on(threads, spec, dir, progress)
}

fn generate_on(threads: usize, spec: &ChainSpec, dir: &Path, progress: &dyn Fn(u64)) -> Result<Summary> {
    let mut world = World::new(spec)?;
    if let Some(orders) = spec.orders {
        size::fit(&mut world, orders)?;
    }
    make_empty(dir)?;
    let (yaml, summary) = match spec.format {
        FileFormat::Csv => (pipeline_yaml::csv(&world), write_csv::write(&world, spec, dir, progress)?),
        FileFormat::Parquet => (pipeline_yaml::parquet(&world), write_parquet::write(&world, threads, dir, progress)?),
    };
    let file = dir.join("pipeline.yaml");
    fs::write(&file, yaml).context(Kind::Output, || format!("can't write {}", file.display()))?;
    Ok(summary)
}

/// Makes `dir`. Files of an earlier spec would be read together with the new ones, so there may be none.
fn make_empty(dir: &Path) -> Result<()> {
    make_dir(dir)?;
    let mut entries = fs::read_dir(dir).context(Kind::Output, || format!("can't read {}", dir.display()))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Error::new(Kind::Output, format!("{} isn't empty", dir.display()))
            .hint("name a folder that is empty or doesn't exist yet")),
    }
}

fn make_dir(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).context(Kind::Output, || format!("can't make the folder {}", dir.display()))
}
