#!/usr/bin/env python3
"""Dials a listening node, sends bytes on a stream, reads them back from a listener that echoes, and closes.

    python3 dial.py ADDRESS SEED [BYTES [PATIENCE]]

ADDRESS is udp://host:port or ws://host:port/path, SEED 64 hexadecimal digits, PATIENCE the milliseconds that a listener with
much to do may take to answer the close. What became of it is one line of JSON.
"""

import json
import os
import random
import sys
import time
from itertools import zip_longest

from handshake import LIMITS, Initiator
from links import LinkClosed, open_link
from primitives import KeyPair, SeedKeys
from session import Session, Truncated

OURS = {**dict.fromkeys(LIMITS, 0), "idleTimeout": 30_000, "maxData": 1 << 20, "maxStreamData": 1 << 18}
# One link for a session, and no waiting for a listener that fell silent.
PATHS = {"v": 1, "max": 1, "punch": False, "detached": 0}


def now():
    return time.monotonic() * 1000


class Dial:
    """Section 2.6: what is sent again, and when."""

    def __init__(self, link, seed):
        self.link, self.keys, self.static = link, SeedKeys(seed), KeyPair(os.urandom(32))
        self.deadline = now() + 10_000
        self.attempts = [self._attempt(b"")]
        self.answered, self.early, self.followed = None, [], False
        self.final = None

    def _attempt(self, token):
        ephemeral, nonce, cid = KeyPair(os.urandom(32)), os.urandom(16), os.urandom(8)
        return Initiator(self.keys, self.static, ephemeral, nonce, cid, OURS, PATHS, self.link.datagram, token)

    def run(self):
        """The initiator that has shaken hands, and packets that came before FINAL."""
        pauses = iter([500])
        self._send_due = [self.attempts[0].hello]
        repeat_at = now()
        while self.final is None:
            if now() >= self.deadline:
                raise TimeoutError("nobody answers: no listener is there, or it has another seed")
            if now() >= repeat_at:
                for message in self._send_due:
                    self.link.send(message)
                pause = next(pauses, 1000) * random.uniform(0.9, 1.1)
                repeat_at = now() + pause if self.link.datagram else self.deadline
                self.followed = False
            before = self.answered
            for message in self.link.receive((min(repeat_at, self.deadline) - now()) / 1000):
                self._take(message)
            if self.answered is not before:
                pauses, repeat_at, self._send_due = iter([250, 500]), now(), [self.answered.proof]
        return self.answered, self.early

    def _take(self, message):
        if message and message[0] < 0x80:
            if self.answered and len(self.early) < 16:
                self.early.append(message)
        elif self.answered:
            if self.answered.read_final(message) is not None:
                self.final = self.answered
        elif self.link.datagram and not self.followed and (token := self.attempts[0].read_retry(message)):
            self.followed = True
            self.attempts = [self.attempts[0], *self.attempts[1:][-7:], self._attempt(token)]
            self.link.send(self.attempts[-1].hello)
            self._send_due = [self.attempts[0].hello, self.attempts[-1].hello]
        else:
            self.answered = next((each for each in self.attempts if each.read_response(message) is not None), None)


def transfer(link, initiator, early, size, patience):
    session = Session(
        initiator.secrets, initiator.cid, initiator.peer_cid, OURS, initiator.peer_limits, initiator.reset_token, link.datagram, now()
    )
    data = random.Random(1).randbytes(size)
    echoed, rotated = bytearray(), False
    session.write(data)
    for packet in early:
        session.receive(packet, now())
    while session.state != "closed":
        for packet in session.poll(now()):
            link.send(packet)
        if session.state == "closed":
            break
        for packet in link.receive((session.next_time() - now()) / 1000):
            session.receive(packet, now())
        echoed += session.read()
        if len(echoed) > size // 4 and not rotated:
            rotated = True
            session.rotate_keys()
        if session.read_ended and session.delivered:
            session.close(7, "done", now(), patience=patience)
    return session, bytes(echoed) == data


def main():
    address, seed = sys.argv[1], bytes.fromhex(sys.argv[2])
    size, patience = (int(given or usual) for given, usual in zip_longest(sys.argv[3:], (1 << 20, 0)))
    link = open_link(address)
    try:
        initiator, early = Dial(link, seed).run()
        session, equal = transfer(link, initiator, early, size, patience)
    except (ConnectionRefusedError, TimeoutError, LinkClosed, Truncated) as error:
        print(json.dumps({"failed": str(error)}))
        sys.exit(1)
    link.close()
    answer = session.close_reason and session.close_reason[1]
    report = {"peer": initiator.peer_id.hex(), "session": initiator.session_id.hex(), "paths": initiator.paths, "equal": equal}
    print(json.dumps({**report, "epochs": session.epochs, "answer": answer, "state": session.state}))


main()
