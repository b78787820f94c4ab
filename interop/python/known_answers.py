#!/usr/bin/env python3
"""Recomputes the known answers that docs/PROTOCOL.md prints, from the inputs that stand with them.

    python3 known_answers.py docs/PROTOCOL.md
"""

import re
import sys

import frames as f
from chunks import ChunkKeys, seal_chunk, seal_segment, segment_keys
from handshake import LIMITS, Initiator, Responder, Side, session_id
from packets import PacketKey, header, next_secret, seal_packet
from primitives import KeyPair, SeedKeys, derive, digest, node_id
from rendezvous import (
    Names,
    candidate,
    mailbox_token,
    ordered,
    registry_message,
    relay_message,
    seal_record,
    slot_of,
    slot_token,
)
from values import encode


def counting(first, length):
    return bytes(range(first, first + length))


def blocks(text):
    """Section → name → what stands beside and below it: its bytes, joined, where there are any; else its words."""
    found = {}
    for section, body in re.findall(r"^```\nknown answers of §(\S+)\n(.*?)^```", text, re.M | re.S):
        rows, name = {}, None
        for line in body.splitlines():
            name = line[:22].strip() or name
            rows.setdefault(name, []).append(line[22:])
        found[section] = {name: "".join(filter(is_hex, lines)) or " ".join(lines) for name, lines in rows.items()}
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
    sides = ((0x20, 0x60, 0xA0, 0xC0), (0x40, 0x80, 0xB0, 0xD0))
    ours, theirs = (Side(keys, pair(a), pair(b), counting(c, 16), counting(d, 8), limits, paths) for a, b, c, d in sides)
    initiator, responder = Initiator(ours, datagram=False), Responder(theirs, datagram=False)
    hello = initiator.hello
    response = responder.answer_hello(hello)
    (proof,) = initiator.read_response(response)
    (final,) = responder.answer_proof(proof)
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
    frames = f.handshake_done() + f.stream(0, 0, b"stt", True)
    return {
        "ts.0, i2r": secrets.i2r,
        "key.0": key.key,
        "iv.0": key.iv,
        "ts.1": next_secret(secrets.i2r),
        "packet": seal_packet(key, 0, counting(0xD0, 8), 0, frames),
    }


def section_3():
    ipv4 = candidate({"source": "observed", "address": "192.0.2.7", "port": 40001})
    ipv6 = candidate({"source": "host", "address": "2001:db8::7", "port": 4433})
    varints = {"63": 63, "64": 64, "16,384": 16_384, "1,073,741,824": 1 << 30, "2^53 - 1": 2**53 - 1}
    return {
        **{f"varint {name}": f.varint(value) for name, value in varints.items()},
        "header": header(5, counting(0xD0, 8), 258),
        "RESET": f.reset(4, 9, 300),
        "STOP": f.stop(4, 9),
        "MAX_STREAMS": f.max_streams(True, 130),
        "ACK": f.ack([(80, 85), (90, 100)], 1000),
        "CLOSE": f.close(7, True, "done"),
        "DATAGRAM": f.datagram(b"stt"),
        "JOIN": f.join(3, 1),
        "PATH_CHALLENGE": f.path_challenge(counting(0xA0, 8)),
        "PATH_RESPONSE": f.path_response(counting(0xA0, 8)),
        "candidate": ipv4,
        "ADDRESSES": f.address_list(0x20, 2, [ipv4, ipv6]),
        "PUNCH": f.address_list(0x21, 2, [ipv4, ipv6]),
        "OBSERVED": f.observed(ipv4),
    }


def section_8():
    values = {
        "null": None,
        "42": 42,
        "128": 128,
        "-129": -129,
        "2^53 - 1": 2**53 - 1,
        "2^53 in a float": 2.0**53,
        "3.14": 3.14,
        "NaN": float("nan"),
        "bytes 00 ff": b"\x00\xff",
        '"é"': "é",
        "list true, 1": [True, 1],
        "dict b: 1, a: false": {"b": 1, "a": False},
    }
    return {name: encode(value) for name, value in values.items()}


def section_9():
    keys = ChunkKeys(counting(0x00, 32), counting(0x80, 24), b"context")
    pieces = segment_keys(counting(0x00, 32), counting(0x80, 24), b"context")
    return {
        "sealed chunks": seal_chunk(keys, b"stt"),
        "segments": pieces.header + seal_segment(pieces, 0, 0, 0, b"stt") + seal_segment(pieces, 1, 0, 1, b""),
    }


HOUR = 495_000


def rendezvous_inputs():
    names, private = Names(counting(0x00, 32)), counting(0x20, 32)
    return names, private, node_id(KeyPair(private).public), lambda *said: names.proof("relay.example:443", counting(0xA0, 16), *said)


def section_11():
    names, private, node, prove = rendezvous_inputs()
    mailbox = names.mailbox(node, HOUR)
    token = mailbox_token(private, mailbox)
    urls = ordered(names.home(node), [f"wss://relay-{n}.example/" for n in range(3)])
    return {
        "rdv": names.rdv,
        "access": names.access,
        "lan": names.lan,
        "topic": names.topic(HOUR),
        "mailbox": mailbox,
        "token of the mailbox": token,
        "home": names.home(node),
        "keyId": names.key_id,
        "order": " ".join(urls),
        "DIAL": relay_message({"type": "dial", "mailboxes": [mailbox.hex()], "proved": True}, prove),
        "LISTEN": relay_message({"type": "listen", "claims": [(mailbox + token).hex()], "proved": True}, prove),
    }


def section_12():
    names, private, node, prove = rendezvous_inputs()
    topic = names.topic(HOUR)
    token = slot_token(private, topic)
    slot = slot_of(topic, token)
    body = {"id": node, "seq": HOUR * 3_600_000, "exp": HOUR * 3_600 + 150, "relays": ["wss://relay-0.example"]}
    blob = seal_record(names, topic, HOUR, slot, counting(0xB0, 16), body)
    return {
        "record key": names.record_key(HOUR),
        "token of the slot": token,
        "slot": slot,
        "blob[0..64]": blob[:64],
        "tag of the blob": blob[-16:],
        "GET": registry_message({"type": "get", "topic": topic.hex(), "proved": True}, prove),
    }


def section_13():
    names, _, node, _ = rendezvous_inputs()
    instance = "abcdefghijklmnopqrstuvwxyz"
    return {
        "subtype": f"_{names.tag(HOUR)}._sub._stt._udp.local",
        "sealed": names.seal_peer(node, HOUR, 4433, 8080, instance, "192.168.7.5"),
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        printed = blocks(file.read())
    secrets, handshake = section_2()
    computed = {"1": section_1(), "2": handshake, "3": section_3(), "4": section_4(secrets), "8": section_8(), "9": section_9()}
    computed |= {"11": section_11(), "12": section_12(), "13": section_13()}
    wrong = [f"there are known answers of section {section}, which this reader does not compute" for section in set(printed) - set(computed)]
    count = 0
    for section, values in computed.items():
        rows = printed.get(section, {})
        unknown = {name for name, text in rows.items() if is_hex(text)} - set(values)
        wrong += [f"section {section}: this reader does not compute {name}" for name in sorted(unknown)]
        for name, value in values.items():
            count += 1
            text = value if isinstance(value, str) else value.hex()
            if rows.get(name) != text:
                wrong.append(f"section {section}: {name} is {rows.get(name)} in the text and {text} here")
    print("\n".join(wrong) if wrong else f"{count} known answers agree")
    sys.exit(1 if wrong else 0)


main()
