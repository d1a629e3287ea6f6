"""The demo, and Superset over it, both made once."""

from __future__ import annotations

import sys

import pytest
import rfmart

sys.path.insert(0, str(rfmart.ROOT / "deploy/superset"))
sys.path.insert(0, str(rfmart.ROOT / "tests/report"))

import browser as browsers
import chains
import served
from playwright.sync_api import sync_playwright


def pytest_configure(config):
    config.addinivalue_line("markers", "full: takes long, and rarely finds what others don't")


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo's pipeline, with the closed months of a year."""
    return chains.demo(tmp_path_factory.mktemp("demo") / "demo")


@pytest.fixture(scope="session")
def superset(demo, tmp_path_factory):
    """Superset with the dashboard, as deploy/superset/run.sh serves it."""
    with served.superset(demo, tmp_path_factory.mktemp("superset")) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """Chromium."""
    with sync_playwright() as playwright:
        launched = browsers.launched(playwright)
        yield launched
        launched.close()
