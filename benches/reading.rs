//! Reading and staging alone: what `rfmart run` does up to the first line of SQL.
//!
//!   cargo bench --bench reading -- PIPELINE AS_OF

use std::path::{Path, PathBuf};
use std::time::Instant;

use rfmart::config;
use rfmart::observe::Quiet;
use rfmart::source::ingest;
use rfmart::storage::Stores;
use rfmart::{Context, Error, Kind, Result};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [pipeline, as_of] = arguments.as_slice() else {
        eprintln!("usage: cargo bench --bench reading -- PIPELINE AS_OF");
        return Ok(());
    };
    let pipeline = config::load(Path::new(pipeline))?;
    let as_of = as_of.parse().context(Kind::Config, || format!("{as_of} is no day"))?;
    let stores = Stores::new(pipeline.storage.clone());
    let base = pipeline.limits.work_dir.clone().unwrap_or_else(std::env::temp_dir);
    let work = tempfile::tempdir_in(base).context(Kind::Output, || "no work folder".to_owned())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(pipeline.limits.target_partitions)
        .enable_all()
        .build()
        .context(Kind::Bug, || "no runtime".to_owned())?;
    let started = Instant::now();
    let ingested = runtime.block_on(ingest(&pipeline, &stores, as_of, work.path(), &Quiet))?;
    let wall_s = started.elapsed().as_secs_f64();
    let rows: u64 = ingested.entities.values().map(|staged| staged.rows.read).sum();
    let files: Vec<PathBuf> = ingested.entities.values().flat_map(|staged| staged.files.clone()).collect();
    let bytes: u64 = files.iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
    let cpu_s = cpu_seconds().ok_or_else(|| Error::new(Kind::Bug, "this system doesn't tell CPU time"))?;
    let mib = rfmart::observe::peak_memory_bytes().unwrap_or_default() >> 20;
    eprintln!("{rows} rows, {} MiB staged: {wall_s:.2} s, {cpu_s:.2} CPU s, {mib} MiB at most", bytes >> 20);
    Ok(())
}

/// User and system time of this process, in clock ticks of a hundredth of a second.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<u32>().ok();
    Some(f64::from(ticks(11)? + ticks(12)?) / 100.0)
}
