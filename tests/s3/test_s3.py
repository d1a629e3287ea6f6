"""From an S3 bucket to an S3 bucket: the same bytes as from and to a folder, and no secret anywhere."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path

import boto3
import pytest
import rfmart
import synthetic

PIPELINE = rfmart.ROOT / "tests/real/synthetic.yaml"
AS_OF = synthetic.AS_OFS[0]
KEY_ID, SECRET = "AKIDOFTHETESTONLY", "not-a-secret-but-treated-as-one"


@pytest.fixture(scope="module")
def endpoint():
    """A moto server on a port of the system's choice, ended by its own process id."""
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        address = next(
            match[1] for line in server.stdout if (match := re.search(r"Running on (http://127\.0\.0\.1:\d+)", line))
        )
        drain = threading.Thread(target=server.stdout.read, daemon=True)
        drain.start()
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="module")
def client(endpoint):
    return boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s3") / "data"
    synthetic.prepare(folder)
    return folder


def upload(client, folder: Path, bucket: str, prefix: str) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            client.put_object(Bucket=bucket, Key=f"{prefix}/{path.relative_to(folder)}", Body=path.read_bytes())


def download(client, bucket: str, folder: Path) -> None:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for listed in page.get("Contents", []):
            path = folder / listed["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(client.get_object(Bucket=bucket, Key=listed["Key"])["Body"].read())


@pytest.fixture(scope="module")
def run_on_s3(client, endpoint, data, tmp_path_factory):
    """What the run said, and everything it left in its bucket."""
    client.create_bucket(Bucket="exports")
    client.create_bucket(Bucket="warehouse")
    upload(client, data, "exports", "night")
    env = {
        "S3_ENDPOINT": endpoint,
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "NO_PROXY": "127.0.0.1",
    }
    done = rfmart.publish(PIPELINE, AS_OF, "s3://exports/night", "s3://warehouse/marts", **env)
    folder = tmp_path_factory.mktemp("bucket")
    download(client, "warehouse", folder)
    return done, folder


def test_same_bytes_as_from_and_to_a_folder(run_on_s3, data, tmp_path):
    _, bucket = run_on_s3
    rfmart.publish(PIPELINE, AS_OF, data, tmp_path / "warehouse")
    rfmart.assert_same_bytes(tmp_path / "warehouse", bucket / "marts")


def test_one_commit(run_on_s3):
    _, bucket = run_on_s3
    assert [path.name for path in sorted((bucket / "marts/_rfmart/commits").iterdir())] == ["000001.json"]


def test_a_second_run_finds_itself_up_to_date(run_on_s3, client, endpoint):
    env = {
        "S3_ENDPOINT": endpoint,
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "NO_PROXY": "127.0.0.1",
    }
    before = {listed["Key"]: listed["ETag"] for listed in client.list_objects_v2(Bucket="warehouse")["Contents"]}
    rfmart.publish(PIPELINE, AS_OF, "s3://exports/night", "s3://warehouse/marts", **env)
    after = {listed["Key"]: listed["ETag"] for listed in client.list_objects_v2(Bucket="warehouse")["Contents"]}
    assert before == after


def test_inputs_are_left_alone(run_on_s3, client, data):
    keys = {listed["Key"].removeprefix("night/") for listed in client.list_objects_v2(Bucket="exports")["Contents"]}
    assert keys == {str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()}


def test_the_secret_is_nowhere(run_on_s3):
    done, bucket = run_on_s3
    assert SECRET not in done.stdout
    assert SECRET not in done.stderr
    assert not [path for path in bucket.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_the_secret_is_not_in_an_error(run_on_s3, endpoint):
    env = {
        "DATA": "s3://no-such-bucket",
        "WAREHOUSE": "s3://warehouse/other",
        "S3_ENDPOINT": endpoint,
        "NO_PROXY": "127.0.0.1",
    }
    failed = rfmart.call(
        "run", PIPELINE, "--as-of", AS_OF, "--allow-future", env=env | {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
    )
    assert failed.returncode not in (0, 70, 101), failed.stderr
    assert SECRET not in failed.stdout + failed.stderr
