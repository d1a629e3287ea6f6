"""What a power failure leaves of a local warehouse: files, record and folders are synced, and in that order."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from warehouse import DAYS, Chain, Files

# Notes what is synced, linked and renamed, each once it is done.
NOTES = """\
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(const char *what, const char *path) {
    int file = open(getenv("NOTES"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    dprintf(file, "%s %s\\n", what, path);
    close(file);
}

static int synced(long call, int file) {
    char name[64], path[4096];
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t length = readlink(name, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    int done = syscall(call, file);
    note("sync", path);
    return done;
}

int fsync(int file) { return synced(SYS_fsync, file); }
int fdatasync(int file) { return synced(SYS_fdatasync, file); }

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    int done = syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
    note("link", to);
    return done;
}

int rename(const char *from, const char *to) {
    int done = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    note("rename", to);
    return done;
}
"""


@pytest.fixture(scope="module")
def night(tmp_path_factory) -> tuple[Chain, list[tuple[str, str]]]:
    """A night, and what it did in its warehouse, with paths from there."""
    folder = tmp_path_factory.mktemp("durable")
    (folder / "notes.c").write_text(NOTES)
    library = folder / "notes.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, folder / "notes.c"], check=True)
    chain = Chain(folder / "chain", f"{folder}/warehouse/", Files(folder / "warehouse"))
    chain.env |= {"LD_PRELOAD": str(library), "NOTES": str(folder / "notes")}
    chain.succeed(DAYS[0])
    root = chain.location.rstrip("/")
    notes = [line.split(" ", 1) for line in (folder / "notes").read_text().splitlines()]
    return chain, [(what, os.path.relpath(path, root)) for what, path in notes if path.startswith(root)]


def test_every_file_is_synced_before_its_commit(night):
    chain, notes = night
    commit = notes.index(("link", "_rfmart/commits/000001.json"))
    synced = {path for what, path in notes[:commit] if what == "sync"}
    [record] = chain.commits()
    place = f"_rfmart/pending/000001-{record['nonce']}"
    missing = {f"{place}/{file['table']}.parquet" for file in record["files"]} - synced
    assert record["files"]
    assert not missing


def test_the_record_is_synced_before_it_has_its_name_and_its_folder_after(night):
    _, notes = night
    commit = notes.index(("link", "_rfmart/commits/000001.json"))
    what, path = notes[commit - 1]
    assert what == "sync"
    assert Path(path).parent == Path("_rfmart/commits")
    assert ("sync", "_rfmart/commits") in notes[commit + 1 :]


def test_folders_are_synced_after_files_have_come_into_them(night):
    chain, notes = night
    [record] = chain.commits()
    for file in record["files"]:
        moved = notes.index(("rename", file["path"]))
        after = {path for what, path in notes[moved + 1 :] if what == "sync"}
        for folder in Path(file["path"]).parents:
            assert str(folder) in after, f"{folder} after {file['path']}"
