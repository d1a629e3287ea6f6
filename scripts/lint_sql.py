"""What sqlfluff doesn't check of a folder of models: each file's name, opening comment and sidecar.

python scripts/lint_sql.py sql
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

# The prefixes of a model's name, by the folder it is in. Other folders hold no models.
PREFIXES = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("fct_", "dim_")}
# Folders of SQL that makes no table.
WITHOUT_TABLES = {"checks", "seeds"}
# Folders of models that declare their columns; the others' purpose and grain are in the opening comment.
WITH_SIDECAR = {"marts"}
# Its YAML describes no model: `rfmart test` reads it.
CASES = "tests"


def mistakes(root: Path) -> Iterator[str]:
    statements = sorted(root.glob("**/*.sql"))
    if not any(path.parts[len(root.parts)] in PREFIXES for path in statements):
        yield f"{root}: no models found"
    for path in statements:
        folder = path.relative_to(root).parts[0]
        yield from opening_mistakes(path)
        yield from join_mistakes(path)
        if folder in WITHOUT_TABLES:
            continue
        if folder not in PREFIXES:
            yield f"{path}: no folder for models; use one of {', '.join(PREFIXES)}"
        elif not path.name.startswith(PREFIXES[folder]):
            yield f"{path}: a model in {folder}/ is named {' or '.join(PREFIXES[folder])}…"
        if folder in WITH_SIDECAR and not path.with_suffix(".yaml").exists():
            yield f"{path}: no {path.stem}.yaml beside it; it declares grain and columns"
    for path in sorted(root.glob("**/*.yaml")):
        if path.relative_to(root).parts[0] != CASES and not path.with_suffix(".sql").exists():
            yield f"{path}: describes no model; there is no {path.stem}.sql beside it"
    for path in sorted([*statements, *root.glob("**/*.yaml")]):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
            yield f"{path}: the name isn't snake_case"


def opening_mistakes(path: Path) -> Iterator[str]:
    """A statement opens with one comment, `-- ` on each of its lines, and goes on with SQL."""
    lines = path.read_text(encoding="utf-8").splitlines()
    after = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    comment = [line.removeprefix("--").strip() for line in lines[:after]]
    if not "".join(comment):
        yield f"{path}:1: doesn't open with a comment; say the purpose and the grain"
    elif after == len(lines) or not lines[after].strip() or lines[after].startswith("/*"):
        yield f"{path}:{after + 1}: SQL doesn't follow the opening comment directly"


def join_mistakes(path: Path) -> Iterator[str]:
    """Where one inner join follows another, DataFusion's optimizer makes `=` of it, and rows with nulls are gone."""
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    for join in re.finditer(r"\binner\s+join\b(?:(?!\b(?:join|where|group|order|union)\b).)*", text, re.DOTALL):
        found = re.search(r"\bis\s+not\s+distinct\s+from\b", join[0])
        if found:
            line = text.count("\n", 0, join.start() + found.start()) + 1
            yield (
                f"{path}:{line}: `is not distinct from` in an inner join: before another one, DataFusion's optimizer "
                "makes `=` of it, and rows with nulls are lost; write a left join"
            )


def main() -> int:
    found = list(mistakes(Path(sys.argv[1])))
    print(*found, sep="\n", file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
