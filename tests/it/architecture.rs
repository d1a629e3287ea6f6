//! House rules that neither the compiler nor clippy checks: who may use whom, and how sources are written.
//!
//! Code is read as tokens, so comments, strings and test code never count.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module of the crate may use, besides itself. Rows stand in the order in which data flows:
/// a whole module may be used only by rows below it. `module::Item` admits that one item, also upwards.
const MAY_USE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("calendar", &["error"]),
    ("policy", &["error", "calendar"]),
    (
        "config",
        &[
            "error",
            "calendar",
            "policy",
            "source::Entity",
            "source::Column",
            "source::ColumnKind",
            "source::Expression",
        ],
    ),
    ("storage", &["error", "config"]),
    ("source", &["error", "calendar", "config", "storage"]),
    ("observe", &["error", "source::Progress"]),
    ("model", &["error", "policy", "config", "source"]),
    ("engine", &["error", "calendar", "policy", "config", "source", "model"]),
    ("check", &["error", "model", "engine"]),
    ("publish", &["error", "calendar", "config", "storage", "model", "engine"]),
    ("run", ABOVE),
    ("cases", &["error", "policy", "config", "source::Entity", "source::Column", "source::ColumnKind", "model", "engine", "observe", "run"]),
    ("init", &["error", "config", "storage", "source", "observe"]),
    ("report", &["error", "calendar", "config", "model", "publish", "run", "cases", "init"]),
    ("generate", &["error", "calendar", "source::Entity"]),
    ("cli", ABOVE),
    ("commands", ABOVE),
    ("main", ABOVE),
];

/// Leave to use every row above one's own.
const ABOVE: &[&str] = &["*"];

const MAX_LINES: usize = 500;
const STOPS_THE_PROGRAM: &[&str] = &["panic", "todo", "unimplemented", "dbg"];
const PRINTS: &[&str] = &["println", "print"];
const MAY_PRINT: &[&str] = &["main", "cli", "report"];

#[test]
fn the_table_lets_modules_use_only_what_stands_above_them() {
    let rows: Vec<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    for (row, (module, allowed)) in MAY_USE.iter().enumerate() {
        for used in allowed.iter().filter(|used| **used != "*" && !used.contains("::")) {
            assert!(rows[..row].contains(used), "`{used}` doesn't stand above `{module}` in MAY_USE");
        }
    }
}

#[test]
fn modules_use_only_what_they_may() {
    let exports = exports(&lex(&read(&source_root().join("lib.rs"))));
    forbid("dependencies", |file| {
        let allowed = allowed(&file.module)?;
        Ok(file
            .dependencies(&exports)
            .into_iter()
            .filter(|(_, path)| path[0] != file.module && !allows(&allowed, path))
            .map(|(line, path)| (line, format!("`{}` may not use `{}`", file.module, path.join("::"))))
            .collect())
    });
}

#[test]
fn source_files_are_short() {
    forbid("length", |file| {
        let lines = file.text.lines().count();
        Ok(if lines > MAX_LINES { vec![(lines, format!("more than {MAX_LINES} lines"))] } else { vec![] })
    });
}

#[test]
fn nothing_outside_tests_can_panic_on_purpose() {
    forbid("panics", |file| {
        let is_call = |at: usize| file.is(at, &[".", "unwrap", "("]) || file.is(at, &[".", "expect", "("]);
        Ok(file.find(|at| is_call(at) || STOPS_THE_PROGRAM.iter().any(|name| file.is(at, &[name, "!"]))))
    });
}

#[test]
fn only_the_command_line_prints() {
    forbid("printing", |file| {
        let found = file.find(|at| PRINTS.iter().any(|name| file.is(at, &[name, "!"])));
        Ok(if MAY_PRINT.contains(&file.module.as_str()) { vec![] } else { found })
    });
}

/// The dependencies of `text`, as the file `path`, where `lib.rs` exports `Error` and `Result` from `error`.
fn dependencies(path: &str, text: &str) -> Vec<String> {
    let exports = exports(&lex("pub mod error; pub use error::{Error, Result};"));
    let found = SourceFile::new(path, text.to_owned()).dependencies(&exports);
    found.iter().map(|(line, path)| format!("{line} {}", path.join("::"))).collect()
}

#[test]
fn each_branch_of_a_use_tree_is_a_dependency() {
    let text = "use crate::{Result, config::{Pipeline, load as read}, source};
                fn f() { crate::run::start::<crate::model::Model>() }";
    let expected =
        ["1 error::Result", "1 config::Pipeline", "1 config::load", "1 source", "2 run::start", "2 model::Model"];
    assert_eq!(dependencies("check/mod.rs", text), expected);
}

