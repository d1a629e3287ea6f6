"""What a store answers in place of what it was asked for, and signals between its answers: exit codes, messages, and
what readers see then."""

from __future__ import annotations

import random
import re
import signal
import time

import front
import pytest
import rfmart
import stores
from front import Answer, Request
from warehouse import DAYS, Bucket, Chain, Files

FIRST, DAY = DAYS[0], DAYS[1]
# What S3 quotes of whoever asked.
REFUSAL = f"<?xml version='1.0'?><Error><Code>AccessDenied</Code><AWSAccessKeyId>{stores.S3_KEY_ID}</AWSAccessKeyId></Error>"
PENDING, COMMIT = "/_rfmart/pending/", "/_rfmart/commits/"


def publish_one_table(chain: Chain) -> None:
    """The same for a night as for one of all tables, and sooner done."""
    file = chain.folder / "pipeline.yaml"
    file.write_text(file.read_text().replace("delta: true", "tables: [fct_customer_rfm]"))


@pytest.fixture(scope="module")
def fronted():
    """An S3 server, what stands in front of it, and its address."""
    with stores.started("s3") as store, front.before(store.env["S3_ENDPOINT"]) as (server, address):
        yield store, server, address


@pytest.fixture
def server(fronted):
    _, server, _ = fronted
    yield server
    server.answer, server.change = lambda _: None, lambda _, answer: answer


@pytest.fixture
def chain(fronted, tmp_path):
    """A chain from a bucket into another that has published its first day."""
    store, _, address = fronted
    name = "w" + re.sub("[^a-z0-9]", "", str(tmp_path).lower())[-40:]
    for bucket in (name, f"{name}-exports"):
        store.create(bucket)
    chain = Chain(tmp_path / "chain", f"s3://{name}/", Bucket(store, name), store.env | {"S3_ENDPOINT": address})
    publish_one_table(chain)
    store.put(f"{name}-exports", "1.csv", (chain.folder / "orders/1.csv").read_bytes())
    chain.env["ORDERS"] = f"s3://{name}-exports/*.csv"
    chain.succeed(FIRST)
    return chain


def seen(chain: Chain, day: str) -> list[str]:
    """Files of a day that readers see."""
    return [key for key in chain.files.keys() if f"/dt={day}/" in key]


def is_reading(request: Request) -> bool:
    return request.method == "GET" and request.key.endswith("-exports/1.csv")


def is_listing_inputs(request: Request) -> bool:
    return request.is_listing and request.key.endswith("-exports")


def is_listing_commits(request: Request) -> bool:
    return request.is_listing and request.query.rstrip("/").endswith("_rfmart/commits")


def is_uploading(request: Request) -> bool:
    return request.method in ("PUT", "POST") and PENDING in request.key


def is_committing(request: Request) -> bool:
    return request.method == "PUT" and COMMIT in request.key


def is_revealing(request: Request) -> bool:
    return request.method == "PUT" and f"/dt={DAY}/" in request.key


def answering(server: front.Front, concerned, answer: Answer) -> None:
    server.answer = lambda request: answer if concerned(request) else None


def assert_fails(chain: Chain, code: int, *told: str) -> None:
    """A night that fails, of which readers see nothing, and that shows nobody's key."""
    failed = chain.run(DAY)
    assert failed.returncode == code, failed.stderr
    for text in told:
        assert text in failed.stderr, failed.stderr
    assert failed.stdout == ""
    assert stores.S3_KEY_ID not in failed.stderr
    assert not seen(chain, DAY)


def assert_recovers(chain: Chain, server: front.Front) -> None:
    """The next nights, before which nobody does anything, leave nothing of the one before."""
    server.answer, server.change = lambda _: None, lambda _, answer: answer
    # The first takes the number of the one that failed, and so the second knows that nobody lives there.
    for _ in range(2):
        chain.succeed(DAY)
    chain.verify()
    assert seen(chain, DAY)


def always(chain: Chain) -> None:
    """Requests are tried again as often as rfmart does by itself."""
    file = chain.folder / "pipeline.yaml"
    file.write_text(file.read_text().replace('max_retries: "2"', 'max_retries: ""'))


