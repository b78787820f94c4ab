#!/usr/bin/env python3
"""Runs the reference values that docs/vectors.md describes.

    python3 vectors.py packages
"""

import json
import pathlib
import struct
import sys

import frames as f
from comparison import same, total
from handshake import Initiator, Responder, Side
from packets import PacketKey, destination_of, epoch_bits, is_packet, next_secret, number_of, open_packet, seal_packet
from primitives import KeyPair, SeedKeys, derive, node_id
from rendezvous import (
    REGISTRY,
    RELAY,
    Names,
    candidate,
    mailbox_token,
    open_record,
    ordered,
    read_message,
    registry_message,
    relay_message,
    seal_record,
    slot_of,
    slot_token,
)
from values import decode, encode


def refusal(name, action):
    """What refuses it: a close code, or True where there is none."""
    try:
        action()
    except f.ProtocolError as error:
        return error.code
    except ValueError:
        return True
    sys.exit(f"{name}: taken, and must be refused")


def as_value(frame):
    """A frame as frames.json writes it."""
    kind, fields = frame[0], frame[1:]
    names = {
        0x04: ("RESET", "id", "code", "finalSize"),
        0x05: ("STOP", "id", "code"),
        0x10: ("MAX_DATA", "max"),
        0x11: ("MAX_STREAM_DATA", "id", "max"),
        0x12: ("MAX_STREAMS_BIDI", "max"),
        0x13: ("MAX_STREAMS_UNI", "max"),
        0x17: ("JOIN", "serial", "kind"),
        0x1C: ("CLOSE", "app", "code", "reason"),
        0x01: ("PING",),
        0x1E: ("HANDSHAKE_DONE",),
    }
    if kind == 0x02:
        return {"type": "ACK", "delay": fields[1], "ranges": [[high, low] for low, high in fields[0]]}
    if kind in (0x20, 0x21):
        number, candidates = fields
        name = "sequence" if kind == 0x20 else "round"
        return {"type": "ADDRESSES" if kind == 0x20 else "PUNCH", name: number, "candidates": [as_candidate(each) for each in candidates]}
    if kind == 0x22:
        return {"type": "OBSERVED", "candidate": as_candidate(fields[0])}
    if kind == 0x08:
        number, offset, data, fin = fields
        return {"type": "STREAM", "id": number, "offset": offset, "fin": fin, "data": data.hex()}
    if kind in (0x1A, 0x1B, 0x30):
        return {"type": {0x1A: "PATH_CHALLENGE", 0x1B: "PATH_RESPONSE", 0x30: "DATAGRAM"}[kind], "data": fields[0].hex()}
    return {"type": names[kind][0], **dict(zip(names[kind][1:], fields))}


def as_candidate(read):
    return None if read is None else dict(zip(("source", "address", "port"), read))


def write_punching(frame):
    """ADDRESSES, PUNCH and OBSERVED of section 3.3."""
    if frame["type"] == "OBSERVED":
        return f.observed(candidate(frame["candidate"]))
    kind, number = (0x20, frame["sequence"]) if frame["type"] == "ADDRESSES" else (0x21, frame["round"])
    return f.address_list(kind, number, list(map(candidate, frame["candidates"])))


def run_frames(vectors):
    for each in vectors["varints"]:
        same("varint", f.varint(each["value"]).hex(), each["bytes"])
        same("varint", f.Reader(bytes.fromhex(each["bytes"])).varint(), each["value"])
    for each in vectors["varintRefusals"]:
        same("varint", refusal(each["bytes"], f.Reader(bytes.fromhex(each["bytes"])).varint), f.FRAME_ENCODING)
    for each in vectors["headers"]:
        packet = bytes.fromhex(each["bytes"]) + bytes(16)
        seen = is_packet(packet), epoch_bits(packet), destination_of(packet).hex(), number_of(packet)
        same(each["name"], seen, (True, each["epochBits"], each["destination"], each["packetNumber"]))
    for each in vectors["headerRefusals"]:
        same(each["name"], is_packet(bytes.fromhex(each["bytes"])), False)
    for each in vectors["packets"]:
        read = list(f.read_frames(bytes.fromhex(each["bytes"])))
        expected = [frame for frame in each["frames"] if frame["type"] != "PADDING"]
        same(each["name"], [as_value(frame) for frame in read if frame[0] != 0], expected)
        same(each["name"], any(frame[0] not in f.QUIET for frame in read), each["ackEliciting"])
    for each in vectors["refusals"]:
        same(each["name"], refusal(each["name"], lambda: list(f.read_frames(bytes.fromhex(each["bytes"])))), each["closeCode"])
    for each in vectors["punching"]:
        data = bytes.fromhex(each["bytes"])
        read = [frame for frame in f.read_frames(data, punch=True) if frame[0] != 0]
        same(each["name"], [as_value(frame) for frame in read], each["frames"])
        same(each["name"], any(frame[0] not in f.QUIET for frame in read), each["ackEliciting"])
        if each["written"]:
            same(each["name"], b"".join(map(write_punching, each["frames"])), data)
    for each in vectors["punchingRefusals"]:
        read = lambda: list(f.read_frames(bytes.fromhex(each["bytes"]), punch=True))
        same(each["name"], refusal(each["name"], read), each["closeCode"])
    for each in vectors["messages"]:
        same("message", f.varint(each["length"]).hex(), each["header"])
        same("message", f.message_length(f.Reader(bytes.fromhex(each["header"])), f.MAX_MESSAGE), each["length"])
    for each in vectors["messageRefusals"]:
        reader = f.Reader(bytes.fromhex(each["header"]))
        same("message", refusal(each["header"], lambda: f.message_length(reader, each["maximum"])), each["closeCode"])


