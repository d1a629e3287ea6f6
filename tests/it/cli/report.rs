//! `rfmart report`: a page of a published snapshot. What is on it is tested in a browser (tests/report).

use std::fs;

use super::{Folder, PIPELINE, RUN};

const REPORT: &[&str] = &["report", "pipeline.yaml"];

#[test]
fn the_latest_snapshot_is_told_of_unless_another_day_is_asked_for() {
    let folder = Folder::new(PIPELINE);
    folder.call(RUN).stdout();
    folder.call(&["run", "pipeline.yaml", "--as-of", "2024-11-10"]).stdout();
    let told = folder.call(REPORT).stdout();
    assert!(told.starts_with("Wrote clinics-2024-11-21.html ("), "{told}");
    assert!(told.ends_with("): the snapshot of 2024-11-21, commit 1\n"), "{told}");
    let earlier = folder.call(&[REPORT, &["--as-of", "2024-11-10", "--out", "earlier.html"]].concat()).stdout();
    assert!(earlier.starts_with("Wrote earlier.html ("), "{earlier}");
    let page = fs::read_to_string(folder.path("earlier.html")).expect("a page");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains(r#""as_of":"2024-11-10","period":"2024-11","period_kind":"month","is_period_end":false"#));
}

#[test]
fn the_same_snapshot_gives_the_same_page_in_place_of_the_one_that_is_there() {
    let folder = Folder::new(PIPELINE);
    folder.call(RUN).stdout();
    folder.call(REPORT).stdout();
    let first = fs::read(folder.path("clinics-2024-11-21.html")).expect("a page");
    folder.write("clinics-2024-11-21.html", "an old page");
    folder.call(REPORT).stdout();
    assert!(fs::read(folder.path("clinics-2024-11-21.html")).expect("a page") == first, "the bytes differ");
    assert_eq!(fs::read_dir(folder.path("")).expect("a folder").count(), 4, "nothing else is left");
}

#[test]
fn what_was_not_published_and_where_nothing_can_be_written_is_refused() {
    let folder = Folder::new(PIPELINE);
    folder.call(REPORT).assert_fails(64, "nothing has been published yet");
    folder.call(RUN).stdout();
    folder.call(&[REPORT, &["--as-of", "2024-11-20"]].concat()).assert_fails(64, "2024-11-20 isn't published");
    let nowhere = folder.call(&[REPORT, &["--out", "nowhere/page.html"]].concat());
    assert_eq!(nowhere.code, 73, "{}", nowhere.stderr);
    assert!(nowhere.stderr.starts_with("error: can't write nowhere/page.html\n"), "{}", nowhere.stderr);
}

#[test]
fn a_warehouse_whose_name_holds_what_means_something_in_a_url_is_read() {
    let folder = Folder::new(&PIPELINE.replace("warehouse/", "'ware house/100%/%2F#/台北/'"));
    folder.call(RUN).stdout();
    let told = folder.call(REPORT).stdout();
    assert!(told.starts_with("Wrote clinics-2024-11-21.html ("), "{told}");
}

#[test]
fn each_snapshot_gets_its_page_where_the_pipeline_says_so() {
    let folder = Folder::new(&PIPELINE.replace("publish: {", "publish: {report: true, "));
    folder.call(RUN).stdout();
    folder.call(&[REPORT, &["--out", "page.html"]].concat()).stdout();
    let asked_for = fs::read(folder.path("page.html")).expect("a page");
    let kept = folder.path("warehouse/_rfmart/report/2024-11-21-000001.html");
    assert!(fs::read(&kept).expect("a page") == asked_for);
    // The next run makes up for one that is gone.
    fs::remove_file(&kept).expect("a page");
    folder.call(RUN).stdout();
    assert!(fs::read(&kept).expect("a page") == asked_for);
    folder.call(&["verify", "pipeline.yaml"]).stdout();
}
