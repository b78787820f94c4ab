"""What is compared with what the text or a file says: counted, and the first that differs ends the program."""

import sys

count = 0


def same(name, actual, expected):
    global count
    count += 1
    if actual != expected:
        sys.exit(f"{name}: {actual!r} is not {expected!r}")


def total():
    return count
