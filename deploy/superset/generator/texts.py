"""What readers see, in their language: the report's texts, and the few that it has no use for."""

from __future__ import annotations

import json

from .places import FOLDER, ROOT

LANGUAGES = ("zh-Hant", "zh-Hans", "en")
# Columns whose heading has another name among the texts.
HEADINGS = {
    "value": "now",
    "previous_value": "previous",
    "year_before_value": "year_before",
    "opening_customers": "opening",
    "closing_customers": "closing",
    "previous_revenue": "before",
    "previous_average_transaction_value": "previous_transaction_value",
    "cohort_period": "cohort",
    "label": "metric",
    "closing": "stage",
}


class Texts:
    """The texts of a language by their keys."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = {}
        for folder in (ROOT / "report/texts", FOLDER / "texts"):
            self._texts |= json.loads((folder / f"{language}.json").read_text("utf-8"))

    def __getitem__(self, key: str) -> str:
        return self._texts[key]

    def reading(self, section: str) -> str:
        """How to read a section; where it differs from that of the report, it has a text of its own."""
        return self._texts.get(f"reading.{section}", self._texts[f"{section}.reading"])

    def column(self, suffix: str) -> str:
        """The published column that holds a name or strategy in this language, such as `name_zh_hant`."""
        return f"{suffix}_{self.language.lower().replace('-', '_')}"

    def heading(self, column: str) -> str | None:
        """What a column of a dataset is called, if there is a word for it."""
        return self._texts.get(f"column.{HEADINGS.get(column, column)}")

    def literals(self) -> dict[str, str]:
        """Every text as SQL, by its key with underscores."""
        return {key.replace(".", "_"): quoted(text) for key, text in self._texts.items()}

    def table(self, prefix: str) -> str:
        """The texts below a prefix as rows of SQL, in their order: key, label, place."""
        below = [
            (key.removeprefix(f"{prefix}."), text) for key, text in self._texts.items() if key.startswith(f"{prefix}.")
        ]
        rows = ", ".join(f"({quoted(key)}, {quoted(text)}, {place})" for place, (key, text) in enumerate(below))
        return f"(select * from (values {rows}) as texts (key, label, place))"


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
