"""As much of Google Cloud Storage's XML API as a client that publishes needs: objects with generations, preconditions,
ranges, copies, uploads in parts, listings in pages. https://cloud.google.com/storage/docs/xml-api/reference-methods
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from loopback import QuietHandler, QuietServer

SECRET = "-----BEGIN PRIVATE KEY-----not-a-secret-but-treated-as-one"
# Small, so that a listing has several pages.
PAGE = 7


def account(address: str) -> dict[str, str | bool]:
    """A service account's file, for a server that asks for no token."""
    key = {"private_key": SECRET, "private_key_id": "", "client_email": "test@example.com"}
    return key | {"gcs_base_url": address, "disable_oauth": True}


@dataclass(frozen=True)
class Object:
    """An object as it was written."""

    content: bytes
    generation: int
    written_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def tag(self) -> str:
        return f'"{hashlib.md5(self.content).hexdigest()}"'


class Server(QuietServer):
    """Buckets by name, their objects by key."""

    def __init__(self):
        super().__init__(Handler)
        self.buckets: dict[str, dict[str, Object]] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.generations = itertools.count(1)
        self.changing = threading.Lock()

    def put(self, bucket: str, key: str, content: bytes, if_generation: str | None = None) -> Object | None:
        """None if another generation is there than was asked for; 0 is that of an object that isn't."""
        with self.changing:
            found = self.buckets[bucket].get(key)
            if if_generation is not None and int(if_generation) != (found.generation if found else 0):
                return None
            made = Object(content, next(self.generations))
            self.buckets[bucket][key] = made
            return made


class Handler(QuietHandler):
    server: Server

    def setup(self) -> None:
        super().setup()
        self.bucket = self.key = ""
        self.query: dict[str, str] = {}

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        address = urlsplit(self.path)
        self.bucket, _, key = address.path.removeprefix("/").partition("/")
        self.key = unquote(key)
        self.query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        return True

    def answer(self, status: HTTPStatus, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status: HTTPStatus, code: str) -> None:
        self.answer(status, f"<Error><Code>{code}</Code></Error>".encode())

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def objects(self) -> dict[str, Object] | None:
        """Those of the bucket; says that there is none."""
        found = self.server.buckets.get(self.bucket)
        if found is None:
            self.body()
            self.refuse(HTTPStatus.NOT_FOUND, "NoSuchBucket")
        return found

    def told(self, found: Object) -> dict[str, str]:
        modified = format_datetime(found.written_at, usegmt=True)
        return {"ETag": found.tag, "Last_Modified": modified, "x_goog_generation": str(found.generation)}

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        objects = self.objects()
        if objects is None:
            return
        if not self.key:
            self.list(objects)
            return
        found = objects.get(self.key)
        if found is None:
            self.refuse(HTTPStatus.NOT_FOUND, "NoSuchKey")
            return
        if self.headers.get("If-Match", found.tag) != found.tag:
            self.refuse(HTTPStatus.PRECONDITION_FAILED, "PreconditionFailed")
            return
        content, asked = found.content, self.headers.get("Range")
        if asked is None:
            # The client takes a HEAD's length for the object's.
            self.answer(HTTPStatus.OK, content, **self.told(found))
            return
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(content) - int(last))
        end = min(int(last) + 1, len(content)) if first and last else len(content)
        told = self.told(found) | {"Content_Range": f"bytes {start}-{end - 1}/{len(content)}"}
        self.answer(HTTPStatus.PARTIAL_CONTENT, content[start:end], **told)

    def list(self, objects: dict[str, Object]) -> None:
        prefix, delimiter = self.query.get("prefix", ""), self.query.get("delimiter")
        after = self.query.get("continuation-token") or self.query.get("start-after") or ""
        entries: dict[str, Object | None] = {}
        for key, found in objects.copy().items():
            folder, mark, _ = key.removeprefix(prefix).partition(delimiter) if delimiter else (key, "", "")
            if key.startswith(prefix):
                entries[prefix + folder + mark if mark else key] = None if mark else found
        names = sorted(name for name in entries if name > after)
        page = names[:PAGE]
        more = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if len(names) > PAGE else ""
        contents = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(found.content)}</Size><ETag>{escape(found.tag)}</ETag>"
            f"<LastModified>{found.written_at.isoformat()}</LastModified></Contents>"
            if (found := entries[name])
            else f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
            for name in page
        )
        self.answer(HTTPStatus.OK, f"<ListBucketResult>{more}{contents}</ListBucketResult>".encode())

    def do_PUT(self) -> None:
        if self.objects() is None:
            return
        content = self.body()
        if "uploadId" in self.query:
            self.server.uploads[self.query["uploadId"]][int(self.query["partNumber"])] = content
            self.answer(HTTPStatus.OK, ETag=f'"{hashlib.md5(content).hexdigest()}"')
            return
        source = self.headers.get("x-goog-copy-source")
        if source is not None:
            bucket, _, key = unquote(source).partition("/")
            found = self.server.buckets[bucket].get(key)
            if found is None:
                self.refuse(HTTPStatus.NOT_FOUND, "NoSuchKey")
                return
            content = found.content
        made = self.server.put(self.bucket, self.key, content, self.headers.get("x-goog-if-generation-match"))
        if made is None:
            self.refuse(HTTPStatus.PRECONDITION_FAILED, "PreconditionFailed")
        elif source is not None:
            self.answer(HTTPStatus.OK, b"<CopyObjectResult/>", **self.told(made))
        else:
            self.answer(HTTPStatus.OK, **self.told(made))

    def do_POST(self) -> None:
        if self.objects() is None:
            return
        body = self.body()
        if "uploads" in self.query:
            upload = f"upload-{next(self.server.generations)}"
            self.server.uploads[upload] = {}
            text = f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
            self.answer(HTTPStatus.OK, text.encode())
            return
        parts = self.server.uploads.pop(self.query["uploadId"])
        wanted = [int(part.text) for part in ElementTree.fromstring(body).iter("PartNumber")]
        made = self.server.put(self.bucket, self.key, b"".join(parts[number] for number in wanted))
        text = f"<CompleteMultipartUploadResult><ETag>{escape(made.tag)}</ETag></CompleteMultipartUploadResult>"
        self.answer(HTTPStatus.OK, text.encode(), **self.told(made))

    def do_DELETE(self) -> None:
        objects = self.objects()
        if objects is None:
            return
        if "uploadId" in self.query:
            gone = self.server.uploads.pop(self.query["uploadId"], None)
        else:
            with self.server.changing:
                gone = objects.pop(self.key, None)
        if gone is None:
            self.refuse(HTTPStatus.NOT_FOUND, "NoSuchKey")
        else:
            self.answer(HTTPStatus.NO_CONTENT)
