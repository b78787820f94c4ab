#!/usr/bin/env python3
"""Dials a listening node, sends bytes on a stream, reads them back from a listener that echoes, and closes.

    python3 dial.py ADDRESS[,NEXT] SEED [--bytes N] [--patience MS] [--suites 1,2]

ADDRESS is udp://host:port, ws://host:port/path or relay:ws://host:port/#id; find:ws://host:port asks the registry there for a
node of the seed and dials it by that relay; lan:IPV4 asks the network of the interface that has this address. SEED is 64
hexadecimal digits. The patience is for a listener with much to do, which may take as long to answer the close. With NEXT the
session goes on there when a quarter has come back: over a link that is opened beside the first, or, where it begins with "cut:",
when the first one was cut. What became of it is one line of JSON.
"""

import argparse
import json
import os
import random
import select
import sys
import time

from handshake import LIMITS, Initiator, Side
from lan import find_on_lan
from links import LinkClosed
from primitives import KeyPair, SeedKeys
from relays import expected_node, find, open_link
from session import Session, Truncated

OURS = {**dict.fromkeys(LIMITS, 0), "idleTimeout": 30_000, "maxData": 1 << 20, "maxStreamData": 1 << 18}
# A link beside the one in use, and no waiting for a listener that fell silent.
PATHS = {"v": 1, "max": 2, "punch": False, "detached": 0}


def now():
    return time.monotonic() * 1000


class Dial:
    """Section 2.6: what is sent again, and when."""

    def __init__(self, link, seed, expected, suites):
        self.link, self.expected, self.suites = link, expected, suites
        self.keys, self.static = SeedKeys(seed), KeyPair(os.urandom(32))
        self.deadline = now() + 10_000
        self.attempts = [self._attempt(b"")]
        self.answered, self.early, self.followed = None, [], False
        self.final = None

    def _attempt(self, token):
        ephemeral, nonce, cid = KeyPair(os.urandom(32)), os.urandom(16), os.urandom(8)
        side = Side(self.keys, self.static, ephemeral, nonce, cid, OURS, PATHS, self.suites, os.urandom(64))
        return Initiator(side, self.link.datagram, token, self.expected)

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
                pauses, repeat_at, self._send_due = iter([250, 500]), now(), self.answered.proof
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


class Links:
    """The link of a session, and another one that it goes on over."""

    def __init__(self, link, session, following, seed):
        self.all, self.session, self.following, self.seed = [link], session, following, seed

    def receive(self, seconds):
        """What came over any of them by then, as (link, packet)."""
        if len(self.all) == 1:
            return [(self.all[0], packet) for packet in self.all[0].receive(seconds)]
        select.select(self.all, [], [], max(min(seconds, 0.01), 0))
        return [(link, packet) for link in self.all for packet in link.receive(0)]

    def go_on(self):
        """Opens the other link. STT-PKT-48, 49"""
        address, self.following = self.following, None
        if address.startswith("cut:"):
            self.all.pop().cut()
            self.session.lose_link()
        self.all.append(open_link(address.removeprefix("cut:"), self.seed))
        self.session.try_link(self.all[-1], now())

    def settle(self):
        """Once the session has moved, the link that it left is closed."""
        if len(self.all) > 1 and self.session.link is self.all[-1]:
            self.all.pop(0).close()

    @property
    def settled(self):
        return self.session.link is self.all[-1]


def transfer(links, session, early, size, patience):
    data = random.Random(1).randbytes(size)
    echoed, rotated = bytearray(), False
    session.write(data)
    session.end()
    for packet in early:
        session.receive(packet, now(), session.link)
    while session.state != "closed":
        for link, packet in session.poll(now()):
            link.send(packet)
        if session.state == "closed":
            break
        for link, packet in links.receive((session.next_time() - now()) / 1000):
            session.receive(packet, now(), link)
        links.settle()
        # What is not read gives no credit: so something is left to come over the other link.
        echoed += session.read() if links.settled else b""
        if len(echoed) > size // 4 and links.following:
            links.go_on()
        if len(echoed) > size // 2 and not rotated:
            rotated = True
            session.rotate_keys()
        if session.read_ended and session.delivered and links.settled:
            session.close(7, "done", now(), patience=patience)
    return bytes(echoed) == data


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("seed", type=bytes.fromhex)
    parser.add_argument("--bytes", type=int, default=1 << 20)
    parser.add_argument("--patience", type=int, default=0)
    parser.add_argument("--suites", type=lambda text: tuple(map(int, text.split(","))), default=(1, 2))
    return parser.parse_args()


def found(address, seed):
    for way, look in (("find:", find), ("lan:", find_on_lan)):
        if address.startswith(way):
            addresses = look(address[len(way) :], seed)
            if not addresses:
                raise LinkClosed("no node of this seed was found")
            return addresses[0]
    return address


def main():
    given = parsed()
    address, *following = given.address.split(",")
    try:
        address = found(address, given.seed)
        link = open_link(address, given.seed)
        initiator, early = Dial(link, given.seed, expected_node(address), given.suites).run()
        ids = initiator.side.cid, initiator.peer_cid
        session = Session(initiator.secrets, *ids, OURS, initiator.peer_limits, initiator.reset_token, link, now())
        links = Links(link, session, following[0] if following else None, given.seed)
        equal = transfer(links, session, early, given.bytes, given.patience)
    except (ConnectionRefusedError, TimeoutError, LinkClosed, Truncated) as error:
        print(json.dumps({"failed": str(error)}))
        sys.exit(1)
    for each in links.all:
        each.close()
    answer = session.close_reason and session.close_reason[1]
    report = {"peer": initiator.peer_id.hex(), "session": initiator.session_id.hex(), "paths": initiator.paths, "equal": equal}
    report |= {"epochs": session.epochs, "answer": answer, "state": session.state, "links": session.moves + 1, "suite": initiator.suite}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
