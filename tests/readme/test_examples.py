"""docs/examples.md: its commands run, and its queries give the tables that it shows below them."""

import os
import pathlib
import re
import subprocess

import duckdb

PAGE = pathlib.Path("docs/examples.md").resolve()
ROOT = PAGE.parent.parent
# A query and the table below it.
SHOWN = re.compile(r"^```sql\n(?P<query>.*?)^```\n\n(?P<table>(?:\|[^\n]*\n)+)", re.DOTALL | re.MULTILINE)


def table(query: str) -> str:
    """A query's rows as the page shows them."""
    found = duckdb.sql(query)
    rows = [found.columns, ["--"] * len(found.columns), *found.fetchall()]
    return "".join(f"| {' | '.join('' if cell is None else str(cell) for cell in row)} |\n" for row in rows)


def test_the_examples_give_the_tables_that_are_shown(tmp_path, monkeypatch):
    text = PAGE.read_text("utf-8")
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    (tmp_path / "rfmart").symlink_to(os.environ["RFMART"])
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], cwd=tmp_path, env={**os.environ, "PATH": path}, check=True,
        capture_output=True,
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    shown = list(SHOWN.finditer(text))
    assert len(shown) == text.count("```sql")
    for found in shown:
        assert table(found["query"]) == found["table"]
