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
mod folder;
mod id;
mod journey;
mod marketing;
mod person;
mod pipeline_yaml;
mod purchase;
mod recall;
mod recent_actions;
mod row;
mod simulate;
mod size;
mod summary;
#[cfg(test)]
mod tests;
mod text_file;
mod world;
mod write_csv;
mod write_parquet;

use std::fs;
use std::path::Path;

use crate::{Context, Kind, Result};

pub use chain_spec::{ChainSpec, FileFormat};
use folder::make_empty;
pub use summary::{Summary, Written};
use world::World;

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
