//! Publishing into a store that fails, loses its answer or damages what it is given, at each of its requests in turn.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{NaiveDate, Utc};
use futures::TryStreamExt;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result as StoreResult, UploadPart,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;
use crate::{Kind, Result};

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It isn't carried out, and neither is any that follows.
    Outage,
    /// It is carried out, its answer is lost, and nothing that follows is carried out.
    LostAnswer,
    /// It is carried out, its answer is lost, and the next one isn't carried out: nobody can tell what became of it.
    Hiccup,
    /// One byte of what is put changes on the way; all else goes well.
    FlippedByte,
}

/// A store in memory of which one request goes wrong.
#[derive(Debug)]
struct Faulty {
    store: InMemory,
    fault: Mutex<Option<(usize, Fault)>>,
    requests: AtomicUsize,
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faulty")
    }
}

fn outage() -> object_store::Error {
    object_store::Error::Generic { store: "test", source: "an outage".into() }
}

impl Faulty {
    fn new() -> Arc<Self> {
        Arc::new(Faulty { store: InMemory::new(), fault: Mutex::new(None), requests: AtomicUsize::new(0) })
    }

    /// From now on, request `number` goes wrong.
    fn break_at(&self, number: usize, fault: Fault) {
        self.requests.store(0, Ordering::SeqCst);
        *self.fault.lock().expect("a lock") = Some((number, fault));
    }

    fn mend(&self) {
        *self.fault.lock().expect("a lock") = None;
    }

    /// Counts a request, and says what goes wrong with it.
    fn next(&self) -> Option<Fault> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let (broken, fault) = (*self.fault.lock().expect("a lock"))?;
        match fault {
            Fault::FlippedByte => (number == broken).then_some(fault),
            Fault::LostAnswer | Fault::Hiccup if number == broken => Some(Fault::LostAnswer),
            Fault::Hiccup => (number == broken + 1).then_some(Fault::Outage),
            _ => (number >= broken).then_some(Fault::Outage),
        }
    }

    /// Carries a request out as its fault lets it.
    async fn request<T>(&self, carried_out: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
        match self.next() {
            Some(Fault::Outage) => Err(outage()),
            Some(Fault::LostAnswer | Fault::Hiccup) => carried_out.await.and(Err(outage())),
            Some(Fault::FlippedByte) | None => carried_out.await,
        }
    }
}

/// One request, in parts: what is put is held until it is complete.
#[derive(Debug)]
struct Upload {
    parts: Box<dyn MultipartUpload>,
    flips: bool,
}

#[async_trait::async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let mut bytes: Vec<u8> = data.iter().flatten().copied().collect();
        if let (true, Some(byte)) = (self.flips, bytes.first_mut()) {
            *byte ^= 1;
        }
        self.parts.put_part(bytes.into())
    }

    async fn complete(&mut self) -> StoreResult<PutResult> {
        self.parts.complete().await
    }

    async fn abort(&mut self) -> StoreResult<()> {
        self.parts.abort().await
    }
}

