"""Sections 11 to 13: names, proofs, messages of relays and registries, records, what is said on the local network."""

import base64
import ipaddress

from frames import Reader, read_candidate, varint
from primitives import derive, digest, mac, seal, unseal
from values import decode, encode

RELAY = ("greeting", "listen", "dial", "incoming", "accept", "spliced", "no", "goingAway", "ping", "pong")
REGISTRY = ("put", "get", "stored", "records")
REASONS = ("full", "nobody", "auth", "rate", "taken", "version", "elsewhere")
SOURCES = ("host", "observed", "mapped", "configured")

u16, u32, u64 = (lambda n: n.to_bytes(2, "big")), (lambda n: n.to_bytes(4, "big")), (lambda n: n.to_bytes(8, "big"))


class Names:
    """What the holders of a seed can compute: STT-RLY-1, STT-RLY-2, STT-REG-1."""

    def __init__(self, seed):
        prk = mac(b"STTv1 seed", seed)
        self.rdv, self.access, self.lan = (derive(prk, label, b"", 32) for label in ("rendezvous", "relay access", "lan"))
        self.key_id = digest("relay-key", self.access)[:8]

    def topic(self, hour):
        return derive(self.rdv, "topic", u64(hour), 32)

    def mailbox(self, node, hour):
        return derive(self.rdv, "mailbox", node + u64(hour), 32)

    def home(self, node):
        return derive(self.rdv, "home", node, 8)

    def record_key(self, hour):
        return derive(self.rdv, "record", u64(hour), 32)

    def proof(self, authority, nonce, number, body):
        """STT-RLY-7: behind a message's type and body."""
        name, head = authority.encode(), self.key_id + bytes(4)
        return head + mac(self.access, b"stt relay", u32(len(name)), name, nonce, bytes([number]), head, body)[:16]

    def tag(self, hour):
        """STT-LAN-1."""
        return base64.b32encode(derive(self.lan, "tag", u64(hour), 15)).decode().lower()

    def _peer_key(self, hour, udp, ws, instance, address):
        return derive(self.lan, "peer", u64(hour) + u16(udp) + u16(ws) + f"{instance} {address}".encode(), 32)

    def seal_peer(self, node, *place):
        """STT-LAN-2."""
        return seal(self._peer_key(*place), bytes(12), node, b"")

    def open_peer(self, sealed, *place):
        return unseal(self._peer_key(*place), bytes(12), sealed, b"")