#[test]
fn a_chain_of_super_that_leaves_the_module_is_a_dependency() {
    let text = "use super::super::run::Plan;";
    assert_eq!(dependencies("check/gate.rs", text), ["1 run::Plan"]);
    assert!(dependencies("check/gate/limits.rs", text).is_empty());
}

#[test]
fn comments_literals_and_tests_are_not_code() {
    let text = r##"
        // crate::run
        /* crate::run /* nested */ crate::run */
        const A: &str = "crate::run \" crate::run";
        const B: &[u8] = br#"crate::run " crate::run"#;
        fn f<'a>(c: &'a char) -> bool { *c == '"' || *c == '\'' }
        #[cfg(test)]
        use crate::run::helper;
        #[cfg(test)]
        mod tests { fn g() { crate::run::start().unwrap(); } }
        use crate::model::Model;
    "##;
    assert_eq!(dependencies("check/mod.rs", text), ["11 model::Model"]);
}

/// Line and what is wrong there.
type Offences = Vec<(usize, String)>;

/// Fails with every offence that `rule` finds in the crate's sources.
fn forbid(rule: &str, offences: impl Fn(&SourceFile) -> Result<Offences, String>) {
    let mut messages = Vec::new();
    for path in source_files(&source_root()) {
        let relative = path.strip_prefix(source_root()).expect("a path under src").display().to_string();
        let file = SourceFile::new(&relative, read(&path));
        match offences(&file) {
            Ok(found) => messages.extend(found.iter().map(|(line, what)| format!("src/{relative}:{line}: {what}"))),
            Err(what) => messages.push(format!("src/{relative}: {what}")),
        }
    }
    assert!(messages.is_empty(), "{rule}:\n{}", messages.join("\n"));
}

fn allowed(module: &str) -> Result<Vec<&'static str>, String> {
    if module == "lib" {
        return Ok(MAY_USE.iter().map(|(name, _)| *name).collect());
    }
    let row = MAY_USE.iter().position(|(name, _)| *name == module);
    let row = row.ok_or_else(|| format!("unknown module `{module}`: say in MAY_USE what it may use"))?;
    let (_, own) = MAY_USE[row];
    let above = MAY_USE[..row].iter().map(|(name, _)| *name);
    Ok(if own == ABOVE { above.collect() } else { own.to_vec() })
}

fn allows(allowed: &[&str], path: &[String]) -> bool {
    let path = path.join("::");
    allowed.iter().any(|entry| path.strip_prefix(entry).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
}

struct SourceFile {
    /// The crate's module that the file belongs to: `config` for `config/load.rs`, `main` for `main.rs`.
    module: String,
    /// How many `super` lead to the crate's root.
    depth: usize,
    text: String,
    code: Vec<Token>,
}

#[derive(Clone)]
struct Token {
    line: usize,
    text: String,
}

impl SourceFile {
    fn new(path: &str, text: String) -> Self {
        let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
        let module = path.split('/').next().unwrap_or(path).to_owned();
        SourceFile { module, depth: path.split('/').count(), code: without_tests(lex(&text)), text }
    }

    /// Whether `code` goes on at `at` with these tokens.
    fn is(&self, at: usize, tokens: &[&str]) -> bool {
        starts_with(&self.code[at..], tokens)
    }

    /// Every place that `matches`.
    fn find(&self, matches: impl Fn(usize) -> bool) -> Offences {
        let at = (0..self.code.len()).filter(|at| matches(*at));
        at.map(|at| (self.code[at].line, format!("`{}`", join(&self.code[at..self.code.len().min(at + 3)])))).collect()
    }

    /// Every path that starts at the crate's root, with its line; what `lib.rs` exports goes by its module.
    fn dependencies(&self, exports: &BTreeMap<String, String>) -> Vec<(usize, Vec<String>)> {
        let mut found = Vec::new();
        for at in 0..self.code.len() {
            let Some(length) = self.root_prefix(at) else { continue };
            let mut paths = Vec::new();
            use_tree(&self.code[at + length..], &[], &mut paths);
            for mut path in paths {
                path.splice(0..0, path.first().and_then(|item| exports.get(item)).cloned());
                found.push((self.code[at].line, path));
            }
        }
        found
    }

    /// Length of `crate::`, `rfmart::` or a chain of `super::` that ends at the crate's root.
    fn root_prefix(&self, at: usize) -> Option<usize> {
        let goes_on = at > 0 && self.code[at - 1].text == "::";
        let supers = (0..).take_while(|n| self.is(at + 2 * n, &["super", "::"])).count();
        match goes_on {
            true => None,
            false if self.is(at, &["crate", "::"]) || self.is(at, &["rfmart", "::"]) => Some(2),
            false => (supers == self.depth).then_some(2 * supers),
        }
    }
}

/// Collects the paths of a use tree (`a::{b, c::d}`) or of a plain path; returns how many tokens it has.
fn use_tree(code: &[Token], prefix: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    if starts_with(code, &["{"]) {
        let mut at = 1;
        while at < code.len() && code[at].text != "}" {
            at += if code[at].text == "," { 1 } else { use_tree(&code[at..], prefix, paths).max(1) };
        }
        return at + 1;
    }
    let Some(first) = code.first().filter(|token| is_word(&token.text) || token.text == "*") else {
        paths.push(prefix.to_vec());
        return 0;
    };
    let path = [prefix, std::slice::from_ref(&first.text)].concat();
    if starts_with(&code[1..], &["::"]) {
        return 2 + use_tree(&code[2..], &path, paths);
    }
    paths.push(path);
    let renamed = starts_with(&code[1..], &["as"]);
    if renamed { 3 } else { 1 }
}

/// The items that `lib.rs` exports from its modules, each with its module.
fn exports(lib: &[Token]) -> BTreeMap<String, String> {
    let mut paths = Vec::new();
    for at in (0..lib.len()).filter(|at| starts_with(&lib[*at..], &["pub", "use"])) {
        use_tree(&lib[at + 2..], &[], &mut paths);
    }
    paths.into_iter().filter_map(|path| Some((path.last()?.clone(), path.first()?.clone()))).collect()
}

/// Leaves out every item under `#[cfg(test)]`.
fn without_tests(code: Vec<Token>) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < code.len() {
        if starts_with(&code[at..], &["#", "[", "cfg", "(", "test", ")", "]"]) {
            at += 7 + item_length(&code[at + 7..]);
        } else {
            kept.push(code[at].clone());
            at += 1;
        }
    }
    kept
}

