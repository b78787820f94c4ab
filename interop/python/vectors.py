#!/usr/bin/env python3
"""Runs the reference values that docs/vectors.md describes, all but those of the handshake, which have a reader of their own.

    python3 vectors.py packages
"""

import base64
import ipaddress
import json
import pathlib
import struct
import sys

import frames as f
from packets import PacketKey, destination_of, epoch_bits, is_packet, next_secret, number_of, open_packet, seal_packet
from primitives import KeyPair, derive, digest, mac, node_id, seal
from values import decode, encode

count = 0
u16, u32 = (lambda n: n.to_bytes(2, "big")), (lambda n: n.to_bytes(4, "big"))


def same(name, actual, expected):
    global count
    count += 1
    if actual != expected:
        sys.exit(f"{name}: {actual!r} is not {expected!r}")


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
        return b"\x22" + candidate(frame["candidate"])
    kind, number = (b"\x20", frame["sequence"]) if frame["type"] == "ADDRESSES" else (b"\x21", frame["round"])
    candidates = frame["candidates"]
    return kind + f.varint(number) + f.varint(len(candidates)) + b"".join(map(candidate, candidates))


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


def candidate(fields):
    """STT-RLY-4; None is the candidate of no bytes."""
    if fields is None:
        return b"\0"
    ip = ipaddress.ip_address(fields["address"])
    source = ("host", "observed", "mapped", "configured").index(fields["source"]) + 1
    body = bytes([1 if ip.version == 4 else 2, source]) + ip.packed + fields["port"].to_bytes(2, "big")
    return bytes([len(body)]) + body


def relay_message(fields, keys):
    """A message between a client and a relay, section 11.2."""
    kind, hexed = fields["type"], lambda name: bytes.fromhex(fields[name])
    number = 0xC0 + ["greeting", "listen", "dial", "incoming", "accept", "spliced", "no", "goingAway", "ping", "pong"].index(kind)
    if kind == "greeting":
        limits = [fields[name] for name in ("rate", "burst", "freeMebibytes", "freeSeconds")]
        body = bytes([1]) + hexed("nonce") + u32(fields["unixSeconds"]) + candidate(fields["observed"])
        body += b"".join(map(u16, fields["udpPorts"])) + b"".join(map(u32, limits)) + bytes([fields["needsAccess"]])
    elif kind in ("listen", "dial"):
        entries = fields["claims" if kind == "listen" else "mailboxes"]
        body = bytes([len(entries)]) + b"".join(map(bytes.fromhex, entries))
        if fields["proved"]:
            head = keys["keyId"] + bytes(4)
            authority = keys["authority"].encode()
            parts = b"stt relay", u32(len(authority)), authority, keys["nonce"], bytes([number]), head, body
            body += head + mac(keys["access"], *parts)[:16]
    elif kind in ("incoming", "accept"):
        body = hexed("ticket")
    elif kind == "no":
        reason = ["full", "nobody", "auth", "rate", "taken", "version", "elsewhere"].index(fields["reason"]) + 1
        url = fields["url"].encode()
        body = bytes([reason]) + u32(fields["retryAfter"]) + u16(len(url)) + url
    elif kind == "goingAway":
        body = u32(fields["reconnectIn"]) + u32(fields["tryFor"])
    else:
        body = b"" if kind == "spliced" else hexed("data")
    return bytes([number]) + body


def run_rendezvous(vectors):
    given = vectors["inputs"]
    seed, private, nonce = (bytes.fromhex(given[name]) for name in ("seed", "staticPrivateKey", "nonce"))
    hour, node = given["hour"].to_bytes(8, "big"), node_id(KeyPair(private).public)
    prk = mac(b"STTv1 seed", seed)
    rdv, access = derive(prk, "rendezvous", b"", 32), derive(prk, "relay access", b"", 32)
    mailbox, home, key_id = derive(rdv, "mailbox", node + hour, 32), derive(rdv, "home", node, 8), digest("relay-key", access)[:8]
    computed = {
        "rdv": rdv,
        "access": access,
        "keyId": key_id,
        "topic": derive(rdv, "topic", hour, 32),
        "mailbox": mailbox,
        "token": derive(private, "mailbox", mailbox, 16),
        "home": home,
    }
    same("names", {name: value.hex() for name, value in computed.items()}, vectors["derived"])
    rank = lambda url: digest("relay-order", home, url.encode())[:8]
    same("order", sorted(sorted(vectors["order"]), key=rank, reverse=True), vectors["order"])
    keys = {"keyId": key_id, "access": access, "nonce": nonce, "authority": given["authority"]}
    for each in vectors["messages"]:
        same(each["name"], relay_message(each["message"], keys).hex(), each["hex"])
    for each in vectors["datagrams"]:
        bind = b"\xd0" + bytes.fromhex(each["nonce"])
        same("BIND", (bind + bytes(64 - len(bind))).hex(), each["bind"])
        same("BOUND", (b"\xd1" + bind[1:] + candidate(each["observed"])).hex(), each["bound"])


