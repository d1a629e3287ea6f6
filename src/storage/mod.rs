//! Object stores by URL scheme, with retries, deadlines and the pipeline's options.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use object_store::ObjectStore;
use url::Url;

use crate::Result;
use crate::config::Secret;

/// Opens each store once and hands it out by URL.
pub struct Stores {
    options: BTreeMap<String, BTreeMap<String, Secret>>,
    open: Mutex<HashMap<Url, Arc<dyn ObjectStore>>>,
}

impl Stores {
    /// `options` per scheme, as in [`crate::config::Pipeline::storage`].
    pub fn new(options: BTreeMap<String, BTreeMap<String, Secret>>) -> Self {
        Stores { options, open: Mutex::new(HashMap::new()) }
    }

    /// The store whose root is `root` (see [`crate::config::Location::store`]).
    ///
    /// # Errors
    /// Configuration that the store refuses. No secret appears in the message.
    pub fn get(&self, _root: &Url) -> Result<Arc<dyn ObjectStore>> {
        let _ = (&self.options, &self.open);
        todo!("storage")
    }
}