# In place of an answer, and in place of one that the store has given.
UNWELL = (Answer(429), Answer(500), Answer(503), Answer(0))
LOST = Answer(0)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full)])
def test_a_fifth_of_all_requests_may_fail_and_a_tenth_of_all_answers_be_lost(chain, server, tmp_path, seed):
    undisturbed = Chain(tmp_path / "undisturbed", f"{tmp_path}/other/", Files(tmp_path / "other"))
    publish_one_table(undisturbed)
    always(chain)
    dice, failed = random.Random(seed), []

    def answer(request: Request) -> Answer | None:
        return failed.append(request) or dice.choice(UNWELL) if dice.random() < 0.2 else None

    server.answer = answer
    server.change = lambda _, answer: LOST if dice.random() < 0.1 else answer
    for day in DAYS:
        undisturbed.succeed(day)
        chain.succeed(day)
    server.answer, server.change = lambda _: None, lambda _, answer: answer
    assert len(failed) > 10
    assert chain.tables() == undisturbed.tables()
    assert [commit["as_of"] for commit in chain.commits()] == list(DAYS)
    chain.verify()


CREDENTIALS = "hint: the store refuses these credentials: see `storage` in the pipeline file"


@pytest.mark.parametrize(
    ("concerned", "told"),
    [
        (is_listing_inputs, "error: orders: can't list s3://"),
        (is_listing_commits, "error: can't list s3://"),
        (is_reading, "error: can't read s3://"),
        (is_uploading, "error: can't publish s3://"),
        (is_committing, "error: can't create the commit "),
    ],
)
def test_credentials_that_are_refused_exit_with_78(chain, server, concerned, told):
    answering(server, concerned, Answer(403, REFUSAL.encode()))
    assert_fails(chain, 78, told, "403 Forbidden", "<AWSAccessKeyId>…</AWSAccessKeyId>", CREDENTIALS)
    assert_recovers(chain, server)


@pytest.mark.parametrize("concerned", [is_listing_commits, is_reading, is_committing])
def test_a_bucket_of_another_region_exits_with_78(chain, server, concerned):
    # What S3 answers has no Location.
    body = b"<Error><Code>PermanentRedirect</Code></Error>"
    answering(server, concerned, Answer(301, body, {"x-amz-bucket-region": "eu-west-3"}))
    assert_fails(chain, 78, "hint: the bucket is in another region: set `region` under `storage` in the pipeline file")
    assert_recovers(chain, server)


@pytest.mark.parametrize("concerned", [is_reading, is_uploading, is_committing])
def test_a_conflict_exits_with_75(chain, server, concerned):
    answering(server, concerned, Answer(409, REFUSAL.encode()))
    told = ("409 Conflict", "hint: another run writes there, too: run again")
    if concerned is is_committing:
        told = ("error: another run writes commit 2\n", "hint: run again: it starts from what the other publishes")
    assert_fails(chain, 75, *told)
    assert_recovers(chain, server)


def is_looking_for_a_rival(request: Request) -> bool:
    return request.method == "HEAD" and COMMIT in request.key


@pytest.mark.parametrize("moment", [is_looking_for_a_rival, is_uploading, is_committing])
def test_a_run_whose_rival_publishes_after_its_look_exits_with_75(chain, server, tmp_path, moment):
    rival = chain.rival(tmp_path / "rival", 43)
    publish_one_table(rival)
    published = []

    def publish() -> None:
        server.answer, server.change = lambda _: None, lambda _, answer: answer
        published.append(rival.run(DAY))

    def before_it(request: Request) -> None:
        if moment(request) and moment is not is_looking_for_a_rival:
            publish()

    def after_it(request: Request, answer: Answer) -> Answer:
        if moment(request):
            publish()
        return answer

    server.answer, server.change = before_it, after_it
    failed = chain.run(DAY)
    assert [done.returncode for done in published] == [0], published
    assert failed.returncode == 75, failed.stderr
    assert failed.stderr.startswith(f"error: another run took commit 2: as of {DAY}\nhint: run again"), failed.stderr
    assert len(chain.commits()) == 2
    # Every file of the rival is as it was published.
    chain.verify()
    assert sorted(seen(chain, DAY)) == sorted(file["path"] for file in chain.commits()[1]["files"])


