//! Exports that a run goes on without: the rows that were read of them last stand in.

use std::collections::BTreeMap;

/// Objects, and locations at which nothing is, by their URL, each with what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held(BTreeMap<String, String>);

impl Held {
    /// Adds the objects at `urls`; whether any of them is new.
    pub fn add(&mut self, urls: &[String], why: &str) -> bool {
        let before = self.0.len();
        for url in urls {
            self.0.entry(url.clone()).or_insert_with(|| why.to_owned());
        }
        self.0.len() > before
    }

    /// What is wrong with the object or location of this URL, if it is held.
    pub fn why(&self, url: &str) -> Option<&str> {
        self.0.get(url).map(String::as_str)
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
