//! The files that ship with the program, and a project's own, laid over them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::layer::{BUILT_IN, Layer};
use crate::diagnostic::Diagnostic;
use crate::text_of_file::text_of_file;

/// Where a model, check or seed comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It ships with the program.
    BuiltIn,
    /// A file of the project takes the place of a built-in one.
    Overridden,
    /// The project added it.
    Added,
}

/// A file of a layer.
#[derive(Clone, Debug)]
pub struct LayerFile {
    /// How messages name it: `sql/…` if it is built in, else its path.
    pub shown: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What it holds.
    pub text: Cow<'static, str>,
}

/// Files by layer and file name.
pub type Files = BTreeMap<(Layer, String), LayerFile>;

/// The table that publishing itself writes.
const RESERVED: &str = "dim_snapshot";

/// The files that ship with the program.
pub fn built_in() -> Files {
    let mut files = Files::new();
    for layer in Layer::ALL {
        for file in BUILT_IN.get_dir(layer.folder()).into_iter().flat_map(include_dir::Dir::files) {
            let name = file.path().file_name().and_then(|name| name.to_str());
            if let (Some(name), Some(text)) = (name, file.contents_utf8()) {
                let shown = format!("sql/{}/{name}", layer.folder());
                let text = Cow::Borrowed(text);
                files.insert((layer, name.to_owned()), LayerFile { shown, origin: Origin::BuiltIn, text });
            }
        }
    }
    files
}

/// Lays the files of a project's `folder` over `files`. What doesn't belong there is told in `diagnostics`.
pub fn lay_over(files: &mut Files, folder: &Path, diagnostics: &mut Vec<Diagnostic>) {
    for path in entries(folder, diagnostics) {
        let layer = Layer::ALL.into_iter().find(|layer| path.file_name().is_some_and(|name| name == layer.folder()));
        match layer {
            Some(layer) if path.is_dir() => lay_layer_over(files, layer, &path, diagnostics),
            _ => diagnostics.push(Diagnostic::new(shown(&path), stray(&path))),
        }
    }
}

fn stray(path: &Path) -> String {
    let folders = Layer::ALL.map(|layer| format!("{}/", layer.folder())).join(", ");
    let what = if path.is_dir() { "is no folder of models" } else { "lies outside the folders of models" };
    format!("{what}; sql/ beside a pipeline file holds {folders}")
}

fn lay_layer_over(files: &mut Files, layer: Layer, folder: &Path, diagnostics: &mut Vec<Diagnostic>) {
    for path in entries(folder, diagnostics) {
        match read(layer, &path) {
            Ok((name, text)) => {
                let key = (layer, name);
                let origin = if files.contains_key(&key) { Origin::Overridden } else { Origin::Added };
                files.insert(key, LayerFile { shown: shown(&path), origin, text: Cow::Owned(text) });
            }
            Err(message) => diagnostics.push(Diagnostic::new(shown(&path), message)),
        }
    }
}

/// File name and text of a file that belongs into `layer`, or why it doesn't.
fn read(layer: Layer, path: &Path) -> Result<(String, String), String> {
    let (folder, extensions) = (layer.folder(), layer.extensions());
    let part = |part: Option<&std::ffi::OsStr>| part.and_then(|part| part.to_str()).unwrap_or_default().to_owned();
    let (stem, extension) = (part(path.file_stem()), part(path.extension()));
    let endings = || extensions.iter().map(|extension| format!(".{extension}")).collect::<Vec<_>>().join(" and ");
    if path.is_dir() {
        return Err(format!("is a folder within {folder}/; move its files up"));
    }
    if !extensions.contains(&extension.as_str()) {
        return Err(format!("doesn't belong into {folder}/, which holds {} files", endings()));
    }
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if stem.is_empty() || !stem.chars().all(is_word) || stem.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("the name is no table name; use a-z, 0-9 and _, a letter first".to_owned());
    }
    belongs(layer, &stem)?;
    let text = text_of_file(path).map_err(|cause| format!("can't be read: {cause}"))?;
    Ok((format!("{stem}.{extension}"), text))
}

/// Whether a name may stand in `layer`: its prefix says where it belongs.
fn belongs(layer: Layer, name: &str) -> Result<(), String> {
    let prefixes = layer.prefixes();
    if name == RESERVED {
        return Err(format!("{RESERVED} is written by every run from its commit; take another name"));
    }
    if prefixes.is_empty() || prefixes.iter().any(|prefix| name.starts_with(prefix)) {
        return Ok(());
    }
    let names = prefixes.iter().map(|prefix| format!("{prefix}…")).collect::<Vec<_>>().join(" or ");
    Err(match Layer::of_name(name) {
        Some(other) => format!("is in the wrong folder; move it to {}/, or name it {names}", other.folder()),
        None => format!("files in {}/ are named {names}", layer.folder()),
    })
}

/// Path of what `folder` holds, in the order of names. Hidden files and a README are not looked at.
fn entries(folder: &Path, diagnostics: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let entries = read.unwrap_or_else(|cause| {
        diagnostics.push(Diagnostic::new(shown(folder), format!("can't be read: {cause}")));
        Vec::new()
    });
    let is_hidden = |path: &PathBuf| {
        let name = path.file_name().map(std::ffi::OsStr::to_string_lossy).unwrap_or_default();
        name.starts_with('.') || name == "README.md"
    };
    let mut paths: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).filter(|path| !is_hidden(path)).collect();
    paths.sort();
    paths
}

/// A path within the working folder starts with `./`, so that it can't be taken for a built-in file.
fn shown(path: &Path) -> String {
    let is_bare = path.is_relative() && !path.starts_with(".") && !path.starts_with("..");
    if is_bare { format!("./{}", path.display()) } else { path.display().to_string() }
}
