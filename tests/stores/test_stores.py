"""From a bucket to a bucket, on each kind of store: the same bytes as from and to a folder, and no secret anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rfmart
import stores
import synthetic

PIPELINE = rfmart.ROOT / "tests/real/synthetic.yaml"
AS_OF = synthetic.AS_OFS[0]
COMMIT = "marts/_rfmart/commits/000001.json"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores") / "data"
    synthetic.prepare(folder)
    return folder


def upload(store: stores.Store, folder: Path, bucket: str, prefix: str) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            store.put(bucket, f"{prefix}/{path.relative_to(folder)}", path.read_bytes())


def contents(store: stores.Store, bucket: str = "warehouse") -> dict[str, bytes]:
    """Every object of a bucket."""
    return {key: store.read(bucket, key) for key in store.tags(bucket)}


def download(store: stores.Store, bucket: str, folder: Path) -> None:
    for key, content in contents(store, bucket).items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def publish(store: stores.Store):
    return rfmart.publish(
        PIPELINE, AS_OF, f"{store.scheme}://exports/night", f"{store.scheme}://warehouse/marts", **store.env
    )


@pytest.fixture(scope="module")
def run_on_store(store, data, tmp_path_factory):
    """What the run said, and everything it left in its bucket."""
    store.create("exports")
    store.create("warehouse")
    upload(store, data, "exports", "night")
    done = publish(store)
    folder = tmp_path_factory.mktemp("bucket")
    download(store, "warehouse", folder)
    return done, folder


def test_same_bytes_as_from_and_to_a_folder(run_on_store, data, tmp_path):
    _, bucket = run_on_store
    rfmart.publish(PIPELINE, AS_OF, data, tmp_path / "warehouse")
    rfmart.assert_same_bytes(tmp_path / "warehouse", bucket / "marts")


def test_one_commit(run_on_store):
    _, bucket = run_on_store
    assert [path.name for path in sorted((bucket / "marts/_rfmart/commits").iterdir())] == ["000001.json"]


def test_nothing_waits_in_the_runs_own_place(run_on_store):
    _, bucket = run_on_store
    assert not list(bucket.rglob("pending/*"))


def test_a_second_run_finds_itself_up_to_date(run_on_store, store):
    before = store.tags("warehouse")
    publish(store)
    assert store.tags("warehouse") == before


def test_a_file_that_was_copied_and_is_still_in_its_own_place_is_finished(run_on_store, store):
    before = contents(store)
    commit = json.loads(before[COMMIT])
    waiting = f"marts/_rfmart/pending/{commit['number']:06}-{commit['nonce']}"
    copied, torn = (file for file in commit["files"] if file["table"] in ("fct_customer_rfm", "fct_lifecycle_snapshot"))
    for file in (copied, torn):
        store.put("warehouse", f"{waiting}/{file['table']}.parquet", before[f"marts/{file['path']}"])
    store.put("warehouse", f"marts/{torn['path']}", b"other bytes, of whatever came in between")
    publish(store)
    assert contents(store) == before


def test_repair_puts_a_record_file_right_and_sets_aside_what_is_damaged_twice(run_on_store, store):
    before = contents(store)
    files = {file["table"]: file["path"] for file in json.loads(before[COMMIT])["files"]}
    record, table = f"marts/{files['dim_snapshot']}", f"marts/{files['fct_customer_rfm']}"
    aside = f"marts/_rfmart/damaged/{files['fct_customer_rfm']}"
    places = {"DATA": f"{store.scheme}://exports/night", "WAREHOUSE": f"{store.scheme}://warehouse/marts"}
    for damage in (b"\0", b"\1"):
        damaged = {key: damage * len(before[key]) for key in (record, table)}
        for key, content in damaged.items():
            store.put("warehouse", key, content)
        rfmart.succeed("repair", PIPELINE, env=places | store.env)
        after = contents(store)
        assert after.pop(aside) == damaged[table]
        assert after == {key: content for key, content in before.items() if key != table}
        publish(store)
        assert {key: content for key, content in contents(store).items() if key != aside} == before


def test_inputs_are_left_alone(run_on_store, store, data):
    keys = {key.removeprefix("night/") for key in store.tags("exports")}
    assert keys == {str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()}


def test_the_report_is_that_of_the_same_files_on_disk(run_on_store, store, data, tmp_path):
    _, bucket = run_on_store
    pages = {"store.html": f"{store.scheme}://warehouse/marts", "disk.html": str(bucket / "marts")}
    for page, warehouse in pages.items():
        places = {"DATA": str(data), "WAREHOUSE": warehouse}
        rfmart.succeed("report", PIPELINE, "--as-of", str(AS_OF), "--out", tmp_path / page, env=places | store.env)
    html = (tmp_path / "store.html").read_text("utf-8")
    assert html == (tmp_path / "disk.html").read_text("utf-8")
    assert store.secret not in html


def test_the_secret_is_nowhere(run_on_store, store):
    done, bucket = run_on_store
    assert store.secret not in done.stdout
    assert store.secret not in done.stderr
    assert not [path for path in bucket.rglob("*") if path.is_file() and store.secret.encode() in path.read_bytes()]


def test_a_bucket_that_is_not_there_is_named_without_the_secret(run_on_store, store):
    places = {"DATA": f"{store.scheme}://exports/night", "WAREHOUSE": f"{store.scheme}://no-such-bucket/marts"}
    failed = rfmart.call("run", PIPELINE, "--as-of", AS_OF, "--allow-future", env=places | store.env)
    assert failed.returncode == 78, failed.stderr
    assert f"can't list {store.scheme}://no-such-bucket/marts/_rfmart/commits" in failed.stderr
    assert "hint: there is no such bucket" in failed.stderr
    assert store.secret not in failed.stdout + failed.stderr
