//! Where objects are: URLs of object stores, URLs of web servers, and paths.

use std::path::{Component, Path};

use object_store::path::Path as Key;
use url::Url;

use crate::config::pipeline::{Location, LocationKind};
use crate::suggest;

const SCHEMES: &[&str] = &["s3", "gs", "az", "http", "https", "file"];

/// The location that `text` names; paths are relative to `folder`.
///
/// # Errors
/// What is wrong, and what to write. The message shows no credentials that a URL may hold.
pub fn location(text: &str, folder: &Path) -> Result<Location, String> {
    if text.trim().is_empty() {
        return Err("the location is empty; write a URL or a path, such as `s3://exports/orders/`".to_owned());
    }
    match text.split_once("://") {
        None => local(text, folder),
        Some(("file", rest)) => file(rest),
        Some((scheme @ ("s3" | "gs" | "az"), rest)) => bucket(scheme, rest),
        Some(("http" | "https", _)) => web(text),
        Some((scheme, _)) if !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Err("this is no URL; write one such as `s3://exports/orders/`".to_owned())
        }
        Some((scheme, _)) => {
            Err(format!("no store has the scheme `{scheme}`; {}", suggest::write_instead(scheme, SCHEMES)))
        }
    }
}

fn local(text: &str, folder: &Path) -> Result<Location, String> {
    if text.starts_with("~/") {
        return Err("`~` is not expanded; write `${HOME}/…`".to_owned());
    }
    let Some(folder) = folder.to_str() else {
        return Err("the pipeline's folder has a name that is not UTF-8; write an absolute path".to_owned());
    };
    // The folder's own name is no pattern, whatever characters it has.
    let folder = if is_pattern(text) { glob::Pattern::escape(folder) } else { folder.to_owned() };
    let joined = Path::new(&folder).join(text);
    let path = normal(&joined).ok_or_else(|| format!("`{text}` leads above the root; write a path below it"))?;
    let is_folder = text.ends_with('/') || matches!(text.rsplit('/').next(), Some("." | ".."));
    let path = if is_folder && !path.is_empty() { format!("{path}/") } else { path };
    finish("file:///", path, is_pattern(text))
}

fn file(rest: &str) -> Result<Location, String> {
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let Some(path) = rest.strip_prefix('/') else {
        return Err("a file URL names no host; write three slashes, such as `file:///data/orders/`".to_owned());
    };
    finish("file:///", decoded(path)?, is_pattern(path))
}

/// Keys are taken as written: `%` and `?` are characters like any other there.
fn bucket(scheme: &str, rest: &str) -> Result<Location, String> {
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.contains('@') {
        return Err(credentials(scheme));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '$');
    if bucket.is_empty() || !bucket.chars().all(is_name) {
        let what = if scheme == "az" { "container" } else { "bucket" };
        return Err(format!("the location names no {what}; write `{scheme}://{what}/path/`"));
    }
    finish(&format!("{scheme}://{bucket}/"), key.to_owned(), is_pattern(key))
}

/// A web server can't list, so a URL must name one object.
fn web(text: &str) -> Result<Location, String> {
    let Ok(url) = Url::parse(text) else {
        return Err("this is no URL; write one such as `https://files.example.com/orders.csv`".to_owned());
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(credentials("http"));
    }
    let is_single = !url.path().ends_with('/') && !url.path().contains('*') && url.query().is_none();
    if !is_single || url.fragment().is_some() {
        let remedy = "write the URL of one object, such as `https://files.example.com/orders.csv`";
        return Err(format!("a web server can't list objects, and takes no query; {remedy}"));
    }
    let path = decoded(url.path().trim_start_matches('/'))?;
    let root = url.join("/").map_err(|_| "this is no URL; write `https://host/path`".to_owned())?;
    checked(Location { store: root, path, kind: LocationKind::Object })
}

fn credentials(scheme: &str) -> String {
    format!("the location holds credentials; write them under `storage: {scheme}`, from the environment")
}

fn finish(store: &str, path: String, is_pattern: bool) -> Result<Location, String> {
    let store = Url::parse(store).map_err(|_| "this is no URL; write one such as `s3://exports/orders/`".to_owned())?;
    let kind = if is_pattern {
        LocationKind::Glob
    } else if path.is_empty() || path.ends_with('/') {
        LocationKind::Prefix
    } else {
        LocationKind::Object
    };
    checked(Location { store, path, kind })
}

