"""The demo that the tests of this folder read."""

from __future__ import annotations

import pytest
import rfmart


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """What `rfmart demo` makes: raw files, the pipeline and the warehouse."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    rfmart.succeed("demo", folder)
    return folder


@pytest.fixture(scope="session")
def warehouse(folder):
    """What `rfmart demo` publishes."""
    warehouse = folder / "warehouse"
    assert warehouse.is_dir(), f"no {warehouse}; there is {sorted(path.name for path in folder.iterdir())}"
    return warehouse
