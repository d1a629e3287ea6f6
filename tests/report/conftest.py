"""The chains, published once, and a browser."""

from __future__ import annotations

import browser as browsers
import chains
import pytest
import rfmart
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def browser():
    """Chromium."""
    with sync_playwright() as playwright:
        launched = browsers.launched(playwright)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo's pipeline."""
    return chains.demo(tmp_path_factory.mktemp("demo") / "demo")


@pytest.fixture(scope="session")
def closed(demo):
    """The page of the demo's last closed month."""
    return chains.written(demo, chains.CLOSED)


@pytest.fixture(scope="session")
def opening(demo):
    """The page of the demo's latest night."""
    return chains.written(demo, chains.OPEN)


@pytest.fixture(scope="session")
def fitted(demo):
    """The page of the month before that, whose value to come could be told."""
    return chains.written(demo, chains.FITTED)


@pytest.fixture(scope="session")
def large(tmp_path_factory):
    """The page of a chain of 120 branches and 36 months."""
    return chains.written(chains.large(tmp_path_factory.mktemp("large") / "large"), chains.CLOSED)


@pytest.fixture(scope="session")
def one_branch(tmp_path_factory):
    """The pipeline of one clinic, which has published July, and September, in which nobody came."""
    pipeline = chains.one_branch(tmp_path_factory.mktemp("one") / "one")
    for day in ("2026-07-31", "2026-09-30"):
        rfmart.succeed("run", pipeline, "--as-of", day, "--allow-future")
    return pipeline