fn checked(location: Location) -> Result<Location, String> {
    let path = &location.path;
    let segments = path.strip_suffix('/').unwrap_or(path);
    if !path.is_empty() && segments.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Err(format!("`{path}` has an empty, `.` or `..` part between slashes; write the path without it"));
    }
    if location.kind == LocationKind::Glob {
        if path.ends_with('/') {
            return Err(format!("the pattern `{path}` names folders; write a pattern of objects, such as `{path}*`"));
        }
        if let Err(error) = glob::Pattern::new(path) {
            let remedy = "write `*` within a part, `**` as a whole part, `[abc]` for a choice";
            return Err(format!("the pattern `{path}` is wrong: {}; {remedy}", error.msg));
        }
    }
    Ok(location)
}

/// Whether a path is a pattern of paths.
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

fn decoded(path: &str) -> Result<String, String> {
    let slash = if path.ends_with('/') && path.len() > 1 { "/" } else { "" };
    match Key::from_url_path(path) {
        Ok(key) => Ok(format!("{key}{slash}")),
        Err(_) => Err("the URL's path can't be decoded; write `%` as `%25`, and no empty or `..` parts".to_owned()),
    }
}

/// `.` and `..` resolved, without the leading slash; `None` above the root.
fn normal(path: &Path) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::Normal(part) => parts.push(part.to_str()?),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(text: &str) -> (String, LocationKind) {
        let location = location(text, Path::new("/etc/rf[mart]")).expect(text);
        (location.to_string(), location.kind)
    }

    fn refused(text: &str) -> String {
        location(text, Path::new("/etc/rfmart")).expect_err(text)
    }

    #[test]
    fn a_location_names_an_object_a_prefix_or_a_pattern() {
        let is = |text: &str, kind| (text.to_owned(), kind);
        assert_eq!(located("s3://exports/a/b.csv"), is("s3://exports/a/b.csv", LocationKind::Object));
        assert_eq!(located("s3://exports"), is("s3://exports/", LocationKind::Prefix));
        assert_eq!(located("gs://exports/匯出/100%/"), is("gs://exports/匯出/100%/", LocationKind::Prefix));
        assert_eq!(located("az://box/o-?.csv"), is("az://box/o-?.csv", LocationKind::Glob));
        assert_eq!(located("https://h:8443/a%20b.csv"), is("https://h:8443/a b.csv", LocationKind::Object));
        assert_eq!(located("file:///data/%E5%8C%AF/"), is("/data/匯/", LocationKind::Prefix));
        assert_eq!(located("file:///"), is("/", LocationKind::Prefix));
    }

    #[test]
    fn a_path_is_relative_to_the_pipelines_folder() {
        let is = |text: &str, kind| (text.to_owned(), kind);
        assert_eq!(located("data/./x.csv"), is("/etc/rf[mart]/data/x.csv", LocationKind::Object));
        assert_eq!(located("data/*.csv"), is("/etc/rf[[]mart[]]/data/*.csv", LocationKind::Glob));
        assert_eq!(located("../data/"), is("/etc/data/", LocationKind::Prefix));
        assert_eq!(located("/data/x.csv"), is("/data/x.csv", LocationKind::Object));
        assert_eq!(located(".."), is("/etc/", LocationKind::Prefix));
        assert_eq!(located("/"), is("/", LocationKind::Prefix));
    }

    #[test]
    fn a_message_shows_no_credentials() {
        for text in ["https://ann:hunter2@host/x.csv", "s3://hunter2@exports/", "s3://a:hunter2/x", "ann:hunter2://x"] {
            assert!(!refused(text).contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for text in [
            "",
            "s3://",
            "s3:///x",
            "s4://b/x",
            "~/x",
            "../../../x",
            "file://x",
            "https://",
            "https://h/",
            "https://h/*.csv",
            "https://h/x?y=1",
            "s3://b/a//b",
            "s3://b/../c",
            "s3://b/a**/c",
            "s3://b/[a",
            "s3://b/*/",
        ] {
            refused(text);
        }
    }
}
