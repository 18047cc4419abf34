"""Saves over and over, for tests that kill it. Usage: save_loop.py once|loop PATH LENGTH.

`once` writes one document of LENGTH letters "b" between two marks that a tracer can see.
"""

import contextlib
import itertools
import os
import sys
from pathlib import Path

from twopop.safe_write import write_safely

MARK = 900
"""A file descriptor that does not exist: writing to it fails, and shows in a trace."""


def document(letter, length):
    return (letter * length + "\n").encode()


def mark():
    with contextlib.suppress(OSError):
        os.write(MARK, b"")


def main(mode, path, length):
    target, length = Path(path), int(length)
    write_safely(target.with_name("warm-up"), b"everything is imported now")
    if mode == "once":
        mark()
        write_safely(target, document("b", length))
        mark()
        return
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for letter in itertools.cycle("ab"):
        write_safely(target, document(letter, length))


if __name__ == "__main__":
    main(*sys.argv[1:4])
