//! The page for headquarters.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use indicatif::HumanBytes;

use super::block_on;
use super::warehouse::opened;
use crate::cli::Report;
use rfmart::page;
use rfmart::publish::{Commit, History};
use rfmart::{Context, Error, Kind, Result};

/// Writes the page of a snapshot.
pub fn report(arguments: &Report) -> Result<String> {
    let (pipeline, warehouse, history) = opened(&arguments.pipeline)?;
    let commit = published(&history, arguments.as_of)?;
    let html = block_on(&pipeline, page::page(&pipeline, &warehouse, &history, commit))?;
    let named = PathBuf::from(format!("{}-{}.html", pipeline.name, commit.as_of));
    let out = arguments.out.as_deref().unwrap_or(&named);
    write(out, &html)?;
    let size = HumanBytes(u64::try_from(html.len()).unwrap_or(u64::MAX));
    Ok(format!("Wrote {} ({size}): the snapshot of {}, commit {}\n", out.display(), commit.as_of, commit.number))
}

/// The commit that holds for a day, or for the latest one that is published.
fn published(history: &History, as_of: Option<NaiveDate>) -> Result<&Commit> {
    let found = match as_of {
        Some(as_of) => history.of_day(as_of),
        None => history.in_force().max_by_key(|commit| commit.as_of),
    };
    found.ok_or_else(|| {
        let what = as_of.map_or("nothing has been published yet".to_owned(), |day| format!("{day} isn't published"));
        Error::new(Kind::Usage, what).hint("`rfmart runs` lists what is, `rfmart run` publishes a day")
    })
}

/// Whole or not at all: somebody may be reading the one before.
fn write(out: &Path, html: &str) -> Result<()> {
    let cant = || format!("can't write {}", out.display());
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Others read it as they read what this user writes elsewhere.
    let permissions = Permissions::from_mode(0o666);
    let file = tempfile::Builder::new().suffix(".html").permissions(permissions).tempfile_in(folder);
    let mut file = file.context(Kind::Output, cant)?;
    file.write_all(html.as_bytes()).context(Kind::Output, cant)?;
    file.persist(out).context(Kind::Output, cant)?;
    Ok(())
}
