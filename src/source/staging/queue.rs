//! What is left to be read, for several threads.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::source::list::FoundObject;
use crate::source::read::parquet::ParquetObject;
use crate::source::read::parts::Part;

/// What a thread takes from the queue.
pub(super) enum Task {
    /// To be read from beginning to end, or cut into parts.
    Object(FoundObject),
    Part(Arc<CutObject>, Part),
}

/// An object that is read in parts, and what its first rows told.
pub(super) struct CutObject {
    pub found: FoundObject,
    pub has_own_orders: bool,
    /// Of Parquet.
    pub parquet: Option<ParquetObject>,
}

/// Objects and parts that nobody has taken yet.
pub(super) struct Queue {
    left: Mutex<Left>,
    has_changed: Condvar,
}

struct Left {
    objects: VecDeque<FoundObject>,
    parts: VecDeque<(Arc<CutObject>, Part)>,
    /// Threads that are about to add parts.
    cutting: usize,
}

impl Queue {
    pub fn new(objects: Vec<FoundObject>) -> Self {
        let left = Left { objects: objects.into(), parts: VecDeque::new(), cutting: 0 };
        Queue { left: Mutex::new(left), has_changed: Condvar::new() }
    }

    /// The next task: parts first, so that an object is done before another is begun. None when there is nothing left,
    /// and nobody will add anything.
    pub fn next(&self) -> Option<Task> {
        let mut left = self.left();
        loop {
            if let Some((object, part)) = left.parts.pop_front() {
                return Some(Task::Part(object, part));
            }
            if let Some(object) = left.objects.pop_front() {
                return Some(Task::Object(object));
            }
            if left.cutting == 0 {
                return None;
            }
            left = self.has_changed.wait(left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Bytes of the objects that nobody has taken yet.
    pub fn bytes_left(&self) -> u64 {
        self.left().objects.iter().map(|found| found.meta.size).sum()
    }

    /// Lets other threads wait for parts until what is returned is dropped.
    pub fn cut(&self) -> Cutting<'_> {
        self.left().cutting += 1;
        Cutting(self)
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread's leave to add parts.
pub(super) struct Cutting<'a>(&'a Queue);

impl Cutting<'_> {
    /// Adds a part.
    pub fn add(&self, object: &Arc<CutObject>, part: Part) {
        self.0.left().parts.push_back((Arc::clone(object), part));
        self.0.has_changed.notify_one();
    }
}

impl Drop for Cutting<'_> {
    fn drop(&mut self) {
        self.0.left().cutting -= 1;
        self.0.has_changed.notify_all();
    }
}