def hours_at(seconds):
    """STT-RLY-2."""
    return [int(seconds + away) // 3600 for away in (-1800, 1800)]


def mailbox_token(private, mailbox):
    return derive(private, "mailbox", mailbox, 16)


def slot_token(private, topic):
    return derive(private, "slot", topic, 16)


def slot_of(topic, token):
    return digest("slot", topic, token)[:16]


def ordered(home, urls):
    """STT-RLY-22, of URLs that are written as the WHATWG standard does."""
    return sorted(urls, key=lambda url: digest("relay-order", home, url.encode())[:8], reverse=True)


def candidate(fields):
    """STT-RLY-4; None is the candidate of no bytes."""
    if fields is None:
        return b"\0"
    ip = ipaddress.ip_address(fields["address"])
    body = bytes([1 if ip.version == 4 else 2, SOURCES.index(fields["source"]) + 1]) + ip.packed + u16(fields["port"])
    return varint(len(body)) + body


def seal_record(names, topic, hour, slot, salt, body):
    """STT-REG-3."""
    encoded = encode(body)
    padded = (u16(len(encoded)) + encoded).ljust(512 if len(encoded) <= 510 else 992, b"\0")
    return salt + seal(derive(names.record_key(hour), "rec", salt + slot, 32), bytes(12), padded, topic + slot)


def open_record(names, topic, hour, slot, blob):
    """STT-REG-4: None for what is passed over."""
    padded = unseal(derive(names.record_key(hour), "rec", blob[:16] + slot, 32), bytes(12), blob[16:], topic + slot)
    if padded is None or any(padded[2 + int.from_bytes(padded[:2], "big") :]):
        return None
    try:
        body = decode(padded[2 : 2 + int.from_bytes(padded[:2], "big")])
    except ValueError:
        return None
    return body if isinstance(body, dict) and isinstance(body.get("id"), bytes) and isinstance(body.get("relays"), list) else None


def _url_field(url):
    return u16(len(url)) + url.encode()


def relay_message(fields, prove):
    """A message of section 11.2; `prove(number, body)` gives the proof of one that is to have it."""
    kind, hexed = fields["type"], lambda name: bytes.fromhex(fields[name])
    number, body = 0xC0 + RELAY.index(kind), b""
    if kind == "greeting":
        limits = [fields[name] for name in ("rate", "burst", "freeMebibytes", "freeSeconds")]
        body = bytes([1]) + hexed("nonce") + u32(fields["unixSeconds"]) + candidate(fields["observed"])
        body += b"".join(map(u16, fields["udpPorts"])) + b"".join(map(u32, limits)) + bytes([fields["needsAccess"]])
    elif kind in ("listen", "dial"):
        entries = fields["claims" if kind == "listen" else "mailboxes"]
        body = bytes([len(entries)]) + b"".join(map(bytes.fromhex, entries))
    elif kind == "accept":
        body = hexed("ticket")
    elif kind == "incoming":
        body = hexed("ticket") + _url_field(fields["url"])
    elif kind == "no":
        body = bytes([REASONS.index(fields["reason"]) + 1]) + u32(fields["retryAfter"]) + _url_field(fields["url"])
    elif kind == "goingAway":
        body = u32(fields["reconnectIn"]) + u32(fields["tryFor"])
    elif kind in ("ping", "pong"):
        body = hexed("data")
    return bytes([number]) + body + (prove(number, body) if fields.get("proved") else b"")


def registry_message(fields, prove):
    """A message of section 12.2."""
    kind, hexed = fields["type"], lambda name: bytes.fromhex(fields[name])
    number, body = 0xE1 + REGISTRY.index(kind), b""
    if kind == "put":
        body = hexed("topic") + hexed("token") + u16(fields["ttl"]) + u16(len(hexed("blob"))) + hexed("blob")
    elif kind == "get":
        body = hexed("topic")
    elif kind == "records":
        body = bytes([fields["more"], len(fields["entries"])])
        for entry in fields["entries"]:
            blob = bytes.fromhex(entry["blob"])
            body += bytes.fromhex(entry["slot"]) + u16(len(blob)) + blob
    return bytes([number]) + body + (prove(number, body) if fields.get("proved") else b"")


class Refused(ValueError):
    """A message that is none: the connection ends. STT-RLY-5, STT-REG-6"""


def read_message(data, kinds, first):
    """A message of section 11.2 (RELAY, 0xC0) or 12.2 (REGISTRY, 0xE1), as the files of reference values write them."""
    reader = Reader(data)
    number = reader.take(1)[0] - first
    if not 0 <= number < len(kinds):
        raise Refused(f"a message of type {data[0]:02x}")
    message = {"type": kinds[number], **READERS[kinds[number]](reader)}
    if reader.at != len(data):
        raise Refused("bytes behind a message")
    return message


def _number(reader, size):
    return int.from_bytes(reader.take(size), "big")


def _entries(reader, size, most, name):
    count = _number(reader, 1)
    if not 1 <= count <= most:
        raise Refused(f"{count} {name}")
    return {name: [reader.take(size).hex() for _ in range(count)], **_proof(reader)}


def _proof(reader):
    """Whether there is one; whoever has the key says whether it is right."""
    left = len(reader.data) - reader.at
    if left not in (0, 28):
        raise Refused("a proof is 28 bytes or none")
    reader.take(left)
    return {"proved": left > 0}


def _greeting(reader):
    if _number(reader, 1) != 1:
        raise Refused("another version")
    fields = {"nonce": reader.take(16).hex(), "unixSeconds": _number(reader, 4), "observed": read_candidate(reader)}
    if fields["observed"]:
        fields["observed"] = dict(zip(("source", "address", "port"), fields["observed"]))
    fields["udpPorts"] = [_number(reader, 2), _number(reader, 2)]
    for name in ("rate", "burst", "freeMebibytes", "freeSeconds"):
        fields[name] = _number(reader, 4)
    return {**fields, "needsAccess": _number(reader, 1) & 1 == 1}


def _url(reader):
    size = _number(reader, 2)
    url = reader.take(size)
    if size > 512 or not all(0x20 < byte < 0x7F for byte in url):
        raise Refused("a URL that is too long or not in printable ASCII")
    return url.decode()


def _no(reader):
    reason, retry = _number(reader, 1), _number(reader, 4)
    return {"reason": REASONS[reason - 1] if 1 <= reason <= 7 else "unknown", "retryAfter": retry, "url": _url(reader)}


def _blob(reader):
    blob = reader.take(_number(reader, 2))
    if len(blob) not in (544, 1024):
        raise Refused("a record of another size")
    return blob.hex()


def _put(reader):
    fields = {"topic": reader.take(32).hex(), "token": reader.take(16).hex(), "ttl": _number(reader, 2)}
    if fields["ttl"] > 300:
        raise Refused("a record for longer than 300 s")
    if fields["ttl"] == 0:
        if _number(reader, 2):
            raise Refused("a record that is to be taken out")
        return {**fields, "blob": "", **_proof(reader)}
    return {**fields, "blob": _blob(reader), **_proof(reader)}


def _records(reader):
    more, count = _number(reader, 1), _number(reader, 1)
    if more > 1 or count > 32:
        raise Refused("more than 32 records at once")
    return {"more": more == 1, "entries": [{"slot": reader.take(16).hex(), "blob": _blob(reader)} for _ in range(count)]}


def _spliced(reader):
    reader.take(len(reader.data) - reader.at)
    return {}


READERS = {
    "greeting": _greeting,
    "listen": lambda reader: _entries(reader, 48, 4, "claims"),
    "dial": lambda reader: _entries(reader, 32, 2, "mailboxes"),
    "incoming": lambda reader: {"ticket": reader.take(16).hex(), "url": _url(reader)},
    "accept": lambda reader: {"ticket": reader.take(16).hex()},
    "spliced": _spliced,
    "no": _no,
    "goingAway": lambda reader: {"reconnectIn": _number(reader, 4), "tryFor": _number(reader, 4)},
    "ping": lambda reader: {"data": reader.take(8).hex()},
    "pong": lambda reader: {"data": reader.take(8).hex()},
    "put": _put,
    "get": lambda reader: {"topic": reader.take(32).hex(), **_proof(reader)},
    "stored": lambda reader: {},
    "records": _records,
}