def run_packets(vectors):
    secrets = [bytes.fromhex(vectors["trafficSecret"])]
    while len(secrets) < 6:
        secrets.append(next_secret(secrets[-1]))
    same("next traffic secret", secrets[1].hex(), vectors["nextTrafficSecret"])
    for each in vectors["epochs"]:
        key = PacketKey(secrets[each["epoch"]])
        same(f"epoch {each['epoch']}", (key.key.hex(), key.iv.hex()), (each["key"], each["iv"]))
    for each in vectors["packets"]:
        key, content, packet = PacketKey(secrets[each["epoch"]]), bytes.fromhex(each["frames"]), bytes.fromhex(each["packet"])
        same(each["name"], seal_packet(key, each["epoch"], bytes.fromhex(vectors["destination"]), each["packetNumber"], content), packet)
        same(each["name"], open_packet(key, packet), content)
        same(each["name"], open_packet(key, packet[:-1] + bytes([packet[-1] ^ 1])), None)


def from_notation(value):
    if isinstance(value, list):
        return [from_notation(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "dict":
        return {key: from_notation(item) for key, item in content}
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "utf16":
        return bytes.fromhex(content).decode("utf-16-be", "surrogatepass")
    if kind == "float64":
        return struct.unpack(">d", bytes.fromhex(content))[0]
    return int(content)


def run_values(vectors):
    for each in vectors["accepted"]:
        data = bytes.fromhex(each["hex"])
        if each["canonical"]:
            same(each["name"], encode(decode(data)), data)
            same(each["name"], encode(from_notation(each["value"])), data)
        else:
            same(each["name"], refusal(each["name"], lambda: decode(data)), True)
    for each in vectors["refused"]:
        same(each["name"], refusal(each["name"], lambda: decode(bytes.fromhex(each["hex"]))), True)
    for each in vectors["unencodable"]:
        same(each["name"], refusal(each["name"], lambda: encode(from_notation(each["value"]))), True)


def seed_and_key(given):
    """The names of the inputs' seed, the static private key, and the id that follows from it."""
    private = bytes.fromhex(given["staticPrivateKey"])
    return Names(bytes.fromhex(given["seed"])), private, node_id(KeyPair(private).public)


def prover(names, given):
    return lambda number, body: names.proof(given["authority"], bytes.fromhex(given["nonce"]), number, body)


def run_rendezvous(vectors):
    given = vectors["inputs"]
    names, private, node = seed_and_key(given)
    mailbox = names.mailbox(node, given["hour"])
    computed = {
        "rdv": names.rdv,
        "access": names.access,
        "keyId": names.key_id,
        "topic": names.topic(given["hour"]),
        "mailbox": mailbox,
        "token": mailbox_token(private, mailbox),
        "home": names.home(node),
    }
    same("names", {name: value.hex() for name, value in computed.items()}, vectors["derived"])
    same("order", ordered(names.home(node), sorted(vectors["order"])), vectors["order"])
    for each in vectors["messages"]:
        same(each["name"], relay_message(each["message"], prover(names, given)).hex(), each["hex"])
        same(each["name"], read_message(bytes.fromhex(each["hex"]), RELAY, 0xC0), each["message"])
    for each in vectors["refused"]:
        same(each["name"], bool(refusal(each["name"], lambda: read_message(bytes.fromhex(each["hex"]), RELAY, 0xC0))), True)
    for each in vectors["datagrams"]:
        bind = b"\xd0" + bytes.fromhex(each["nonce"])
        same("BIND", bind.ljust(each.get("size", 64), b"\0").hex(), each["bind"])
        same("BOUND", (b"\xd1" + bind[1:] + candidate(each["observed"])).hex(), each["bound"])


def run_registry(vectors):
    given = vectors["inputs"]
    names, private, _ = seed_and_key(given)
    hour, salt = given["hour"], bytes.fromhex(given["salt"])
    topic = names.topic(hour)
    token = slot_token(private, topic)
    slot = slot_of(topic, token)
    computed = {"topic": topic, "record": names.record_key(hour), "token": token, "slot": slot}
    same("names", {name: value.hex() for name, value in computed.items()}, vectors["derived"])
    for each in vectors["records"]:
        body, blob = {**each["body"], "id": bytes.fromhex(each["body"]["id"])}, bytes.fromhex(each["blob"])
        same(each["name"], seal_record(names, topic, hour, slot, salt, body), blob)
        same(each["name"], open_record(names, topic, hour, slot, blob), body)
        same(each["name"], open_record(names, topic, hour, slot, blob[:-1] + bytes([blob[-1] ^ 1])), None)
    for each in vectors["messages"]:
        same(each["name"], registry_message(each["message"], prover(names, given)).hex(), each["hex"])
        same(each["name"], read_message(bytes.fromhex(each["hex"]), REGISTRY, 0xE1), each["message"])
    for each in vectors["refused"]:
        same(each["name"], bool(refusal(each["name"], lambda: read_message(bytes.fromhex(each["hex"]), REGISTRY, 0xE1))), True)


def run_lan(vectors):
    given = vectors["inputs"]
    names, _, node = seed_and_key(given)
    same("lan", names.lan.hex(), vectors["lan"])
    same("tags", list(map(names.tag, given["hours"])), vectors["tags"])
    for each in vectors["peers"]:
        place = [each[name] for name in ("hour", "udp", "ws", "instance", "address")]
        same(each["address"], names.seal_peer(node, *place).hex(), each["sealed"])
        same(each["address"], names.open_peer(bytes.fromhex(each["sealed"]), *place), node)


def run_handshakes(vectors):
    """From the inputs alone: four messages, and what follows from them."""
    for run in vectors["handshakes"]:
        given, name = run["inputs"], run["name"]
        taken = {key: bytes.fromhex(value) for key, value in given.items() if isinstance(value, str)}
        payloads = [decode(bytes.fromhex(each)) for each in run["payloads"]]
        keys, status = SeedKeys(taken["seed"]), run["status"]
        psk3 = derive(taken["pairwiseSecret"], "pairwise", b"", 32) if given["pairwiseSecret"] else b""

        def side(who, kem, suites, metadata):
            own = [taken[who + part] for part in ("Static", "Ephemeral", "Nonce", "Cid")]
            pairs = KeyPair(own[0]), KeyPair(own[1])
            return Side(keys, *pairs, *own[2:], given[who + "Limits"], given[who + "Paths"], suites, taken[kem], metadata, psk3)

        ours = side("initiator", "kemSeed", payloads[0]["suites"], payloads[2].get("metadata"))
        theirs = side("responder", "kemMessage", payloads[1]["suites"], payloads[3].get("metadata"))
        initiator = Initiator(ours, run["datagram"], taken["token"])
        responder = Responder(theirs, run["datagram"])
        written = run["messages"]
        same(name, initiator.hello.hex(), written["hello"])
        response = responder.answer_hello(initiator.hello)
        same(name, response.hex(), written["response"])
        proof = initiator.read_response(response)
        same(name, [each.hex() for each in proof], written["authProofFragments"] or [written["authProof"]])
        final = [responder.answer_proof(each, status) for each in proof][-1]
        same(name, [each.hex() for each in final], written["finalFragments"] or [written["final"]])
        if status:
            same(name, bool(refused(name, lambda: list(map(initiator.read_final, final)))), True)
            continue
        secrets, schedule = [initiator.read_final(each) for each in final][-1], run["schedule"]
        for part in ("h4", "root", "confirm", "exporter"):
            same(f"{name}: {part}", getattr(secrets, part).hex(), schedule[part])
        same(name, (secrets.i2r.hex(), secrets.r2i.hex()), tuple(schedule[way][0]["secret"] for way in WAYS))
        same(name, (initiator.session_id.hex(), initiator.reset_token.hex()), (schedule["sessionId"], schedule["resetToken"]))
        same(name, initiator.paths, run["paths"])


WAYS = ("initiatorToResponder", "responderToInitiator")


def refused(name, action):
    try:
        action()
    except ConnectionRefusedError:
        return True
    sys.exit(f"{name}: taken, and must be refused")


def main():
    packages = pathlib.Path(sys.argv[1])
    for file, run in (
        ("handshake/vectors/handshake.json", run_handshakes),
        ("frame/vectors/frames.json", run_frames),
        ("session/vectors/packets.json", run_packets),
        ("serialize/vectors/serialize.json", run_values),
        ("rendezvous/vectors/rendezvous.json", run_rendezvous),
        ("rendezvous/vectors/registry.json", run_registry),
        ("lan/vectors/lan.json", run_lan),
    ):
        run(json.loads((packages / file).read_text(encoding="utf-8")))
    print(f"{total()} reference values hold")


main()
