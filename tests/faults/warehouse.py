"""A tiny chain whose nights can be killed, stopped and run beside each other, and what has to hold of its warehouse."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import threading
from pathlib import Path

import rfmart
from deltalake import DeltaTable
from stores import Store

PIPELINE = """\
name: tiny
timezone: Asia/Taipei
currency: TWD
sources:
  orders: {location: "${ORDERS}"}
publish: {location: "${WAREHOUSE}", delta: true}
storage:
  s3: {endpoint: "${S3_ENDPOINT:-}", region: us-east-1, allow_http: "true", max_retries: "2"}
  az:
    endpoint: "${AZ_ENDPOINT:-}"
    account_name: "${AZ_ACCOUNT:-}"
    account_key: "${AZ_KEY:-}"
    allow_http: "true"
    max_retries: "2"
  gs: {service_account: "${GS_ACCOUNT:-}", allow_http: "true", max_retries: "2"}
limits: {memory: 1GiB, target_partitions: 1, work_dir: "${WORK}"}
"""
HEADER = "order_id,customer_id,branch_id,paid_at,amount"
DAYS = ("2026-10-30", "2026-10-31", "2026-11-01")


class Chain:
    """A pipeline over a few orders. It publishes to `location`, which `files` reads as whoever looks from outside."""

    def __init__(self, folder: Path, location: str, files: Files, env: dict[str, str] | None = None):
        self.folder, self.location, self.files = folder, location, files
        folder.mkdir(parents=True)
        (folder / "pipeline.yaml").write_text(PIPELINE)
        self.write_orders(40)
        names = {"ORDERS": str(folder / "orders/*.csv"), "WAREHOUSE": location, "WORK": str(folder / "work")}
        self.keys = env or {}
        self.env = names | self.keys

    def rival(self, folder: Path, customers: int) -> Chain:
        """The same chain from somewhere else, with orders of its own, that publishes to the same place."""
        rival = Chain(folder, self.location, self.files, self.keys)
        rival.write_orders(customers)
        return rival

    def write_orders(self, customers: int) -> None:
        """Orders of so many customers: other numbers make other tables."""
        rows = [
            f"{customer}-{month},c{customer},B{customer % 3},2026-{month:02}-{1 + customer % 28:02},{100 + customer}"
            for customer in range(customers)
            for month in range(4, 11)
        ]
        (self.folder / "orders").mkdir(exist_ok=True)
        (self.folder / "orders/1.csv").write_text("\n".join([HEADER, *rows, ""]))

    def start(self, day: str, *options: str) -> subprocess.Popen[str]:
        """A night that goes on beside the caller."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "S3_"))}
        command = [str(rfmart.BINARY), "run", str(self.folder / "pipeline.yaml"), "--as-of", day, "--allow-future"]
        pipe = subprocess.PIPE
        return subprocess.Popen([*command, *options], env=environment | self.env, stdout=pipe, stderr=pipe, text=True)

    def run(self, day: str, *options: str) -> subprocess.CompletedProcess[str]:
        """A night to its end, whatever that is."""
        night = self.start(day, *options)
        out, err = night.communicate(timeout=rfmart.TIMEOUT_S)
        return subprocess.CompletedProcess(night.args, night.returncode, out, err)

    def succeed(self, day: str, *options: str) -> None:
        done = self.run(day, *options)
        assert done.returncode == 0, f"{day}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"

    def verify(self) -> None:
        """All that was committed is there as it was published, and nothing else is."""
        rfmart.succeed("verify", self.folder / "pipeline.yaml", env=self.env)
        left = [key for key in self.files.keys() if key.startswith("_rfmart/pending/")]
        assert not left, left

    def tables(self) -> dict[str, str]:
        """What readers see: the hash of every file of a table, by its key; without those that tell of runs."""
        keys = [key for key in self.files.keys() if "/dt=" in key and not key.startswith(("_", "dim_snapshot/", "dim_restatement/"))]
        return {key: hashlib.sha256(self.files.read(key)).hexdigest() for key in keys}

    def commits(self) -> list[dict]:
        keys = sorted(key for key in self.files.keys() if key.startswith("_rfmart/commits/") and key.endswith(".json"))
        return [json.loads(self.files.read(key)) for key in keys]


class Files:
    """A local warehouse as a list of keys."""

    def __init__(self, folder: Path):
        self.folder = folder

    def keys(self) -> list[str]:
        found = []
        for folder, _, names in os.walk(self.folder):
            found += [str((Path(folder) / name).relative_to(self.folder)) for name in names]
        return found

    def read(self, key: str) -> bytes:
        return (self.folder / key).read_bytes()


class Bucket(Files):
    """A warehouse in a bucket."""

    def __init__(self, store: Store, bucket: str):
        self.store, self.bucket = store, bucket

    def keys(self) -> list[str]:
        return list(self.store.tags(self.bucket))

    def read(self, key: str) -> bytes:
        return self.store.read(self.bucket, key)


class Reader:
    """Looks at the warehouse over and over, as a plain glob does, until it is told to stop.

    Whatever it sees must be committed; whatever day `dim_snapshot` tells of must have all its tables, whole.
    """

    def __init__(self, chain: Chain):
        self.chain, self.faults, self.looks = chain, [], 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def __enter__(self) -> Reader:
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stopped.set()
        self.thread.join()

    def _look(self) -> None:
        try:
            self._look_until_stopped()
        except Exception as cause:  # An error in a thread of its own would be nobody's.
            self.faults.append(repr(cause))

    def _look_until_stopped(self) -> None:
        while not self.stopped.is_set():
            # What tells of days is asked first: a day may come while its tables are being listed.
            told = self._parts()
            seen = self._parts()
            commits = self.chain.commits()
            committed = {file["path"] for commit in commits for file in commit["files"]}
            self.faults += [f"uncommitted: {key}" for key in seen - committed]
            for commit in commits:
                files = {file["path"]: file for file in commit["files"]}
                rows = {key for key in files if key.startswith("dim_snapshot/")}
                if rows <= told:
                    self.faults += [f"{min(rows)} is there without {key}" for key in files.keys() - seen]
                    self.faults += [f"torn: {key}" for key in files if self._is_torn(key, files[key]["sha256"])]
            self._look_by_logs({file["path"]: file["sha256"] for commit in commits for file in commit["files"]})
            self.looks += 1

    def _parts(self) -> set[str]:
        return {key for key in self.chain.files.keys() if "/dt=" in key and key.endswith(".parquet")}

    def _look_by_logs(self, committed: dict[str, str]) -> None:
        """What Delta logs name is committed by then or since, there, and whole."""
        folder = Path(self.chain.location)
        for table in ("fct_customer_rfm", "fct_period_summary"):
            if not any((folder / table / "_delta_log").glob("*.json")):
                continue
            for uri in DeltaTable(str(folder / table)).file_uris():
                key = str(Path(uri.removeprefix("file://")).relative_to(folder))
                sha256 = committed.get(key) or self._committed(key)
                if sha256 is None or self._is_torn(key, sha256):
                    self.faults.append(f"by its log: {key}")

    def _committed(self, key: str) -> str | None:
        files = [file for commit in self.chain.commits() for file in commit["files"]]
        return next((file["sha256"] for file in files if file["path"] == key), None)

    def _is_torn(self, key: str, sha256: str) -> bool:
        return hashlib.sha256(self.chain.files.read(key)).hexdigest() != sha256
