"""Nights that are killed, suspended, or run beside each other: readers see whole snapshots, and the end is the same."""

from __future__ import annotations

import contextlib
import random
import re
import signal
import time

import pytest
import stores
from warehouse import DAYS, Bucket, Chain, Files, Reader

PUBLISHED, OVERTAKEN = 0, 75

# On the stores beyond these, the tests that take long run where all do.
QUICK = ("file", "s3")


@pytest.fixture(scope="module")
def servers():
    """The stores that were asked for, each started once."""
    with contextlib.ExitStack() as stack:
        running = {}

        def store(kind: str) -> stores.Store:
            if kind not in running:
                running[kind] = stack.enter_context(stores.started(kind))
            return running[kind]

        yield store


@pytest.fixture
def chain(request, servers, tmp_path):
    """A chain that publishes to a folder or to a bucket of its own."""
    if request.param == "file":
        return Chain(tmp_path / "chain", f"{tmp_path}/warehouse/", Files(tmp_path / "warehouse"))
    store = servers(request.param)
    bucket = "w" + re.sub("[^a-z0-9]", "", str(tmp_path).lower())[-40:]
    store.create(bucket)
    return Chain(tmp_path / "chain", f"{store.scheme}://{bucket}/", Bucket(store, bucket), store.env)


on_a_few_stores = pytest.mark.parametrize("chain", QUICK, indirect=True)
on_every_store = pytest.mark.parametrize("chain", ("file", *stores.KINDS), indirect=True)


@pytest.fixture
def undisturbed(tmp_path):
    """The tables of the same nights when nothing happens to them."""
    chain = Chain(tmp_path / "undisturbed", f"{tmp_path}/other/", Files(tmp_path / "other"))
    for day in DAYS:
        chain.succeed(day)
    return chain.tables()


def finish(chain: Chain) -> None:
    """As a scheduler does: every day again, until it is published."""
    for day in DAYS:
        chain.succeed(day)
    chain.verify()


def night_seconds(chain: Chain) -> float:
    """What a night takes; it publishes the first day."""
    start = time.monotonic()
    chain.succeed(DAYS[0])
    return time.monotonic() - start


def kill_nights(chain: Chain, count: int, seed: int) -> list[int]:
    """Ends nights at random points, and gives their exit codes."""
    dice, seconds, codes = random.Random(seed), night_seconds(chain), []
    for number in range(count):
        night = chain.start(DAYS[1 + number % 2])
        time.sleep(dice.uniform(0, 1.1 * seconds))
        night.send_signal(signal.SIGKILL)
        night.communicate()
        codes.append(night.returncode)
    return codes


def assert_kills_do_no_harm(chain: Chain, undisturbed: dict[str, str], count: int, seed: int) -> None:
    with Reader(chain) as reader:
        codes = kill_nights(chain, count, seed)
        finish(chain)
    assert -signal.SIGKILL in codes
    assert reader.looks > 0
    assert not reader.faults, f"seed {seed}: {reader.faults[:10]}"
    assert chain.tables() == undisturbed, f"seed {seed}"


@on_a_few_stores
def test_nights_that_are_killed_leave_nothing_that_readers_see(chain, undisturbed):
    assert_kills_do_no_harm(chain, undisturbed, 6, seed=1)


@pytest.mark.full
@on_every_store
def test_two_hundred_nights_that_are_killed(chain, undisturbed):
    assert_kills_do_no_harm(chain, undisturbed, 200, seed=2)


def suspend(chain: Chain, day: str, seconds: float, beside) -> tuple[int, str]:
    """Suspends a night at some point, does something beside it, wakes it, and gives its exit code and what it said."""
    night = chain.start(day)
    time.sleep(seconds)
    night.send_signal(signal.SIGSTOP)
    beside()
    night.send_signal(signal.SIGCONT)
    _, err = night.communicate(timeout=120)
    return night.returncode, err


def assert_suspension_does_no_harm(chain: Chain, count: int, seed: int) -> None:
    dice, seconds = random.Random(seed), night_seconds(chain)
    for number in range(count):
        # The rival reads other rows, and so publishes other tables of the very day.
        day = f"2026-11-{2 + number:02}"
        customers = 41 + number

        def rival(day=day, customers=customers):
            chain.write_orders(customers)
            done = chain.run(day, "--restate", "--reason", "a rival's rows")
            assert done.returncode == PUBLISHED, done.stderr

        code, err = suspend(chain, day, dice.uniform(0, 1.05 * seconds), rival)
        # 65: it woke before it had looked, and found the rival's snapshot of other rows.
        has_met_other_rows = code == 69 and "while it was read" in err
        assert code in (PUBLISHED, OVERTAKEN, 65) or has_met_other_rows, f"seed {seed}, night {number}: exit code {code}\n{err}"
        chain.succeed(DAYS[0], "--restate", "--reason", "rows of the rival")
        chain.verify()


@on_a_few_stores
def test_a_night_that_was_suspended_takes_nothing_from_its_rival(chain):
    assert_suspension_does_no_harm(chain, 4, seed=3)


@pytest.mark.full
@on_every_store
def test_twenty_nights_that_were_suspended(chain):
    assert_suspension_does_no_harm(chain, 20, seed=4)


@on_every_store
@pytest.mark.parametrize("count", [pytest.param(2, marks=pytest.mark.full), 8])
def test_nights_beside_each_other_publish_each_day_once(chain, undisturbed, count):
    with Reader(chain) as reader:
        nights = [chain.start(DAYS[number % len(DAYS)]) for number in range(count)]
        codes = []
        for night in nights:
            _, err = night.communicate(timeout=300)
            codes.append(night.returncode)
            assert night.returncode in (PUBLISHED, OVERTAKEN), err
        finish(chain)
    assert PUBLISHED in codes
    assert not reader.faults, reader.faults[:10]
    assert chain.tables() == undisturbed
    days = [commit["as_of"] for commit in chain.commits()]
    assert sorted(days) == sorted(DAYS), days


@on_a_few_stores
@pytest.mark.parametrize("days", [1, 2])
@pytest.mark.parametrize("count", [2, pytest.param(8, marks=pytest.mark.full)])
def test_nights_of_other_rows_beside_each_other_publish_each_day_once(chain, tmp_path, count, days):
    rivals = [chain.rival(tmp_path / f"rival{number}", 30 + number) for number in range(count)]
    with Reader(chain) as reader:
        nights = [rival.start(DAYS[number % days]) for number, rival in enumerate(rivals)]
        ended = [(night.communicate(timeout=300)[1], night.returncode) for night in nights]
    # 65: it found the day published, from other rows.
    assert all(code in (PUBLISHED, OVERTAKEN, 65) for _, code in ended), ended
    assert PUBLISHED in [code for _, code in ended]
    assert not reader.faults, reader.faults[:10]
    commits = chain.commits()
    of_days = [commit["as_of"] for commit in commits]
    assert len(set(of_days)) == len(of_days) <= days, of_days
    chain.succeed(DAYS[2])
    chain.verify()
    assert chain.tables().keys() >= {file["path"] for commit in commits for file in commit["files"] if file["table"] == "fct_customer_rfm"}