def test_an_outage_while_a_night_publishes_is_waited_for(chain, server):
    always(chain)
    back_at = []

    def answer(request: Request) -> Answer | None:
        if is_uploading(request) and not back_at:
            back_at.append(time.monotonic() + 10)
        return Answer(503) if back_at and time.monotonic() < back_at[0] else None

    server.answer = answer
    chain.succeed(DAY)
    assert back_at
    chain.verify()


def flipped(answer: Answer) -> Answer:
    """With another digit at the end of the last amount: still a good file."""
    digit = b"1" if answer.body[-2:-1] != b"1" else b"2"
    return Answer(answer.status, answer.body[:-2] + digit + answer.body[-1:], answer.headers)


def test_an_input_that_changes_on_its_way_exits_with_69(chain, server):
    reads = []

    def change(request: Request, answer: Answer) -> Answer:
        if not is_reading(request):
            return answer
        reads.append(request)
        return flipped(answer) if len(reads) == 1 else answer

    server.change = change
    assert_fails(chain, 69, "-exports/1.csv was damaged on its way here", "hint: run again")
    assert len(reads) == 2
    assert_recovers(chain, server)


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (is_uploading, signal.SIGTERM),
        (is_uploading, signal.SIGHUP),
        (is_committing, signal.SIGTERM),
        (is_revealing, signal.SIGTERM),
    ],
)
def test_a_signal_while_a_night_publishes(chain, server, moment, sent):
    heard = []

    def change(request: Request, answer: Answer) -> Answer:
        if moment(request) and not heard:
            heard.append(request)
            night.send_signal(sent)
            # What was asked for is done; its answer comes when the night is over, and so never.
            night.wait(timeout=120)
        return answer

    server.change = change
    night = chain.start(DAY)
    out, err = night.communicate(timeout=120)
    assert (night.returncode, out) == (75, ""), err
    told = "error: stopped by a signal\nhint: `rfmart runs` tells whether the snapshot was published\n"
    assert err == told
    assert heard
    is_committed = moment is not is_uploading
    assert len(chain.commits()) == 1 + is_committed
    assert not list((chain.folder / "work").iterdir())
    if moment is not is_revealing:
        assert not seen(chain, DAY)
    assert_recovers(chain, server)
    assert len(chain.commits()) == 2


# What a proxy that wants a password answers.
PAGE = Answer(200, b"<html><head><title>Sign in</title></head><body><p>Who are you?</p></body></html>")


# A client that finds no object in a page can't know that it is none. Inputs that are nowhere stop a run, and the commits
# that a page doesn't tell of are looked for.
@pytest.mark.parametrize(
    ("concerned", "code", "told"),
    [(is_listing_inputs, 65, "error: orders: nothing at s3://"), (is_listing_commits, 69, "error: can't list s3://")],
)
def test_an_answer_that_is_no_listing_is_no_empty_folder(chain, server, concerned, code, told):
    answering(server, concerned, PAGE)
    assert_fails(chain, code, told)
    assert_recovers(chain, server)


def without_the_last_record(answer: Answer) -> Answer:
    """A listing that ends too soon."""
    first, _, _ = answer.body.rpartition(b"<Contents>")
    return Answer(answer.status, first + b"</ListBucketResult>", answer.headers)


@pytest.mark.parametrize("spoil", [lambda _: PAGE, without_the_last_record], ids=["a page", "too short"])
def test_what_is_committed_is_never_left_over(chain, server, spoil):
    chain.succeed(DAY)
    before = chain.tables()
    server.change = lambda request, answer: spoil(answer) if is_listing_commits(request) else answer
    done = rfmart.call("gc", chain.folder / "pipeline.yaml", env=chain.env)
    assert chain.tables() == before, done.stdout
    assert done.returncode != 0
    assert_recovers(chain, server)
