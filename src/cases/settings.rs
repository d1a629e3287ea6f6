//! The pipeline of a case: what it sets itself, and what a case needs beside that.

use std::path::Path;

use crate::Result;
use crate::config::{self, Content, Entry, Mark, Mistakes, Node, Pipeline, Scalar, Style};
use crate::source::Entity;

/// The keys of a pipeline file that a case may set.
pub const KEYS: [&str; 6] = ["period", "scopes", "order_ids", "visit_ids", "customer_ids", "policy"];

/// The pipeline that reads `entities` from CSV objects in `folder`, with the settings of a case that begins at `mark`;
/// none after a mistake.
///
/// # Errors
/// None that input can cause.
pub fn pipeline(
    settings: Vec<Entry>,
    entities: impl IntoIterator<Item = Entity>,
    folder: &Path,
    mark: Mark,
    mistakes: &mut Mistakes,
) -> Result<Option<Pipeline>> {
    let source = |entity: Entity| {
        let location = [("location", text(&format!("{}.csv", entity.name()), mark))];
        (entity.name(), mapping(location, mark))
    };
    let limits = [
        ("memory", text("1GiB", mark)),
        ("target_partitions", text("1", mark)),
        ("work_dir", text(".", mark)),
        // A row that is meant to be read must be; rows that contradict each other are for the case to judge.
        ("max_rejected_share", text("0", mark)),
        ("max_conflicting_share", text("1", mark)),
    ];
    let needed = [
        ("name", text("case", mark)),
        ("timezone", text("Asia/Taipei", mark)),
        ("currency", text("TWD", mark)),
        ("sources", mapping(entities.into_iter().map(source), mark)),
        ("publish", mapping([("location", text("warehouse/", mark))], mark)),
        ("limits", mapping(limits, mark)),
    ];
    let mut entries: Vec<Entry> = settings;
    entries.extend(needed.map(|(key, value)| Entry { key: key.to_owned(), mark, value }));
    let root = Node { mark, content: Content::Mapping(entries) };
    mistakes.locate(&root);
    config::of_tree(&root, &folder.join("case.yaml"), mistakes)
}

fn text(text: &str, mark: Mark) -> Node {
    Node { mark, content: Content::Scalar(Scalar { text: text.to_owned(), style: Style::Plain }) }
}

fn mapping<'k>(entries: impl IntoIterator<Item = (&'k str, Node)>, mark: Mark) -> Node {
    let entry = |(key, value): (&str, Node)| Entry { key: key.to_owned(), mark, value };
    Node { mark, content: Content::Mapping(entries.into_iter().map(entry).collect()) }
}

/// `over` laid over `below`, mapping by mapping; any other value is replaced.
pub fn merged(below: &Node, over: &Node) -> Node {
    let (Content::Mapping(lower), Content::Mapping(upper)) = (&below.content, &over.content) else {
        return over.clone();
    };
    let mut entries = lower.clone();
    for entry in upper {
        match entries.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => *known = Entry { value: merged(&known.value, &entry.value), ..entry.clone() },
            None => entries.push(entry.clone()),
        }
    }
    Node { mark: over.mark, content: Content::Mapping(entries) }
}
