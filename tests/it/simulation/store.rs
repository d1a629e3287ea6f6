//! A store in memory as one run sees it: what the run asks for goes wrong as its seed says.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt};
use md5::{Digest, Md5};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use tokio::sync::watch;

use super::dice::Dice;
use super::reader::Reader;

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It isn't carried out.
    Refused,
    /// It is carried out, and its answer is lost.
    LostAnswer,
    /// The run dies: neither it nor any that follows is carried out.
    Killed,
    /// The run dies when it has been carried out.
    KilledAfter,
    /// The run is suspended before it, and goes on when another has ended.
    Suspended,
    /// Others come first.
    Delayed,
    /// Bytes at its end are lost, sent or received.
    Truncated,
    /// One byte is another, sent or received.
    FlippedByte,
    /// It is carried out twice, for the first answer was lost; a listing tells of each object twice.
    Doubled,
    /// A listing tells of some objects only.
    ShortListing,
    /// A listing lacks one object.
    LackingListing,
}

impl Fault {
    const ALL: [Fault; 11] = [
        Fault::Refused,
        Fault::LostAnswer,
        Fault::Killed,
        Fault::KilledAfter,
        Fault::Suspended,
        Fault::Delayed,
        Fault::Truncated,
        Fault::FlippedByte,
        Fault::Doubled,
        Fault::ShortListing,
        Fault::LackingListing,
    ];

    /// Whether it can happen to a request.
    fn is_of(self, request: Request) -> bool {
        match self {
            Fault::Truncated | Fault::FlippedByte => matches!(request, Request::Get | Request::Put),
            Fault::Doubled => !matches!(request, Request::Get),
            Fault::ShortListing | Fault::LackingListing => request == Request::List,
            _ => true,
        }
    }
}

/// What a run asks of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    Get,
    List,
    Put,
    Copy,
    Delete,
}

/// A request that went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    pub fault: Fault,
    /// Its number in the run, from 0.
    pub number: usize,
    /// What was asked for. It is read in logs.
    #[allow(dead_code, reason = "printed")]
    asked: String,
}

/// Requests of a run after which nothing goes wrong any more.
const REQUESTS: usize = 50;

/// The store as one run sees it.
#[derive(Clone)]
pub struct RoughStore(Arc<Seen>);

struct Seen {
    store: Arc<InMemory>,
    reader: Arc<Reader>,
    /// What is still to go wrong: each with the first request that it can happen to.
    planned: Mutex<Vec<(usize, Fault)>>,
    happened: Mutex<Vec<Failure>>,
    asked: AtomicUsize,
    is_dead: AtomicBool,
    is_suspended: watch::Sender<bool>,
}

impl RoughStore {
    /// A store where all goes well.
    pub fn calm(store: &Arc<InMemory>, reader: &Arc<Reader>) -> Self {
        Self::planned(store, reader, Vec::new())
    }

    /// A store where up to three things go wrong.
    pub fn rough(store: &Arc<InMemory>, reader: &Arc<Reader>, dice: &mut Dice) -> Self {
        let count = dice.one_of(&[0, 1, 1, 1, 1, 2, 2, 3]);
        let planned = (0..count).map(|_| (dice.below(REQUESTS), dice.one_of(&Fault::ALL))).collect();
        Self::planned(store, reader, planned)
    }

    /// A store where one thing goes wrong, at the first request from a number on, from 0, that it can happen to.
    pub fn failing_once(store: &Arc<InMemory>, reader: &Arc<Reader>, fault: Fault, request: usize) -> Self {
        Self::planned(store, reader, vec![(request, fault)])
    }

    fn planned(store: &Arc<InMemory>, reader: &Arc<Reader>, planned: Vec<(usize, Fault)>) -> Self {
        RoughStore(Arc::new(Seen {
            store: Arc::clone(store),
            reader: Arc::clone(reader),
            planned: Mutex::new(planned),
            happened: Mutex::default(),
            asked: AtomicUsize::new(0),
            is_dead: AtomicBool::new(false),
            is_suspended: watch::Sender::new(false),
        }))
    }

    /// What has gone wrong, and with what.
    pub fn happened(&self) -> Vec<Failure> {
        self.0.happened.lock().unwrap().clone()
    }

    /// Completes when the run has been suspended.
    pub async fn suspended(&self) {
        self.0.is_suspended.subscribe().wait_for(|is_suspended| *is_suspended).await.unwrap();
    }

    /// Lets a suspended run go on.
    pub fn resume(&self) {
        self.0.is_suspended.send_replace(false);
    }

    /// Counts a request, waits while the run is suspended, and says what goes wrong with it.
    async fn fault(&self, request: Request, key: &str) -> Option<Fault> {
        let number = self.0.asked.fetch_add(1, Ordering::SeqCst);
        if self.0.is_dead.load(Ordering::SeqCst) {
            return Some(Fault::Killed);
        }
        let fault = self.next_fault(number, request);
        if let Some(fault) = fault {
            self.0.happened.lock().unwrap().push(Failure { fault, number, asked: format!("{request:?} {key}") });
        }
        match fault {
            Some(Fault::Killed | Fault::KilledAfter) => self.0.is_dead.store(true, Ordering::SeqCst),
            Some(Fault::Suspended) => drop(self.0.is_suspended.send_replace(true)),
            Some(Fault::Delayed) => {
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
            }
            _ => {}
        }
        self.0.is_suspended.subscribe().wait_for(|is_suspended| !is_suspended).await.unwrap();
        fault
    }

