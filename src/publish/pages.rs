//! Pages of snapshots, beside the commits. They are made of what is published, and can be made again at any time.

use super::commit::Commit;
use super::warehouse::Warehouse;
use crate::Result;

impl Warehouse {
    /// Whether the page of a commit is there.
    ///
    /// # Errors
    /// Storage that can't be reached.
    pub async fn has_page(&self, commit: &Commit) -> Result<bool> {
        Ok(self.size(&key(commit)).await?.is_some())
    }

    /// Puts the page of a commit beside it, unless there is one.
    ///
    /// # Errors
    /// A disk that can't be written; storage that fails.
    pub async fn put_page(&self, commit: &Commit, html: String) -> Result<()> {
        let key = key(commit);
        self.put_if_absent(&key, html.into_bytes(), || format!("can't write {}{key}", self.shown())).await?;
        Ok(())
    }
}

/// A day that is restated gets a page of another name: somebody may have been sent the one before.
fn key(commit: &Commit) -> String {
    format!("_rfmart/report/{}-{:06}.html", commit.as_of, commit.number)
}
