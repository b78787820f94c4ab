"""Runs a command on a pseudo-terminal, answers what it asks, and prints what the terminal got.

usage: on_terminal.py PROMPT ANSWER [PROMPT ANSWER]... -- COMMAND...
A PROMPT is waited for before its ANSWER is typed; the answer \\x03 is Control-C.
"""
import os
import pty
import sys

split = sys.argv.index("--")
turns = [tuple(sys.argv[i : i + 2]) for i in range(1, split, 2)]
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[split + 1], sys.argv[split + 1 :])
seen = b""
since = 0
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        break
    if not chunk:
        break
    seen += chunk
    while turns and turns[0][0].encode() in seen[since:]:
        since = len(seen)
        answer = turns.pop(0)[1]
        os.write(terminal, b"\x03" if answer == "\\x03" else answer.encode() + b"\r")
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(status if status >= 0 else 128 - status)