    fn next_fault(&self, number: usize, request: Request) -> Option<Fault> {
        let mut planned = self.0.planned.lock().unwrap();
        let position = planned.iter().position(|(from, fault)| *from <= number && fault.is_of(request))?;
        Some(planned.swap_remove(position).1)
    }

    /// Carries out a request that changes something, and lets readers look at what there is then.
    async fn change<T, F>(&self, request: Request, key: &Path, carry_out: impl Fn(Option<Fault>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let fault = self.fault(request, key.as_ref()).await;
        let answer = match fault {
            Some(Fault::Refused | Fault::Killed) => return Err(outage()),
            Some(Fault::LostAnswer | Fault::KilledAfter) => carry_out(fault).await.and(Err(outage())),
            Some(Fault::Doubled) => {
                carry_out(fault).await?;
                carry_out(fault).await
            }
            _ => carry_out(fault).await,
        };
        self.0.reader.look(&self.0.store).await;
        answer
    }

    async fn listed(&self, prefix: Option<&Path>) -> Result<Vec<ObjectMeta>> {
        let fault = self.fault(Request::List, prefix.map_or("", |prefix| prefix.as_ref())).await;
        let mut listed: Vec<ObjectMeta> = self.0.store.list(prefix).try_collect().await?;
        for meta in listed.iter_mut().filter(|meta| is_export(&meta.location)) {
            meta.e_tag = Some(tag(&self.0.store.get(&meta.location).await?.bytes().await?));
        }
        match fault {
            Some(Fault::Refused | Fault::Killed | Fault::LostAnswer | Fault::KilledAfter) => return Err(outage()),
            // What is lost is what was there longest: nobody can know of an object that was never seen.
            Some(Fault::ShortListing) => drop(listed.drain(..listed.len().div_ceil(2))),
            Some(Fault::LackingListing) => drop(listed.drain(..listed.len().min(1))),
            Some(Fault::Doubled) => listed.extend(listed.clone()),
            _ => {}
        }
        Ok(listed)
    }
}

fn is_export(location: &Path) -> bool {
    location.as_ref().starts_with("exports/")
}

/// As S3 tags an object that came in one part.
fn tag(bytes: &[u8]) -> String {
    format!("\"{:x}\"", Md5::digest(bytes))
}

fn outage() -> Error {
    Error::Generic { store: "rough", source: "an outage".into() }
}

/// Bytes as `fault` leaves them.
fn spoiled(bytes: Bytes, fault: Option<Fault>) -> Bytes {
    let mut bytes = bytes.to_vec();
    match fault {
        Some(Fault::Truncated) => bytes.truncate(bytes.len() / 2),
        Some(Fault::FlippedByte) => {
            let middle = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(middle) {
                // A digit stays one: what is damaged this way can be read.
                *byte ^= 1;
            }
        }
        _ => {}
    }
    bytes.into()
}

fn sent(payload: &PutPayload, fault: Option<Fault>) -> PutPayload {
    spoiled(payload.iter().flatten().copied().collect(), fault).into()
}

impl fmt::Debug for RoughStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoughStore")
    }
}

impl fmt::Display for RoughStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoughStore")
    }
}

/// A file on its way, held until it is complete.
#[derive(Debug)]
struct Upload {
    key: Path,
    parts: Vec<u8>,
    store: RoughStore,
}

#[async_trait::async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.parts.extend(data.iter().flatten());
        async { Ok(()) }.boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let payload = PutPayload::from(std::mem::take(&mut self.parts));
        self.store.put_opts(&self.key, payload, PutOptions::default()).await
    }

    async fn abort(&mut self) -> Result<()> {
        Ok(())
    }
}

#[async_trait::async_trait]
impl ObjectStore for RoughStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let put = |fault| self.0.store.put_opts(location, sent(&payload, fault), options.clone());
        self.change(Request::Put, location, put).await
    }

    async fn put_multipart_opts(&self, location: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(Upload { key: location.clone(), parts: Vec::new(), store: self.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let fault = self.fault(Request::Get, location.as_ref()).await;
        if matches!(fault, Some(Fault::Refused | Fault::Killed | Fault::LostAnswer | Fault::KilledAfter)) {
            return Err(outage());
        }
        // The tag is this store's, and no export is ever replaced.
        let if_match = options.if_match.clone().filter(|_| !is_export(location));
        let answer = self.0.store.get_opts(location, GetOptions { if_match, ..options }).await?;
        let (meta, range, attributes) = (answer.meta.clone(), answer.range.clone(), answer.attributes.clone());
        let body = spoiled(answer.bytes().await?, fault);
        let payload = GetResultPayload::Stream(futures::stream::once(async { Ok(body) }).boxed());
        Ok(GetResult { payload, meta, range, attributes })
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let removed = locations.then(move |location| {
            let store = store.clone();
            async move {
                let location = location?;
                let remove = |_| store.0.store.delete(&location);
                store.change(Request::Delete, &location, remove).await.map(|()| location.clone())
            }
        });
        removed.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (store, prefix) = (self.clone(), prefix.cloned());
        let listed = async move { store.listed(prefix.as_ref()).await };
        futures::stream::once(listed).map_ok(|listed| futures::stream::iter(listed).map(Ok)).try_flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        match self.fault(Request::List, prefix.map_or("", |prefix| prefix.as_ref())).await {
            Some(Fault::Refused | Fault::Killed | Fault::LostAnswer | Fault::KilledAfter) => Err(outage()),
            _ => self.0.store.list_with_delimiter(prefix).await,
        }
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let copy = |_| self.0.store.copy_opts(from, to, options.clone());
        self.change(Request::Copy, to, copy).await
    }
}
