"""Exports judged by others' validators: judge.py scdl SCHEMA FILE ROWS | decp SCHEMA FILE KEY=NUMBERS... | modify FILE NUMBER... | spoil FILE.

A judgement prints what is wrong and exits 1, else a line and 0."""

import csv
import json
import sys


def scdl(schema, path, rows):
    from frictionless import Resource, Schema, system

    with system.use_context(trusted=True):
        resource = Resource(path=path, schema=Schema.from_descriptor(schema))
        report = resource.validate()
    for error in report.flatten(["rowNumber", "fieldName", "type", "message"]):
        print(error)
    with open(path, encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    if not report.valid or len(lines) != int(rows):
        sys.exit(f"{len(lines)} rows, not {rows}" if report.valid else 1)
    print(f"{len(lines)} rows, {len(lines[0]) if lines else 0} columns")


def decp(schema, path, expected):
    import jsonschema

    with open(schema, encoding="utf-8") as file:
        schema = json.load(file)
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    checker = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    errors = list(checker.iter_errors(document))
    for error in errors[:5]:
        print("/".join(map(str, error.absolute_path)), error.message[:200])
    if errors:
        sys.exit(1)
    found = {}
    for contracts in document["marches"].values():
        for contract in contracts:
            buyer = contract.get("acheteur") or contract["autoriteConcedante"]
            numbers = [one["modification"]["id"] for one in contract.get("modifications", [])]
            key = f"{buyer['id']}/{contract['id']}"
            if key in found:
                sys.exit(f"{key} stands twice")
            found[key] = ",".join(map(str, numbers))
    for pair in expected:
        key, numbers = pair.split("=")
        if found.get(key) != numbers:
            sys.exit(f"{key}: modifications {found.get(key)}, not {numbers}")
    print(f"{len(found)} contracts")


def modify(path, numbers):
    """The document with these modifications only, each a copy of the first under another number."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    for contract in document["marches"]["marche"]:
        first = contract["modifications"][0]["modification"]
        contract["modifications"] = [{"modification": {**first, "id": int(number)}} for number in numbers]
    json.dump(document, sys.stdout)


def spoil(path):
    """The CSV without the subject of its first act: a validator must see it."""
    with open(path, encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    lines[1][lines[0].index("DELIB_OBJET")] = ""
    csv.writer(sys.stdout).writerows(lines)


if __name__ == "__main__":
    name, *words = sys.argv[1:]
    if name == "scdl":
        scdl(*words)
    elif name == "decp":
        decp(words[0], words[1], words[2:])
    elif name == "modify":
        modify(words[0], words[1:])
    else:
        spoil(*words)
