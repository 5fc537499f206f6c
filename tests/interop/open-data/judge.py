"""Exports judged by others' validators: judge.py scdl SCHEMA FILE ROWS | decp SCHEMA FILE KEY=NUMBERS... | modify FILE NUMBER... | spoil FILE |
faults SCHEMA FOLDER | compare FOLDER.

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


PLAIN = ["2026-05-15", "24340001700014", "45233141-9"]
# Of each wrong type one, and texts that are nearly right.
WRONG = ["", "x", " ", "2026-5-1", "2434000170001", "4523314", "45233141-99", "45233141", 0, 1, -1, 2.0, 1.5, True, None, [], {}, ["x"]]
# Contracts in one file: findings of a file are bounded.
TOGETHER = 5


def whole(schema, resolve):
    """Something that this schema takes, with every property it names."""
    schema = resolve(schema)
    if "enum" in schema:
        return schema["enum"][-1]
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: whole(inner, resolve) for name, inner in schema["properties"].items()}
    if kind == "array":
        return [whole(schema["items"], resolve)]
    if kind == "string":
        import re

        return next(text for text in PLAIN if re.search(schema.get("pattern", ""), text))
    return True if kind == "boolean" else schema["minimum"]


def variants(value, schema, resolve):
    """The value with one thing changed in it, each with where."""
    schema = resolve(schema)
    for other in WRONG:
        yield "", other
    for word in schema.get("enum", []):
        yield "", word
        yield "", word.lower()
        yield "", word + " "
    for bound in [schema[name] for name in ("minimum", "maximum") if name in schema]:
        for other in (bound, bound - 1, bound - 0.01, bound + 0.01, bound + 1):
            yield "", other
    for length in [schema[name] for name in ("minLength", "maxLength") if name in schema]:
        yield "", "\u00e9" * length
        yield "", "\u00e9" * (length + 1)
    if isinstance(value, dict):
        yield "", {**value, "inconnu": 1}
        for name in value:
            yield f"/{name}", {key: inner for key, inner in value.items() if key != name}
            for where, inner in variants(value[name], schema["properties"][name], resolve):
                yield f"/{name}{where}", {**value, name: inner}
    if isinstance(value, list):
        yield "", value * 2
        for where, inner in variants(value[0], schema["items"], resolve):
            yield f"/0{where}", [inner]


def faults(path, folder):
    """Contracts with a single change each, those that the published schema takes and those that it does not, some in each file of the folder."""
    import jsonschema

    with open(path, encoding="utf-8") as file:
        schema = json.load(file)

    def resolve(inner):
        while "$ref" in inner:
            found = schema
            for part in inner["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            inner = found
        return inner

    checker = jsonschema.Draft7Validator(schema)
    samples = []
    for listed, name in (("marche", "marche"), ("contrat-concession", "contrat-concession")):
        own = schema["definitions"][name]
        for where, contract in variants(whole(own, resolve), own, resolve):
            if isinstance(contract, dict) and isinstance(contract.get("id"), str) and where != "/id":
                # Each its own, else they would be told to be twice there.
                contract = {**contract, "id": f"F{len(samples)}"}
            taken = checker.is_valid({"marches": {listed: [contract]}})
            samples.append((listed, where, contract, taken))
    count = 0
    for listed in ("marche", "contrat-concession"):
        # One that is another thing altogether lacks everything: alone.
        parts = [[sample] for sample in samples if sample[0] == listed and not sample[1]]
        others = [sample for sample in samples if sample[0] == listed and sample[1]]
        parts += [others[begin : begin + TOGETHER] for begin in range(0, len(others), TOGETHER)]
        for part in parts:
            with open(f"{folder}/faults-{count}.json", "w", encoding="utf-8") as file:
                json.dump({"marches": {listed: [contract for _, _, contract, _ in part]}}, file)
            with open(f"{folder}/expected-{count}", "w", encoding="utf-8") as file:
                json.dump([(f"/marches/{listed}/{n}", where, contract, taken) for n, (_, where, contract, taken) in enumerate(part)], file)
            count += 1


def at(contract, where):
    """What was changed."""
    for part in where.split("/")[1:]:
        if isinstance(contract, list):
            contract = contract[int(part)]
        else:
            contract = contract.get(part) if isinstance(contract, dict) else None
    return contract


def stricter(where, code):
    """What is more than the schema asks for, and said to be (docs/formats/decp.md)."""
    of_holders = where.removesuffix("/0").rsplit("/", 1)[-1] in ("titulaires", "concessionnaires")
    return code == "decp-origins" or (code == "decp-form" and of_holders)


def compare(folder):
    """What `check` said of each file against what the schema says."""
    import glob

    judged, wrong = 0, []
    for path in glob.glob(f"{folder}/expected-*"):
        with open(path, encoding="utf-8") as file:
            expected = json.load(file)
        with open(path.replace("expected-", "said-"), encoding="utf-8") as file:
            findings = json.load(file)["findings"]
        if len(expected) > 1 and any(finding["code"] == "findings-truncated" for finding in findings):
            sys.exit(f"{path}: too many findings to compare")
        for pointer, where, contract, taken in expected:
            said = []
            for finding in findings:
                place = finding["where"].split(": ", 1)[-1]
                if finding["severity"] != "info" and (place == pointer or place.startswith(f"{pointer}/")):
                    said.append(finding["code"])
            judged += 1
            if taken == (not said) or (taken and all(stricter(where, code) for code in said)):
                continue
            wrong.append(f"{pointer.split('/')[2]}{where} = {json.dumps(at(contract, where), ensure_ascii=False)[:80]}: schema {taken}, said {said}")
    for line in wrong[:20]:
        print(line)
    if wrong or not judged:
        sys.exit(f"{len(wrong)} of {judged} judged otherwise than by the schema")
    print(f"{judged} contracts")


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
    elif name in ("faults", "compare"):
        {"faults": faults, "compare": compare}[name](*words)
    else:
        spoil(*words)
