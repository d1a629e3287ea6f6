//! Threads that read don't wait for threads that they keep from being started.

use std::time::Duration;

use rfmart::observe::Quiet;
use rfmart::run::{Consent, Snapshot};
use rfmart::storage::Stores;

use crate::common::chain::{Chain, day};

#[test]
fn reading_goes_on_where_few_threads_may_wait_for_files() {
    let chain = Chain::new(
        "name: clinics\ntimezone: Asia/Taipei\ncurrency: TWD\nsources: {orders: {location: orders/, format: csv}}\n\
         publish: {location: warehouse/}\nlimits: {memory: 1GiB, target_partitions: 4}\n",
    );
    for number in 0..8 {
        let row = format!("A{number},c1,B1,2024-11-05,100\n");
        chain.write(&format!("orders/{number}.csv"), &format!("order_id,customer_id,branch_id,paid_at,amount\n{row}"));
    }
    let pipeline = chain.pipeline();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(2)
        .thread_stack_size(64 << 20)
        .enable_all()
        .build()
        .expect("a runtime");
    let consent = Consent::default();
    let stores = Stores::new(pipeline.storage.clone());
    let run = rfmart::run::run(&pipeline, &stores, Snapshot::new(&pipeline, day("2024-11-21")), &consent, &Quiet);
    // It would wait for ever.
    let read = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), run).await.map(drop) });
    let read_all = chain.path("warehouse").exists();
    runtime.shutdown_background();
    assert!(read.is_ok() && read_all);
}