#[async_trait::async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> StoreResult<PutResult> {
        self.request(self.store.put_opts(location, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> StoreResult<Box<dyn MultipartUpload>> {
        let fault = self.next();
        if matches!(fault, Some(Fault::Outage | Fault::LostAnswer | Fault::Hiccup)) {
            return Err(outage());
        }
        let parts = self.store.put_multipart_opts(location, options).await?;
        Ok(Box::new(Upload { parts, flips: fault == Some(Fault::FlippedByte) }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> StoreResult<GetResult> {
        self.request(self.store.get_opts(location, options)).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, StoreResult<Path>>) -> BoxStream<'static, StoreResult<Path>> {
        match self.next() {
            Some(Fault::Outage) => Box::pin(futures::stream::once(async { Err(outage()) })),
            _ => self.store.delete_stream(locations),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, StoreResult<ObjectMeta>> {
        match self.next() {
            Some(Fault::FlippedByte) | None => self.store.list(prefix),
            Some(_) => Box::pin(futures::stream::once(async { Err(outage()) })),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> StoreResult<ListResult> {
        self.request(self.store.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> StoreResult<()> {
        self.request(self.store.copy_opts(from, to, options)).await
    }
}

/// A warehouse in such a store, and files to publish.
struct Bench {
    store: Arc<Faulty>,
    warehouse: Warehouse,
    work: TempDir,
}

impl Bench {
    fn new() -> Self {
        let store = Faulty::new();
        let warehouse = Warehouse::in_store(Arc::clone(&store) as Arc<dyn ObjectStore>);
        Bench { store, warehouse, work: tempfile::tempdir().expect("a folder") }
    }

    fn written(&self, table: &str, text: &str) -> WrittenTable {
        let path: PathBuf = self.work.path().join(format!("{table}-{text}"));
        std::fs::write(&path, text).expect("a file");
        let sha256 = format!("{:x}", Sha256::digest(text));
        WrittenTable { table: table.to_owned(), path, rows: 1, bytes: text.len() as u64, sha256, columns: Vec::new() }
    }

    /// A night: settles, and if the day isn't published so, publishes it and removes what it takes the place of.
    async fn night(&self, as_of: NaiveDate, text: &str) -> Result<()> {
        let history = self.warehouse.commits().read_all().await?;
        self.warehouse.settle(&history).await?;
        self.warehouse.remove_superseded(&history).await?;
        if history.of_day(as_of).is_some_and(|commit| commit.run_id == text) {
            return Ok(());
        }
        let commit = self.revealed(&history, as_of, text).await?;
        self.warehouse.remove_superseded_by(&commit).await
    }

    /// Uploads two tables whose bytes are `text`, commits and reveals them.
    async fn revealed(&self, history: &History, as_of: NaiveDate, text: &str) -> Result<Commit> {
        let attempt = Attempt::new(history.next_number())?;
        let mut commit = commit(&attempt, as_of, text);
        commit.restates = history.of_day(as_of).map(|earlier| Restated {
            number: earlier.number,
            reason: "anew".to_owned(),
            tables: Vec::new(),
            branches: Vec::new(),
        });
        for table in ["fct_a", "fct_b"] {
            let written = self.written(table, &format!("{table} {text}"));
            commit.files.push(self.warehouse.put_pending(&attempt, &written, as_of).await?);
        }
        commit.files.extend(self.warehouse.put_pending_records(&commit, history, self.work.path()).await?);
        self.warehouse.note_superseded(&commit, history).await?;
        self.warehouse.commit(&commit).await?;
        self.warehouse.reveal(&commit).await?;
        Ok(commit)
    }

    /// Keys and bytes of what readers see.
    async fn seen(&self) -> Vec<(String, bytes::Bytes)> {
        let mut seen = Vec::new();
        let listed: Vec<ObjectMeta> = self.store.store.list(None).try_collect().await.expect("a list");
        for object in listed.into_iter().filter(|object| object.location.as_ref().contains("/dt=")) {
            let bytes = self.store.store.get(&object.location).await.expect("an object").bytes().await;
            seen.push((object.location.to_string(), bytes.expect("bytes")));
        }
        seen.sort();
        seen
    }

    /// Whether what readers see is committed, and a day that `dim_snapshot` tells of has all its tables.
    async fn assert_whole(&self, what: &str) {
        let history = self.warehouse.commits().read_all().await.expect("a history");
        let seen = self.seen().await;
        for (key, bytes) in &seen {
            let key = key.strip_prefix("warehouse/").expect("a key");
            let files = || history.commits().iter().flat_map(|commit| &commit.files);
            let file = files().find(|file| file.path == key);
            let file = file.unwrap_or_else(|| panic!("{what}: {key} isn't committed"));
            assert_eq!(file.sha256, format!("{:x}", Sha256::digest(bytes)), "{what}: {key} is torn");
        }
        for commit in history.commits() {
            let there = |file: &PublishedFile| seen.iter().any(|(key, _)| key.ends_with(&file.path));
            let tells = commit.files.iter().filter(|file| file.table == DIM_SNAPSHOT).any(there);
            assert!(!tells || commit.files.iter().all(there), "{what}: commit {} isn't whole", commit.number);
        }
    }
}

fn commit(attempt: &Attempt, as_of: NaiveDate, run_id: &str) -> Commit {
    Commit {
        format: FORMAT,
        number: attempt.number,
        parent: None,
        run_id: run_id.to_owned(),
        nonce: attempt.nonce.clone(),
        pipeline: "test".to_owned(),
        as_of,
        period: "2026-11".to_owned(),
        is_period_end: false,
        committed_at: Utc::now(),
        rfmart_version: "0".to_owned(),
        policy_sha256: String::new(),
        currency: None,
        id_scheme: None,
        sql_sha256: String::new(),
        restates: None,
        inputs: Vec::new(),
        warnings: Vec::new(),
        rows: std::collections::BTreeMap::new(),
        stale: Stale::default(),
        prunes: Vec::new(),
        files: Vec::new(),
    }
}

/// Three nights of which the last restates the first, with `fault` at request `number` of the one that `broken` says.
/// Gives whether that night failed.
async fn nights(number: usize, fault: Fault, broken: usize) -> bool {
    let what = format!("{fault:?} at request {number} of night {broken}");
    let day = |day: u32| NaiveDate::from_ymd_opt(2026, 11, day).expect("a day");
    let plan = [(day(1), "one"), (day(2), "two"), (day(1), "one anew")];
    let (bench, clean) = (Bench::new(), Bench::new());
    let mut has_failed = false;
    for (place, (as_of, text)) in plan.into_iter().enumerate() {
        clean.night(as_of, text).await.expect("a night without faults");
        if place == broken {
            bench.store.break_at(number, fault);
            let outcome = bench.night(as_of, text).await;
            bench.store.mend();
            if let Err(error) = &outcome {
                assert_eq!(error.kind(), Kind::Storage, "{what}: {error}");
                has_failed = true;
            }
            bench.assert_whole(&what).await;
        }
        // As a scheduler does.
        bench.night(as_of, text).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        bench.assert_whole(&what).await;
    }
    let without_runs = |seen: Vec<(String, bytes::Bytes)>| {
        seen.into_iter().filter(|(key, _)| !key.contains("dim_snapshot")).collect::<Vec<_>>()
    };
    assert_eq!(without_runs(bench.seen().await), without_runs(clean.seen().await), "{what}");
    let history = bench.warehouse.commits().read_all().await.expect("a history");
    assert_eq!(history.commits().len(), 3, "{what}: each night is committed once");
    let findings = bench.warehouse.verify(&history, Depth::Bytes).await.expect("findings");
    assert_eq!(findings.faults, [], "{what}");
    has_failed
}

#[tokio::test]
async fn an_outage_or_a_lost_answer_at_any_request_does_no_harm() {
    for broken in 0..3 {
        for fault in [Fault::Outage, Fault::LostAnswer, Fault::Hiccup] {
            let mut number = 0;
            // As long as there is such a request.
            while nights(number, fault, broken).await || number < 20 {
                number += 1;
            }
            assert!(number > 20, "{number} requests of a night were broken");
        }
    }
}

#[tokio::test]
async fn nothing_is_left_over_of_a_restatement_that_is_still_to_be_finished() {
    let day = NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day");
    let bench = Bench::new();
    bench.night(day, "one").await.expect("a night");
    // Killed when its files are in place and the former ones still there.
    let history = bench.warehouse.commits().read_all().await.expect("a history");
    let restatement = bench.revealed(&history, day, "one anew").await.expect("a commit");
    let seen = bench.seen().await;
    assert_eq!(seen.len(), 7, "three tables with the former file and the new one, and dim_restatement");
    assert_eq!(bench.warehouse.remove_strays().await.expect("strays"), Vec::<String>::new());
    assert_eq!(bench.seen().await, seen);
    // The next run removes them.
    bench.warehouse.remove_superseded_by(&restatement).await.expect("a removal");
    assert_eq!(bench.seen().await.len(), 4);
}

#[tokio::test]
async fn a_byte_that_flips_on_the_way_is_never_committed() {
    let mut failed = 0;
    for number in 0..40 {
        failed += usize::from(nights(number, Fault::FlippedByte, 1).await);
    }
    // Of three files that are uploaded.
    assert_eq!(failed, 3);
}
