"""tests/questions.sql over the demo's published tables gives what readers/answers.sql works out from the raw files."""

from __future__ import annotations

import math
import re
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import demo
import duckdb
import oracle
import pytest
import rfmart

HERE = Path(__file__).parent
QUESTIONS = HERE.parent / "questions.sql"
ANSWERS = HERE / "answers.sql"
SEEDS = rfmart.ROOT / "sql/seeds"
LAST_CLOSED = date(2026, 10, 31)
OPENING = date(2026, 9, 30)
# The ends of the months asked about and of the one before, and 90 days before the last.
KNOWN_DAYS = [date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31), OPENING, LAST_CLOSED, date(2026, 8, 2)]
# As in the demo's pipeline.yaml.
HOLD_OUT = (0.2, "aurora", date(2024, 9, 16))
TIERS = {"silver": 60_000, "gold": 150_000, "diamond": 400_000}
# The shell line of the file's head that makes a view of each table.
RECIPE = re.compile(r'duckdb -cmd "\$\((.*)\)"')
FEWEST_ROWS = 3
MOST_LINES = 20


def queries(path: Path) -> tuple[list[str], dict[str, str]]:
    """A file's create statements, and its queries by the first line of their comment."""
    created, titled = [], {}
    for statement in path.read_text().split(";\n"):
        if re.search("^create ", statement, re.MULTILINE):
            created.append(statement)
        elif statement.strip():
            title, query = re.split("(?:^|\n)\n-- ", statement)[-1].split("\n", 1)
            titled[title] = query
    return created, titled


_, QUESTION = queries(QUESTIONS)
STEPS, ANSWER = queries(ANSWERS)


@pytest.fixture(scope="session")
def raw(folder):
    """The demo's raw rows and what the answers need of them."""
    con = demo.load(folder)
    policy = oracle.Policy(hold_out=HOLD_OUT, vip_tiers=TIERS)
    for month, day in {"september": OPENING, "october": LAST_CLOSED}.items():
        oracle.compute(con, policy, day)
        con.execute(f"create table {month} as from want_fct_customer_rfm where scope = 'chain'")
    oracle.set_policy(con, oracle.Policy(), LAST_CLOSED)
    con.executemany("insert into known_day values (?)", [[day] for day in KNOWN_DAYS])
    con.execute((oracle.HERE / "stages.sql").read_text())
    for seed in ("action", "segment"):
        con.execute(f"create table seed_{seed} as from read_csv('{SEEDS}/seed_{seed}.csv')")
    # Some of the oracle's own tables have the same names.
    con.execute("create schema answers; set search_path = 'answers,main'")
    for step in STEPS:
        con.execute(step)
    return con


@pytest.fixture(scope="session")
def published(warehouse):
    """The views that the head of questions.sql makes, and nothing else."""
    loop = RECIPE.search(QUESTIONS.read_text())
    assert loop, f"{QUESTIONS} has lost its recipe"
    made = subprocess.run(["bash", "-ec", loop[1]], cwd=warehouse, capture_output=True, text=True, check=True)
    con = duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": False})
    con.execute(f"set file_search_path = '{warehouse}'")
    con.execute(made.stdout)
    return con


def plain(value):
    """Money and counts as doubles are exact here: the demo's are below 2^53 cents."""
    return float(value) if isinstance(value, (Decimal, int)) and not isinstance(value, bool) else value


def is_same(one, other) -> bool:
    one, other = plain(one), plain(other)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other


def test_every_question_has_an_answer():
    assert QUESTION.keys() == ANSWER.keys()
    assert len(QUESTION) == QUESTIONS.read_text().count(";\n")


@pytest.mark.parametrize("title", QUESTION)
def test_question(title, published, raw):
    asked = published.execute(QUESTION[title]).fetchall()
    expected = raw.execute(ANSWER[title]).fetchall()
    differing = [
        f"{number}: {one}, expected {other}"
        for number, (one, other) in enumerate(zip(asked, expected, strict=False))
        if len(one) != len(other) or not all(map(is_same, one, other))
    ]
    assert not differing, "\n".join([f"{len(differing)} rows differ:", *differing[:12]])
    assert len(asked) == len(expected)
    assert len(asked) >= FEWEST_ROWS, "an answer that says nothing"


def test_readme_quotes_the_questions():
    section = (rfmart.ROOT / "README.md").read_text().split("\n## Questions\n")[1].split("\n## ")[0]
    quoted = [query for block in re.findall("```sql\n(.*?)```", section, re.DOTALL) for query in block.split(";\n")]
    assert len(quoted) > 1
    for query in filter(str.strip, quoted):
        select = query[query.index("select") :]
        assert any(select in question for question in QUESTION.values()), select


@pytest.mark.parametrize("title", QUESTION)
def test_question_is_short(title):
    assert QUESTION[title].count("\n") <= MOST_LINES
