"""Checks pipelines/schema.json as editors use it: what loads passes, wrong shapes don't."""

import json
import sys
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

GOOD = ["pipelines/nightly.yaml", "deploy/kubernetes/pipeline.yaml", *map(str, Path("tests/real").glob("*.yaml"))]
WRONG = """
    limits/share_out_of_range location/missing location/storage_shape pipeline/file_is_a_list scoring/list
    scoring/word shape/key_empty shape/key_missing publish/keep_daily shape/key_unknown shape/key_unknown_nested
    shape/number_out_of_range shape/type_boolean shape/type_list_for_text shape/type_number_for_text
    shape/type_quoted_number shape/type_text_for_mapping shape/type_word sources/entity_unknown thresholds/score
""".split()


def as_json(name: str) -> object:
    """A YAML file as JSON has it, where every key is text, and so is a date."""
    return json.loads(json.dumps(yaml.safe_load(Path(name).read_text()), default=str))


schema = json.loads(Path("pipelines/schema.json").read_text())
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)

faults = []
for name in GOOD:
    faults += [f"{name}: {error.message}" for error in validator.iter_errors(as_json(name))]
for name in WRONG:
    if validator.is_valid(as_json(f"tests/config/{name}.yaml")):
        faults.append(f"tests/config/{name}.yaml passes")
print("\n".join(faults) or f"{len(GOOD)} pipelines pass, {len(WRONG)} wrong shapes don't")
sys.exit(bool(faults))
