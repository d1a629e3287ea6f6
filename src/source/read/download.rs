//! An object's bytes on their way here, asked for anew from where they broke off.

use std::ops::ControlFlow;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, Result};
use tokio::sync::mpsc;
use tracing::debug;

/// Bytes as they came.
pub(super) type Chunk = Box<dyn AsRef<[u8]> + Send>;

/// The store's bytes as they come.
type Bytes = BoxStream<'static, Result<bytes::Bytes>>;

/// What fetches one version of an object.
///
/// A store's client tries one request again for a limited time, however much of it came. A large object over a slow line
/// takes longer: as long as each request brings something, another is made for the rest.
pub(super) struct Download {
    store: Arc<dyn ObjectStore>,
    location: Path,
    /// The version's tag; without one, other bytes could be taken for the rest.
    tag: Option<String>,
    /// Bytes that were passed on.
    position: u64,
    reader: mpsc::Sender<Result<Chunk>>,
}

impl Download {
    /// Of the version of `location` that has this strong tag, for whoever receives from `reader`.
    pub fn new(
        store: Arc<dyn ObjectStore>,
        location: Path,
        tag: Option<String>,
        reader: mpsc::Sender<Result<Chunk>>,
    ) -> Self {
        Download { store, location, tag, position: 0, reader }
    }

    /// Passes all bytes on, the first of them from `bytes`; or the error that ended it.
    pub async fn pass_on(mut self, mut bytes: Bytes) {
        loop {
            let began_at = self.position;
            let ControlFlow::Continue(cause) = self.pass_on_as_far_as_they_come(bytes).await else { return };
            let goes_on = self.position > began_at && self.tag.is_some();
            let rest = if goes_on { self.rest(&cause).await } else { Err(cause) };
            match rest {
                Ok(rest) => bytes = rest,
                Err(cause) => {
                    // The reader may have gone.
                    let _ = self.reader.send(Err(cause)).await;
                    return;
                }
            }
        }
    }

    /// Goes on with the error that broke it off; breaks if that was the end, or nobody reads any more.
    async fn pass_on_as_far_as_they_come(&mut self, mut bytes: Bytes) -> ControlFlow<(), object_store::Error> {
        while let Some(chunk) = bytes.next().await {
            match chunk {
                Ok(chunk) => {
                    self.position += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                    if self.reader.send(Ok(Box::new(chunk))).await.is_err() {
                        return ControlFlow::Break(());
                    }
                }
                Err(cause) => return ControlFlow::Continue(cause),
            }
        }
        ControlFlow::Break(())
    }

    async fn rest(&self, cause: &object_store::Error) -> Result<Bytes> {
        debug!(object = %self.location, position = self.position, "goes on after it broke off: {cause}");
        let range = Some(GetRange::Offset(self.position));
        let options = GetOptions { if_match: self.tag.clone(), range, ..GetOptions::default() };
        Ok(self.store.get_opts(&self.location, options).await?.into_stream())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::sync::atomic::{AtomicU64, Ordering};

    use object_store::memory::InMemory;
    use object_store::{
        CopyOptions, Error, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta, ObjectStoreExt,
        PutMultipartOptions, PutOptions, PutPayload, PutResult,
    };

    use super::*;

    const OBJECT: &[u8] = b"0123456789";

    /// A store whose answers break off after so many bytes.
    #[derive(Debug)]
    struct Breaking {
        store: InMemory,
        after: usize,
        asked: AtomicU64,
    }

    impl fmt::Display for Breaking {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Breaking")
        }
    }

    #[async_trait::async_trait]
    impl ObjectStore for Breaking {
        async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let answer = self.store.get_opts(location, options).await?;
            let (meta, range, attributes) = (answer.meta.clone(), answer.range.clone(), answer.attributes.clone());
            let bytes = answer.bytes().await?;
            let came = bytes.slice(..self.after.min(bytes.len()));
            let broke_off = (came.len() < bytes.len())
                .then(|| Err(Error::Generic { store: "breaking", source: "the line broke".into() }));
            let body = futures::stream::iter([Ok(came)].into_iter().chain(broke_off)).boxed();
            Ok(GetResult { payload: GetResultPayload::Stream(body), meta, range, attributes })
        }

        async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
            self.store.put_opts(location, payload, options).await
        }

        async fn put_multipart_opts(
            &self,
            at: &Path,
            options: PutMultipartOptions,
        ) -> Result<Box<dyn MultipartUpload>> {
            self.store.put_multipart_opts(at, options).await
        }

        fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
            self.store.delete_stream(locations)
        }

        fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
            self.store.list(prefix)
        }

        async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
            self.store.list_with_delimiter(prefix).await
        }

        async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
            self.store.copy_opts(from, to, options).await
        }
    }
    /// What a reader gets of an object whose answers break off after so many bytes, and how often the store was asked.
    fn read(after: usize, has_tag: bool) -> (Result<Vec<u8>>, u64) {
        let location = Path::from("orders.csv");
        let run = async {
            let store = Arc::new(Breaking { store: InMemory::new(), after, asked: AtomicU64::new(0) });
            store.put(&location, OBJECT.into()).await.expect("the object is put");
            let answer = store.get(&location).await.expect("an answer");
            let tag = answer.meta.e_tag.clone().filter(|_| has_tag);
            let (sender, mut chunks) = mpsc::channel(1);
            let download = Download::new(Arc::clone(&store) as _, location.clone(), tag, sender);
            tokio::spawn(download.pass_on(answer.into_stream()));
            let mut read = Vec::new();
            while let Some(chunk) = chunks.recv().await {
                match chunk {
                    Ok(chunk) => read.extend_from_slice((*chunk).as_ref()),
                    Err(cause) => return (Err(cause), store.asked.load(Ordering::Relaxed)),
                }
            }
            (Ok(read), store.asked.load(Ordering::Relaxed))
        };
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(run)
    }

    #[test]
    fn an_object_that_comes_in_pieces_is_read_to_its_end() {
        let (read, asked) = read(3, true);
        assert_eq!((read.expect("all of it"), asked), (OBJECT.to_vec(), 4));
    }

    #[test]
    fn nothing_is_asked_for_again_where_nothing_came() {
        let (read, asked) = read(0, true);
        assert!(read.is_err_and(|cause| cause.to_string().contains("the line broke")));
        assert_eq!(asked, 1);
    }

    #[test]
    fn an_object_without_a_tag_is_not_put_together() {
        let (read, asked) = read(3, false);
        assert!(read.is_err());
        assert_eq!(asked, 1);
    }
}
