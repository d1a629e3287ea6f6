//! The models of a pipeline in the order in which they run, and whose files they are.

use std::fmt::Write;

use crate::model::{Catalog, Model, Node, Origin};

/// Models, checks and seeds, each with what it reads and where it comes from.
pub fn models(catalog: &Catalog, order: &[Node]) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    for node in order {
        let Some(model) = catalog.models.get(&node.model) else { continue };
        let _ = writeln!(text, "{node} ({})", kind(model));
        let inputs: Vec<String> = catalog.inputs(node).iter().map(ToString::to_string).collect();
        if !inputs.is_empty() {
            let _ = writeln!(text, "    reads {}", inputs.join(", "));
        }
        let _ = writeln!(text, "    from {}", source(model));
    }
    for check in catalog.checks.values() {
        let kind = if check.is_warning() { "check, warns" } else { "check" };
        let _ = writeln!(text, "{} ({kind})\n    from {}{}", check.name, check.file, origin_note(check.origin));
    }
    for seed in catalog.seeds.values() {
        let _ = writeln!(text, "{} (seed)\n    from {}{}", seed.name, seed.file, origin_note(seed.origin));
    }
    text
}

fn kind(model: &Model) -> &'static str {
    match (model.is_published(), model.is_view()) {
        (true, _) => "published",
        (false, true) => "view",
        (false, false) => "kept for the run",
    }
}

/// The query's file, and the sidecar's if it isn't beside it.
fn source(model: &Model) -> String {
    let is_beside = model.file.strip_suffix(".sql") == model.sidecar_file.strip_suffix(".yaml");
    let sidecar = if is_beside { String::new() } else { format!(" and {}", model.sidecar_file) };
    format!("{}{sidecar}{}", model.file, origin_note(model.origin))
}

fn origin_note(origin: Origin) -> &'static str {
    match origin {
        Origin::BuiltIn => "",
        Origin::Overridden => ", in place of the built-in",
        Origin::Added => ", added",
    }
}