def registry_message(fields, keys):
    kind, hexed = fields["type"], lambda name: bytes.fromhex(fields[name])
    number = 0xE1 + ["put", "get", "stored", "records"].index(kind)
    body = b""
    if kind == "put":
        body = hexed("topic") + hexed("token") + u16(fields["ttl"]) + u16(len(hexed("blob"))) + hexed("blob")
    elif kind == "get":
        body = hexed("topic")
    elif kind == "records":
        body = bytes([fields["more"], len(fields["entries"])])
        for entry in fields["entries"]:
            blob = bytes.fromhex(entry["blob"])
            body += bytes.fromhex(entry["slot"]) + u16(len(blob)) + blob
    if fields.get("proved"):
        head = keys["keyId"] + bytes(4)
        authority = keys["authority"].encode()
        parts = b"stt relay", u32(len(authority)), authority, keys["nonce"], bytes([number]), head, body
        body += head + mac(keys["access"], *parts)[:16]
    return bytes([number]) + body


def run_registry(vectors):
    given = vectors["inputs"]
    seed, private, nonce, salt = (bytes.fromhex(given[name]) for name in ("seed", "staticPrivateKey", "nonce", "salt"))
    hour = given["hour"].to_bytes(8, "big")
    prk = mac(b"STTv1 seed", seed)
    rdv, access = derive(prk, "rendezvous", b"", 32), derive(prk, "relay access", b"", 32)
    topic, record = derive(rdv, "topic", hour, 32), derive(rdv, "record", hour, 32)
    token = derive(private, "slot", topic, 16)
    slot = digest("slot", topic, token)[:16]
    computed = {"topic": topic, "record": record, "token": token, "slot": slot}
    same("names", {name: value.hex() for name, value in computed.items()}, vectors["derived"])
    for each in vectors["records"]:
        body = encode({**each["body"], "id": bytes.fromhex(each["body"]["id"])})
        size = 512 if len(body) <= 510 else 992
        key = derive(record, "rec", salt + slot, 32)
        sealed = salt + seal(key, bytes(12), (u16(len(body)) + body).ljust(size, b"\0"), topic + slot)
        same(each["name"], sealed.hex(), each["blob"])
    keys = {"keyId": digest("relay-key", access)[:8], "access": access, "nonce": nonce, "authority": given["authority"]}
    for each in vectors["messages"]:
        same(each["name"], registry_message(each["message"], keys).hex(), each["hex"])


def run_lan(vectors):
    given = vectors["inputs"]
    seed, private = (bytes.fromhex(given[name]) for name in ("seed", "staticPrivateKey"))
    lan, node = derive(mac(b"STTv1 seed", seed), "lan", b"", 32), node_id(KeyPair(private).public)
    hours = [hour.to_bytes(8, "big") for hour in given["hours"]]
    same("lan", lan.hex(), vectors["lan"])
    same("tags", [base64.b32encode(derive(lan, "tag", hour, 15)).decode().lower() for hour in hours], vectors["tags"])
    for each in vectors["peers"]:
        context = each["hour"].to_bytes(8, "big") + u16(each["udp"]) + u16(each["ws"])
        context += f"{each['instance']} {each['address']}".encode()
        same(each["address"], seal(derive(lan, "peer", context, 32), bytes(12), node, b"").hex(), each["sealed"])


def main():
    packages = pathlib.Path(sys.argv[1])
    for file, run in (
        ("frame/vectors/frames.json", run_frames),
        ("session/vectors/packets.json", run_packets),
        ("serialize/vectors/serialize.json", run_values),
        ("rendezvous/vectors/rendezvous.json", run_rendezvous),
        ("rendezvous/vectors/registry.json", run_registry),
        ("lan/vectors/lan.json", run_lan),
    ):
        run(json.loads((packages / file).read_text(encoding="utf-8")))
    print(f"{count} reference values hold")


main()
