//! A YAML file as a tree in which every key and value knows where it stands.
//!
//! Scalars keep the text as written: whether `001` is a number or a branch's id is for the schema to
//! say.

use crate::diagnostic::Place;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub content: Content,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Content {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the file's order, keys distinct.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key's text.
    pub key: String,
    /// Where the key begins.
    pub place: Place,
    /// The value.
    pub value: Node,
}

/// A single value, its type still open.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// Text, without quotes.
    pub text: String,
    /// How it was written.
    pub style: Style,
}

/// How a scalar was written, which limits what it can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: null, a boolean, a number or text.
    Plain,
    /// In quotes or as a block: text.
    Quoted,
    /// With a part from the environment: whatever its field wants.
    Environment,
    /// Wrong, which has been said.
    Unusable,
}

impl Node {
    /// Whether nothing was written: no text, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar(scalar) if scalar.is_null())
    }

    /// What it takes.
    pub(super) fn size(&self) -> Size {
        match &self.content {
            Content::Scalar(scalar) => Size { nodes: 1, bytes: scalar.text.len() },
            Content::List(items) => items.iter().map(Node::size).fold(Size { nodes: 1, bytes: 0 }, Size::plus),
            Content::Mapping(entries) => entries.iter().map(Entry::size).fold(Size { nodes: 1, bytes: 0 }, Size::plus),
        }
    }
}

impl Entry {
    /// A key is part of the way to all that stands under it.
    fn size(&self) -> Size {
        let Size { nodes, bytes } = self.value.size();
        Size { nodes: nodes + 1, bytes: self.key.len().saturating_mul(nodes).saturating_add(bytes) }
    }
}

/// What values and the ways to them take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    /// Nodes, keys included.
    pub nodes: usize,
    /// Bytes of texts; those of a key once for each node under it.
    pub bytes: usize,
}

impl Size {
    /// Both.
    pub fn plus(self, other: Size) -> Self {
        Size { nodes: self.nodes.saturating_add(other.nodes), bytes: self.bytes.saturating_add(other.bytes) }
    }
}

impl Scalar {
    /// Whether it stands for no value. An empty value from the environment counts as none.
    pub fn is_null(&self) -> bool {
        match self.style {
            Style::Plain => matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL"),
            Style::Environment => self.text.is_empty(),
            Style::Quoted | Style::Unusable => false,
        }
    }
}
