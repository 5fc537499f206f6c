#!/usr/bin/env python3
"""Runs the command of each line of a file (a list of words, in JSON) and prints what it took, a line of JSON each: exit code, most memory in
KiB, seconds of processor time, what it said. One that runs for five seconds is ended."""
import json
import os
import resource
import sys
import tempfile

SECONDS = 5

for line in open(sys.argv[1], "rb"):
    words = json.loads(line)
    with tempfile.TemporaryFile() as said:
        redirected = [
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, said.fileno(), 1),
            (os.POSIX_SPAWN_DUP2, said.fileno(), 2),
        ]
        child = os.posix_spawn(words[0], [os.fsencode(word) for word in words], {"LC_ALL": "C"}, file_actions=redirected)
        resource.prlimit(child, resource.RLIMIT_CPU, (SECONDS, SECONDS))
        _, status, used = os.wait4(child, 0)
        said.seek(0)
        text = said.read(1 << 20).decode("utf-8", "replace")
    taken = {
        "code": os.waitstatus_to_exitcode(status),
        "kib": used.ru_maxrss,
        "seconds": used.ru_utime + used.ru_stime,
        "said": text,
    }
    print(json.dumps(taken), flush=True)
