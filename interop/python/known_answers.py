#!/usr/bin/env python3
"""Recomputes the known answers that docs/PROTOCOL.md prints, from the inputs that stand with them.

    python3 known_answers.py docs/PROTOCOL.md
"""

import re
import sys

from frames import handshake_done, stream
from handshake import LIMITS, Initiator, Responder, session_id
from packets import PacketKey, next_secret, seal_packet
from primitives import KeyPair, SeedKeys, derive, digest, node_id


def counting(first, length):
    return bytes(range(first, first + length))


def blocks(text):
    """Section → name → the text beside it, rows of bytes joined."""
    found = {}
    for section, body in re.findall(r"^```\nknown answers of §(\S+)\n(.*?)^```", text, re.M | re.S):
        rows, name = {}, None
        for line in body.splitlines():
            name = line[:22].strip() or name
            rows[name] = rows.get(name, "") + ("" if name not in rows or is_hex(rows[name]) else " ") + line[22:]
        found[section] = rows
    return found


def is_hex(text):
    return re.fullmatch(r"([0-9a-f]{2})+", text) is not None


def section_1():
    seed = counting(0x00, 32)
    keys, static = SeedKeys(seed), KeyPair(counting(0x20, 32))
    return {
        "seed": seed,
        "prk": keys.prk,
        "psk0": keys.psk0,
        "psk3": keys.psk3,
        "mac1 key": keys.mac1,
        "static private key": static.private,
        "static public key": static.public,
        "NodeId": node_id(static.public),
        "reset key": derive(static.private, "reset", b"", 32),
        'phe.digest("a", "bc")': digest("a", b"bc"),
    }


def section_2():
    keys = SeedKeys(counting(0x00, 32))
    limits = {**dict.fromkeys(LIMITS, 100_000), "idleTimeout": 30_000}
    paths = {"v": 1, "max": 4, "punch": False, "detached": 0}
    pair = lambda first: KeyPair(counting(first, 32))
    initiator = Initiator(keys, pair(0x20), pair(0x60), counting(0xA0, 16), counting(0xC0, 8), limits, paths, datagram=False)
    responder = Responder(keys, pair(0x40), pair(0x80), counting(0xB0, 16), counting(0xD0, 8), limits, paths)
    hello = initiator.hello
    response = responder.answer_hello(hello)
    proof = initiator.read_response(response)
    final = responder.answer_proof(proof)
    secrets = initiator.read_final(final)
    return secrets, {
        "e of HELLO": hello[25:57],
        "AEAD(P1)[0..16]": hello[57:73],
        "mac1 of HELLO": hello[-16:],
        "AEAD(P2)[0..16]": response[104:120],
        "mac1 of RESPONSE": response[-16:],
        "AEAD(P3)[0..16]": proof[72:88],
        "mac1 of AUTH_PROOF": proof[-16:],
        "resetToken in P4": initiator.reset_token,
        "AEAD(P4)[0..16]": final[24:40],
        "h4": secrets.h4,
        "confirm": secrets.confirm,
        "ts.0, i2r": secrets.i2r,
        "ts.0, r2i": secrets.r2i,
        "exporter": secrets.exporter,
        "session id": session_id(counting(0xA0, 16), counting(0xB0, 16), node_id(pair(0x20).public), node_id(pair(0x40).public)),
    }


def section_4(secrets):
    key = PacketKey(secrets.i2r)
    frames = handshake_done() + stream(0, 0, b"stt", True)
    return {
        "ts.0, i2r": secrets.i2r,
        "key.0": key.key,
        "iv.0": key.iv,
        "ts.1": next_secret(secrets.i2r),
        "packet": seal_packet(key, 0, counting(0xD0, 8), 0, frames),
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        printed = blocks(file.read())
    secrets, handshake = section_2()
    computed = {"1": section_1(), "2": handshake, "4": section_4(secrets)}
    wrong = [f"there are known answers of section {section}, which this reader does not compute" for section in set(printed) - set(computed)]
    count = 0
    for section, values in computed.items():
        rows = printed.get(section, {})
        unknown = {name for name, text in rows.items() if is_hex(text)} - set(values)
        wrong += [f"section {section}: this reader does not compute {name}" for name in sorted(unknown)]
        for name, value in values.items():
            count += 1
            if rows.get(name) != value.hex():
                wrong.append(f"section {section}: {name} is {rows.get(name)} in the text and {value.hex()} here")
    print("\n".join(wrong) if wrong else f"{count} known answers agree")
    sys.exit(1 if wrong else 0)


main()
