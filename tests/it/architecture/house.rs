//! All files of the crate, and which of them a path leads to.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graphmap::DiGraphMap;

use super::source_file::{Names, SourceFile};

/// Where a path leads.
pub struct Target<'a> {
    pub file: &'a SourceFile,
    /// Whether it names something in the file, and not just the module.
    pub is_item: bool,
}

/// That one file uses another.
pub struct Arrow<'a> {
    pub line: usize,
    pub to: Target<'a>,
    pub is_handed_on: bool,
}

/// All files of the crate, by the module that each holds.
pub struct House(BTreeMap<Names, SourceFile>);

impl House {
    pub fn new(files: impl IntoIterator<Item = SourceFile>) -> Self {
        House(files.into_iter().map(|file| (file.module.clone(), file)).collect())
    }

    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.0.values()
    }

    /// The other files of this crate that `file` names.
    pub fn arrows<'a>(&'a self, file: &'a SourceFile) -> impl Iterator<Item = Arrow<'a>> {
        let arrows = file.paths.iter().filter_map(|path| {
            let to = self.target(file, &path.names)?;
            Some(Arrow { line: path.line, to, is_handed_on: path.is_handed_on })
        });
        arrows.filter(|arrow| arrow.to.file.path != file.path)
    }

    /// Each group of files that use each other in a circle.
    pub fn circles(&self) -> Vec<Vec<&str>> {
        let mut arrows = DiGraphMap::<&str, ()>::new();
        for file in self.files() {
            for arrow in self.arrows(file).filter(|arrow| arrow.to.is_item && !arrow.is_handed_on) {
                arrows.add_edge(&file.path, &arrow.to.file.path, ());
            }
        }
        let mut circles = kosaraju_scc(&arrows);
        circles.retain(|files| files.len() > 1);
        circles.iter_mut().for_each(|files| files.sort_unstable());
        circles
    }

    /// The file that defines what `path`, as written in `file`, names; what other files hand on is followed.
    fn target(&self, file: &SourceFile, path: &[String]) -> Option<Target<'_>> {
        self.locate(&self.absolute(file, path)?)
    }

    fn locate(&self, path: &[String]) -> Option<Target<'_>> {
        let depth = (0..=path.len()).rev().find(|depth| self.0.contains_key(&path[..*depth]))?;
        let file = &self.0[&path[..depth]];
        let Some((item, rest)) = path[depth..].split_first() else { return Some(Target { file, is_item: false }) };
        let handed_on = file.imports.get(item).and_then(|import| self.absolute(file, import));
        match handed_on {
            Some(import) if import != path => self.locate(&[&import, rest].concat()),
            _ => Some(Target { file, is_item: true }),
        }
    }

    /// A path from the crate's root, if the one written in `file` leads into the crate.
    fn absolute(&self, file: &SourceFile, path: &[String]) -> Option<Names> {
        let supers = path.iter().take_while(|name| *name == "super").count();
        let module = &file.module;
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" | "rfmart" => Some(rest.to_vec()),
            "self" => Some([module, rest].concat()),
            "super" => Some([module.get(..module.len().checked_sub(supers)?)?, &path[supers..]].concat()),
            _ if self.0.contains_key(&[module, std::slice::from_ref(first)].concat()) => Some([module, path].concat()),
            _ => {
                let import = file.imports.get(first).filter(|import| import.first() != Some(first))?;
                Some([&self.absolute(file, import)?, rest].concat())
            }
        }
    }
}
