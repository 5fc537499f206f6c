"""What fido says of files and what the program says, one beside the other: judge.py FIDO.csv CHECKED/; ends with 1 where they differ."""
import csv
import json
import os
import sys

fido, told = {}, {}
with open(sys.argv[1], newline="") as lines:
    for name, puid in csv.reader(lines, delimiter="|"):
        if puid:
            fido.setdefault(os.path.basename(name), set()).add(puid)
for name in os.listdir(sys.argv[2]):
    with open(os.path.join(sys.argv[2], name)) as file:
        formats = json.load(file)["facts"]["formats"]
    told.update((file, one.get("puid")) for one in formats for file in one["fichiers"])

wrong = 0
for name in sorted(fido.keys() | told.keys()):
    agree = fido.get(name, set()) == {told.get(name)}
    wrong += not agree
    if not agree:
        print(f"{name}: fido {sorted(fido.get(name, []))}, here {told.get(name)}")
print(f"{len(told) - wrong} of {len(told)} files agree")
sys.exit(1 if wrong or len(told) < 20 else 0)
