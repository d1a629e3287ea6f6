//! YAML text to a tree in which every key and value knows where it stands.
//!
//! Scalars keep the text as written: whether `001` is a number or a branch's id is for the schema to
//! say.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput};

use super::mistakes::Mistakes;

/// Levels of nesting that a file may have; a pipeline needs 8.
const MAX_DEPTH: usize = 32;

/// Nodes that a file may have, copies of anchors included.
const MAX_NODES: usize = 1_000_000;

/// A position: line and column, both from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Mark {
    /// The first character of a file.
    pub const START: Mark = Mark { line: 1, column: 1 };
}

impl From<&Marker> for Mark {
    fn from(marker: &Marker) -> Self {
        Mark { line: marker.line().max(1), column: marker.col() + 1 }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it begins.
    pub mark: Mark,
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
    pub mark: Mark,
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

/// Parses the one document of a file; `None` if it is empty or broken, which has been noted.
pub fn parse(text: &str, mistakes: &mut Mistakes) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder { parser: Parser::new_from_str(text), anchors: HashMap::new(), nodes: 0, mistakes };
    match builder.document() {
        Ok(Some(node)) => Some(node),
        Ok(None) => {
            mistakes.mark(Mark::START, "the file is empty; write a pipeline, beginning with `name: my-clinics`");
            None
        }
        Err(Broken { mark, message }) => {
            let line = text.lines().nth(mark.line.saturating_sub(1)).unwrap_or_default();
            let quotes = if line.contains("${") { "; within brackets write `\"${NAME}\"`, in quotes" } else { "" };
            mistakes.mark(mark, format!("{message}{quotes}"));
            None
        }
    }
}

struct Builder<'input, 'm> {
    parser: Parser<'input, StrInput<'input>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    mistakes: &'m mut Mistakes,
}

struct Broken {
    mark: Mark,
    message: String,
}

impl From<ScanError> for Broken {
    fn from(error: ScanError) -> Self {
        let message =
            format!("this is not YAML: {}; mind indentation, quotes and brackets here or just above", error.info());
        Broken { mark: Mark::from(error.marker()), message }
    }
}

impl<'input> Builder<'input, '_> {
    fn document(&mut self) -> Result<Option<Node>, Broken> {
        let mut document = None;
        while let Some((event, mark)) = self.next()? {
            match event {
                Event::Nothing | Event::StreamStart | Event::DocumentEnd | Event::StreamEnd => {}
                Event::DocumentStart(_) if document.is_some() => {
                    let message = "a second document begins here; write one pipeline per file".to_owned();
                    return Err(Broken { mark, message });
                }
                Event::DocumentStart(_) => {}
                event => document = Some(self.node(event, mark, 0)?),
            }
        }
        Ok(document.filter(|node| !node.is_null()))
    }

    fn next(&mut self) -> Result<Option<(Event<'input>, Mark)>, Broken> {
        match self.parser.next_event().transpose()? {
            Some((event, span)) => Ok(Some((event, Mark::from(&span.start)))),
            None => Ok(None),
        }
    }

    fn node(&mut self, event: Event<'input>, mark: Mark, depth: usize) -> Result<Node, Broken> {
        self.count(1, mark)?;
        if depth > MAX_DEPTH {
            let message = format!("this is nested deeper than {MAX_DEPTH} levels; write a flatter file");
            return Err(Broken { mark, message });
        }
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Quoted };
                (Content::Scalar(Scalar { text: text.into_owned(), style }), anchor)
            }
            Event::SequenceStart(anchor, _) => (Content::List(self.list(depth)?), anchor),
            Event::MappingStart(anchor, _) => (Content::Mapping(self.mapping(depth)?), anchor),
            Event::Alias(anchor) => return self.alias(anchor, mark),
            _ => (Content::Scalar(Scalar { text: String::new(), style: Style::Plain }), 0),
        };
        let node = Node { mark, content };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Broken> {
        let mut items = Vec::new();
        while let Some((event, mark)) = self.next()? {
            if event == Event::SequenceEnd {
                break;
            }
            items.push(self.node(event, mark, depth + 1)?);
        }
        Ok(items)
    }

    fn mapping(&mut self, depth: usize) -> Result<Vec<Entry>, Broken> {
        let mut entries: Vec<Entry> = Vec::new();
        while let Some((event, mark)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let key = self.node(event, mark, depth + 1)?;
            let Some((event, value_mark)) = self.next()? else { break };
            let value = self.node(event, value_mark, depth + 1)?;
            let Content::Scalar(Scalar { text: key, .. }) = key.content else {
                self.mistakes.mark(mark, "a key can't be a list or a mapping; write a name");
                continue;
            };
            match entries.iter().find(|entry| entry.key == key) {
                Some(first) => {
                    let line = first.mark.line;
                    self.mistakes.mark(mark, format!("`{key}` is already on line {line}; write it once"));
                }
                None => entries.push(Entry { key, mark, value }),
            }
        }
        Ok(entries)
    }

    fn alias(&mut self, anchor: usize, mark: Mark) -> Result<Node, Broken> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            let message = "this refers to an anchor that holds it; write its content out".to_owned();
            return Err(Broken { mark, message });
        };
        self.count(node.size(), mark)?;
        Ok(node)
    }

    fn count(&mut self, nodes: usize, mark: Mark) -> Result<(), Broken> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            let message =
                format!("the file holds more than {MAX_NODES} values; write fewer, or fewer aliases of anchors");
            return Err(Broken { mark, message });
        }
        Ok(())
    }
}

impl Node {
    /// Whether nothing was written: no text, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar(scalar) if scalar.is_null())
    }

    fn size(&self) -> usize {
        match &self.content {
            Content::Scalar(_) => 1,
            Content::List(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Content::Mapping(entries) => 1 + entries.iter().map(|entry| 1 + entry.value.size()).sum::<usize>(),
        }
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
