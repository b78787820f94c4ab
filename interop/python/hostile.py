#!/usr/bin/env python3
"""Breaks the rules of the specification against a listening node, and looks whether it answers as the text says.

    python3 hostile.py ws://HOST:PORT/PATH SEED packages

The node has to state a maxDatagram that fits into a packet. Prints how many of the checks hold, or the first that does not.
"""

import json
import os
import pathlib
import sys
import time

import frames as f
import messages as m
from comparison import same, total
from dial import OURS, PATHS, Dial
from handshake import Initiator, Side
from links import LinkClosed
from packets import PacketKey, epoch_bits, next_secret, open_packet, seal_packet
from primitives import KeyPair, SeedKeys
from relays import open_link

ADDRESS, SEED = sys.argv[1], bytes.fromhex(sys.argv[2])
# More than a node follows in some seconds, so many of them acknowledged as may be: STT-PKT-47.
MANY_EPOCHS = 60


class Raw:
    """A session of which only keys and numbers are kept: whatever is given goes out sealed."""

    def __init__(self):
        self.link = open_link(ADDRESS, SEED)
        self.initiator, _ = Dial(self.link, SEED, None, (1,)).run()
        self.limits = self.initiator.peer_limits
        self._secret, self._key, self._epoch, self._number = self.initiator.secrets.i2r, PacketKey(self.initiator.secrets.i2r), 0, 0
        secrets = [self.initiator.secrets.r2i]
        while len(secrets) <= MANY_EPOCHS:
            secrets.append(next_secret(secrets[-1]))
        self._receive_keys = list(map(PacketKey, secrets))
        self.send(f.handshake_done())

    def update_keys(self):
        self._secret, self._epoch = next_secret(self._secret), self._epoch + 1
        self._key = PacketKey(self._secret)

    def send(self, frames, link=None):
        (link or self.link).send(seal_packet(self._key, self._epoch, self.initiator.peer_cid, self._number, frames))
        self._number += 1

    def open(self, packet):
        opened = (open_packet(key, packet) for key in self._receive_keys[epoch_bits(packet) :: 4])
        return next(filter(None, opened), b"\0")

    def close_code(self):
        """Of the first CLOSE that comes; None where the link ends without."""
        try:
            for _ in range(50):
                for packet in self.link.receive(0.1):
                    closes = [frame for frame in f.read_frames(self.open(packet)) if frame[0] == 0x1C]
                    if closes:
                        self.link.cut()
                        return closes[0][2]
                if self.link.close_code:
                    break
        except LinkClosed:
            pass
        return None


def refused_frames(packages):
    """STT-FRM-5 to 18: what frames.json refuses ends the session with the code that stands there."""
    vectors = json.loads((pathlib.Path(packages) / "frame/vectors/frames.json").read_text(encoding="utf-8"))
    for each in vectors["refusals"]:
        yield each["name"], each["closeCode"], lambda raw, frames=bytes.fromhex(each["bytes"]): raw.send(frames)


def broken_rules():
    def used_up(raw):
        raw.send(f.stream(0, raw.limits["maxStreamData"], b"x", False))

    def too_many_gaps(raw):
        for i in range(1, 1026):
            raw.send(f.stream(0, 2 * i, b"x", False))

    def keys_at_once(raw):
        for _ in range(MANY_EPOCHS):
            raw.update_keys()
            raw.send(f.ping())

    yield "an ACK of what was never sent", 0x09, lambda raw: raw.send(f.ack([(1 << 40, 1 << 40)], 0))
    yield "bytes above the credit of a stream", 0x03, used_up
    yield "a stream above the limit", 0x04, lambda raw: raw.send(f.stream(4 * raw.limits["maxStreamsBidi"], 0, b"", False))
    yield "a frame for a stream that the other side has not opened", 0x05, lambda raw: raw.send(f.stream(1, 0, b"x", False))
    yield "MAX_STREAM_DATA on a one-way stream of one's own", 0x05, lambda raw: raw.send(f.max_stream_data(2, 1))
    yield "two final sizes", 0x06, lambda raw: raw.send(f.stream(0, 0, b"abc", True) + f.reset(0, 1, 2))
    yield "two ACKs in a packet", 0x0A, lambda raw: raw.send(2 * f.ack([(0, 0)], 0))
    yield "a DATAGRAM above maxDatagram", 0x0A, lambda raw: raw.send(f.datagram(bytes(raw.limits["maxDatagram"] + 1)))
    yield "more gaps than are kept", 0x0D, too_many_gaps
    yield "an epoch that follows the one before at once, and again", 0x0E, keys_at_once


def handshakes():
    """STT-HS-24, STT-WS-29, STT-WS-30: silence for what is wrong, until it is the eighth, and until there is a session."""
    keys = SeedKeys(SEED)

    def hello(**changed):
        side = {"static": KeyPair(os.urandom(32)), "ephemeral": KeyPair(os.urandom(32)), "nonce": os.urandom(16), "cid": os.urandom(8)}
        return Initiator(Side(**{"keys": keys, **side, "limits": OURS, "paths": PATHS, **changed}), datagram=False).hello

    def remade(message, at, value):
        return m.with_mac1(keys, message[:at] + bytes([value]) + message[at + 1 : -16])

    good = hello()
    wrong = {
        "another seed": hello(keys=SeedKeys(os.urandom(32))),
        "a wrong mac1": good[:-1] + bytes([good[-1] ^ 1]),
        "another version": remade(good, 1, 2),
        "a reserved type": remade(good, 0, 0x85),
        "a bit among the zeros": remade(good, 7, 1),
        "a connection id of zero": hello(cid=bytes(8)),
        "a payload that was altered": remade(good, 60, good[60] ^ 1),
    }
    link = open_link(ADDRESS, SEED)
    for name, message in wrong.items():
        link.send(message)
        same(name, link.receive(0.05), [])
    link.send(good)
    answers = link.receive(5)
    same("a good HELLO behind all of these", [answer[0] for answer in answers], [0x81])
    link.send(wrong["a wrong mac1"])
    same("the eighth", ended_with(link), 1008)

    raw = Raw()
    raw.link.send(hello())
    same("a HELLO on the link of a session", ended_with(raw.link), 1000)


def joins():
    """STT-PKT-34, STT-PKT-50: whether a challenge over another WebSocket is answered there."""
    raw = Raw()

    def answers(join, wait):
        link, data, end = open_link(ADDRESS, SEED), os.urandom(8), time.monotonic() + wait
        raw.send(join + f.path_challenge(data), link)
        while (left := end - time.monotonic()) > 0:
            frames = [frame for packet in link.receive(left) for frame in f.read_frames(raw.open(packet))]
            if (0x1B, data) in frames:
                return True
        return False

    same("a link that does not join", answers(b"", 0.3), False)
    same("a link that joins", answers(f.join(1, 1), 5), True)
    same("a link that joins by the number of another", answers(f.join(1, 1), 0.3), False)
    same("a link that joins as what nobody knows", answers(f.join(2, 7), 0.3), False)
    same("a link that joins by the next number", answers(f.join(2, 1), 5), True)


def ended_with(link):
    try:
        for _ in range(50):
            link.receive(0.1)
            if link.close_code:
                return link.close_code
    except LinkClosed:
        pass
    return link.close_code


def main():
    for name, code, act in (*refused_frames(sys.argv[3]), *broken_rules()):
        raw = Raw()
        act(raw)
        same(name, raw.close_code(), code)
    handshakes()
    joins()
    print(f"{total()} rules hold")


if __name__ == "__main__":
    main()