/// How many tokens the item has that `code` starts with: up to a `;`, or to the end of its body.
fn item_length(code: &[Token]) -> usize {
    let mut depth = 0;
    for (at, token) in code.iter().enumerate() {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(token.text.as_str(), ";" | "}") {
            return at + 1;
        }
    }
    code.len()
}

/// Words and punctuation; `::` is one token; comments and literals are left out.
fn lex(text: &str) -> Vec<Token> {
    let (mut rest, mut line, mut tokens) = (text, 1, Vec::new());
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !is_word_char(c)).unwrap_or(rest.len());
        let skipped = skipped(rest);
        let length = match skipped {
            Some(length) => length,
            None if word > 0 => word,
            None if rest.starts_with("::") => 2,
            None => first.len_utf8(),
        };
        let (lexeme, after) = rest.split_at(length);
        if skipped.is_none() && !first.is_whitespace() {
            tokens.push(Token { line, text: lexeme.to_owned() });
        }
        line += lexeme.matches('\n').count();
        rest = after;
    }
    tokens
}

/// Length of the comment or literal that `rest` starts with.
fn skipped(rest: &str) -> Option<usize> {
    let unprefixed = rest.trim_start_matches(['b', 'c']);
    let prefix = rest.len() - unprefixed.len();
    if rest.starts_with("//") {
        Some(rest.find('\n').unwrap_or(rest.len()))
    } else if rest.starts_with("/*") {
        Some(block_comment(rest))
    } else if prefix <= 1 && unprefixed.starts_with('"') {
        Some(prefix + quoted(unprefixed, '"'))
    } else if prefix <= 1 && unprefixed.starts_with('r') {
        raw_string(&unprefixed[1..]).map(|length| prefix + 1 + length)
    } else if rest.starts_with("'\\") || rest.chars().nth(2) == Some('\'') && rest.starts_with('\'') {
        Some(quoted(rest, '\''))
    } else {
        None
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest.as_bytes()[at..rest.len().min(at + 2)] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Length of a literal between `quote`s, in which a backslash escapes.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = true;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Length of `##"…"##`, if `rest` starts so.
fn raw_string(rest: &str) -> Option<usize> {
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let close = format!("\"{}", "#".repeat(hashes));
    let body = rest[hashes..].strip_prefix('"')?;
    Some(hashes + 1 + body.find(&close).map_or(body.len(), |at| at + close.len()))
}

fn starts_with(code: &[Token], tokens: &[&str]) -> bool {
    code.len() >= tokens.len() && code.iter().zip(tokens).all(|(own, token)| own.text == *token)
}

fn join(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.text.as_str()).collect()
}

fn is_word(text: &str) -> bool {
    text.chars().all(is_word_char)
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below `folder` that isn't test code, in the order of names.
fn source_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder's entry").path()).collect();
    paths.sort();
    paths.retain(|path| path.file_stem().is_some_and(|name| name != "tests"));
    let files = |path: PathBuf| if path.is_dir() { source_files(&path) } else { vec![path] };
    paths.into_iter().flat_map(files).filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}
