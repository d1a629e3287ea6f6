//! What a source file uses and hands on, by its syntax.

use std::collections::BTreeMap;

use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Item, Macro, Token, UseTree, Visibility};

/// A path as written: `["super", "raw", "RawPolicy"]`.
pub type Names = Vec<String>;

/// A file of the crate.
pub struct SourceFile {
    /// The file below `src/`.
    pub path: String,
    /// The module that the file holds: `["config", "raw"]` for `config/raw/mod.rs`, nothing for `lib.rs`.
    pub module: Names,
    pub lines: usize,
    /// What `use` gives a name here, for the file itself or for others: name → path.
    pub imports: BTreeMap<String, Names>,
    /// Every path of two names or more, and every import.
    pub paths: Vec<Path>,
}

pub struct Path {
    pub line: usize,
    pub names: Names,
    /// Whether `pub use` hands it on to others, which doesn't mean that this file needs it.
    pub is_handed_on: bool,
}

impl SourceFile {
    /// Reads `text` as the file `path` below `src/`. What is compiled for tests alone is left out.
    pub fn new(path: &str, text: &str) -> Self {
        let syntax = syn::parse_file(text).unwrap_or_else(|cause| panic!("src/{path}: {cause}"));
        let mut found = Found::default();
        found.visit_file(&syntax);
        let trimmed = path.trim_end_matches(".rs").trim_end_matches("/mod");
        SourceFile {
            path: path.to_owned(),
            module: if trimmed == "lib" { Vec::new() } else { trimmed.split('/').map(str::to_owned).collect() },
            lines: text.lines().count(),
            imports: found.imports,
            paths: found.paths,
        }
    }
}

#[derive(Default)]
struct Found {
    imports: BTreeMap<String, Names>,
    paths: Vec<Path>,
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        let mut leaves = Vec::new();
        expand(&import.tree, &[], &mut leaves);
        let is_handed_on = !matches!(import.vis, Visibility::Inherited);
        for (name, names) in leaves {
            self.paths.push(Path { line: import.span().start().line, names: names.clone(), is_handed_on });
            self.imports.insert(name, names);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.paths.push(Path { line: path.span().start().line, names, is_handed_on: false });
        }
        visit::visit_path(self, path);
    }

    /// What stands in `format!(…)` and its like is code, too.
    fn visit_macro(&mut self, called: &'ast Macro) {
        visit::visit_macro(self, called);
        if let Ok(arguments) = called.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            let mut within = Found::default();
            arguments.iter().for_each(|argument| within.visit_expr(argument));
            self.paths.append(&mut within.paths);
        }
    }
}

/// The leaves of a use tree: the name in this file, and the path.
fn expand(tree: &UseTree, prefix: &[String], leaves: &mut Vec<(String, Names)>) {
    let with = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => expand(&path.tree, &with(&path.ident), leaves),
        UseTree::Group(group) => group.items.iter().for_each(|tree| expand(tree, prefix, leaves)),
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((prefix.last().cloned().unwrap_or_default(), prefix.to_vec()));
        }
        UseTree::Name(name) => leaves.push((name.ident.to_string(), with(&name.ident))),
        UseTree::Rename(name) => leaves.push((name.rename.to_string(), with(&name.ident))),
        UseTree::Glob(_) => leaves.push(("*".to_owned(), prefix.to_vec())),
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let is_test = |path: syn::Path| path.is_ident("test");
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(is_test))
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
