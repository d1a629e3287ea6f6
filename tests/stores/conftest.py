"""A server for each kind of store, for as long as a module's tests need it."""

from __future__ import annotations

import pytest
import stores


@pytest.fixture(scope="module", params=stores.KINDS)
def store(request):
    with stores.started(request.param) as store:
        yield store
