//! A first pipeline file for files that nobody has described yet.
//!
//! `inspect` finds out how they are written, `guess` what their columns mean, `write` puts it down with the reasons,
//! and `trial` reads all rows once as the file says. Rows are read as a run reads them.

mod dates;
mod guess;
mod inspect;
mod request;
mod sample;
mod trial;
mod vocabulary;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::entity::Entity;
use crate::storage::Stores;
use crate::{Context, Error, Kind, Result, config};

use guess::{Guess, guess};
use inspect::{Inspection, inspect};
pub use request::{Proposal, Request};
pub use trial::{Trial, TrialRows};

/// A name for a pipeline of `file`: lower-case letters, digits and signs.
pub fn name_of(file: &Path) -> String {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_lowercase();
    let tidy: String =
        stem.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' { c } else { '-' }).collect();
    match tidy.trim_matches('-') {
        "" => "pipeline".to_owned(),
        tidy => tidy.to_owned(),
    }
}

/// Looks at the sources and writes a pipeline file for them.
///
/// # Errors
/// A file that is there already; sources that can't be read; none that holds orders.
pub async fn init(request: &Request) -> Result<Proposal> {
    let out = &request.out;
    if out.exists() && !request.may_replace {
        return Err(Error::new(Kind::Usage, format!("{} is there already", out.display()))
            .hint("name another with --out, or replace it with --force"));
    }
    let work = tempfile::tempdir().context(Kind::Output, || "can't create a work folder".to_owned())?;
    let stores = Stores::new(BTreeMap::new());
    let folder = folder_of(out)?;
    let mut sources = Vec::new();
    for argument in &request.sources {
        let inspection = inspect(&seen_from(argument, &folder)?, &folder, &stores, work.path()).await?;
        let guess = guess(&inspection);
        sources.push((inspection, guess));
    }
    if sources.iter().all(|(_, guess)| guess.entity != Entity::Orders) {
        return Err(no_orders(&sources));
    }
    let text = write::pipeline(request, &sources);
    std::fs::write(out, &text).context(Kind::Output, || format!("can't write {}", out.display()))?;
    let pipeline = config::load(out)?;
    let trial = trial::trial(&pipeline, &stores, request.today, work.path()).await;
    let listed = |(inspection, guess): &(Inspection, Guess)| {
        let columns = inspection.samples.len();
        (inspection.location.clone(), guess.entity, columns.saturating_sub(guess.unmapped.len()), columns)
    };
    let checks = text.lines().filter(|line| line.contains(&format!("# {}:", write::CHECK))).count();
    Ok(Proposal { sources: sources.iter().map(listed).collect(), checks, trial })
}

fn folder_of(out: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(out).context(Kind::Usage, || format!("{} has no folder", out.display()))?;
    Ok(absolute.parent().map_or_else(|| absolute.clone(), Path::to_path_buf))
}

/// A path is one from here; the pipeline file's are from its folder.
fn seen_from(argument: &str, folder: &Path) -> Result<String> {
    let here = std::env::current_dir().context(Kind::Usage, || "the current folder is gone".to_owned())?;
    let (entity, location) = match argument.split_once('=') {
        Some((name, location)) if Entity::named(name).is_some() => (Some(name), location),
        _ => (None, argument),
    };
    if location.contains("://") || Path::new(location).is_absolute() || here == folder {
        return Ok(argument.to_owned());
    }
    let absolute = here.join(location);
    let path = absolute.strip_prefix(folder).unwrap_or(&absolute).display().to_string();
    Ok(entity.map_or_else(|| path.clone(), |entity| format!("{entity}={path}")))
}

fn no_orders(sources: &[(Inspection, Guess)]) -> Error {
    let error = Error::new(Kind::Data, "none of these looks like orders, which must be there");
    let error = sources.iter().fold(error, |error, (inspection, guess)| {
        error.detail(format!("{} looks like {}", inspection.location, guess.entity.name()))
    });
    error.hint("name the orders, too; if one of these holds them, say so: orders=<its path>")
}
