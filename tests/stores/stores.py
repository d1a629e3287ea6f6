"""Object stores on loopback: S3 by moto, Azure by azurite, Google Cloud Storage by a fake, each ended by its test."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import boto3
import fake_gcs
import loopback
from azure.storage.blob import BlobServiceClient

KINDS = ("s3", "az", "gs")
S3_KEY_ID, S3_SECRET = "AKIDOFTHETESTONLY", "not-a-secret-but-treated-as-one"
# The account that every azurite has; its key is in azurite's documentation.
AZ_ACCOUNT = "devstoreaccount1"
AZ_SECRET = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class Store(Protocol):
    """A server with buckets. `env` is what rfmart needs to reach it, `secret` what it must never show of that."""

    scheme: str
    env: dict[str, str]
    secret: str

    def create(self, bucket: str) -> None: ...

    def put(self, bucket: str, key: str, content: bytes) -> None: ...

    def read(self, bucket: str, key: str) -> bytes: ...

    def tags(self, bucket: str) -> dict[str, str]:
        """Keys of all objects, with what changes when they are written."""
        ...


class S3:
    scheme, secret = "s3", S3_SECRET

    def __init__(self, endpoint: str):
        self.env = {
            "S3_ENDPOINT": endpoint,
            "AWS_ACCESS_KEY_ID": S3_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": S3_SECRET,
            "NO_PROXY": "127.0.0.1",
        }
        self.client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=S3_KEY_ID,
            aws_secret_access_key=S3_SECRET,
        )

    def create(self, bucket: str) -> None:
        self.client.create_bucket(Bucket=bucket)

    def put(self, bucket: str, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=bucket, Key=key, Body=content)

    def read(self, bucket: str, key: str) -> bytes:
        return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()

    def tags(self, bucket: str) -> dict[str, str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {listed["Key"]: listed["ETag"] for page in pages for listed in page.get("Contents", [])}


class Azure:
    scheme, secret = "az", AZ_SECRET

    def __init__(self, address: str):
        endpoint = f"{address}/{AZ_ACCOUNT}"
        self.env = {"AZ_ENDPOINT": endpoint, "AZ_ACCOUNT": AZ_ACCOUNT, "AZ_KEY": AZ_SECRET, "NO_PROXY": "127.0.0.1"}
        self.client = BlobServiceClient(endpoint, credential={"account_name": AZ_ACCOUNT, "account_key": AZ_SECRET})

    def create(self, bucket: str) -> None:
        self.client.create_container(bucket)

    def put(self, bucket: str, key: str, content: bytes) -> None:
        self.client.get_blob_client(bucket, key).upload_blob(content, overwrite=True)

    def read(self, bucket: str, key: str) -> bytes:
        return self.client.get_blob_client(bucket, key).download_blob().readall()

    def tags(self, bucket: str) -> dict[str, str]:
        return {blob.name: blob.etag for blob in self.client.get_container_client(bucket).list_blobs()}


class Google:
    scheme, secret = "gs", fake_gcs.SECRET

    def __init__(self, server: fake_gcs.Server, account: Path):
        self.server = server
        account.write_text(json.dumps(fake_gcs.account(server.address)))
        self.env = {"GS_ACCOUNT": str(account), "NO_PROXY": "127.0.0.1"}

    def create(self, bucket: str) -> None:
        self.server.buckets[bucket] = {}

    def put(self, bucket: str, key: str, content: bytes) -> None:
        self.server.put(bucket, key, content)

    def read(self, bucket: str, key: str) -> bytes:
        return self.server.buckets[bucket][key].content

    def tags(self, bucket: str) -> dict[str, str]:
        return {key: str(found.generation) for key, found in sorted(self.server.buckets[bucket].items())}


@contextlib.contextmanager
def started(kind: str) -> Iterator[Store]:
    """The store of a kind, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "gs":
            with loopback.serving(fake_gcs.Server()) as server:
                yield Google(server, Path(folder) / "account.json")
        elif kind == "az":
            azurite = os.environ["RFMART_AZURITE"]
            options = ["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--blobPort", "0"]
            with served(["node", azurite, *options], r"listens on (http://127\.0\.0\.1:\d+)") as address:
                yield Azure(address)
        else:
            command = [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
            with served(command, r"Running on (http://127\.0\.0\.1:\d+)") as address:
                yield S3(address)


@contextlib.contextmanager
def served(command: list[str], says: str) -> Iterator[str]:
    """The address that a server tells of on a port of the system's choice; it is ended by its own process id."""
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        address = next((match[1] for line in server.stdout if (match := re.search(says, line))), None)
        assert address, f"{command[0]} has ended without an address: exit code {server.wait()}"
        # Whoever writes to a full pipe waits for ever.
        threading.Thread(target=server.stdout.read, daemon=True).start()
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)
