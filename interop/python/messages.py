"""Section 2.1: the messages of the handshake, whole or in two fragments. What is not right is read as None."""

from primitives import equal, mac

HELLO, RESPONSE, AUTH_PROOF, FINAL, RETRY = range(5)
ZERO_ID = bytes(8)
CONFIRM = 16
LARGEST_BODY = 1160
WHOLE, FIRST, SECOND = 0x01, 0x02, 0x12
# Keys and tags that a Noise message has at least: STT-HS-4.
LEAST = {HELLO: 48, RESPONSE: 96, AUTH_PROOF: 64, FINAL: 16, RETRY: 0}


def header(kind, noise_length, dcid, scid, fragment=WHOLE):
    return bytes([0x80 | kind, 1]) + noise_length.to_bytes(2, "big") + bytes([fragment, 0, 0, 0]) + dcid + scid


def with_mac1(keys, message):
    return message + mac(keys.mac1, message)[:16]


def write(keys, kind, noise, dcid, scid, datagram, trailer=b""):
    """All but HELLO and RETRY. STT-HS-6: two fragments where one datagram cannot hold it."""
    body = noise + trailer
    cut = datagram and len(body) > LARGEST_BODY
    parts = ((FIRST, body[:LARGEST_BODY]), (SECOND, body[LARGEST_BODY:])) if cut else ((WHOLE, body),)
    return [with_mac1(keys, header(kind, len(noise), dcid, scid, fragment) + part) for fragment, part in parts]


def token_length(hello):
    return hello[24]


def _kind(message):
    """STT-HS-2, STT-HS-3. The type and the fragment byte."""
    if len(message) < 25 or not 0x80 <= message[0] <= 0x84 or message[1] != 1 or any(message[5:8]):
        return None, None
    kind, fragment = message[0] & 0x7F, message[4]
    allowed = (WHOLE, FIRST, SECOND) if kind in (AUTH_PROOF, FINAL) else (WHOLE,)
    return (kind, fragment) if fragment in allowed else (None, None)


def read(keys, message, kind, datagram):
    """(fragment, length of the Noise message, body) of a message of this kind with the right mac1: STT-HS-4, 5, 6, 8."""
    found, fragment = _kind(message)
    if found != kind or (datagram and len(message) > 1200):
        return None
    noise_length = int.from_bytes(message[2:4], "big")
    body = noise_length + (CONFIRM if kind == FINAL else 0)
    if kind == HELLO:
        if token_length(message) not in (0, 32) or (datagram and len(message) != 1200):
            return None
        body += 1 + token_length(message)
    if fragment != WHOLE:
        if not datagram or not LARGEST_BODY < body <= 2 * LARGEST_BODY:
            return None
        body = LARGEST_BODY if fragment == FIRST else body - LARGEST_BODY
    if noise_length < LEAST[kind] or len(message) != 24 + body + 16:
        return None
    if not equal(mac(keys.mac1, message[:-16])[:16], message[-16:]):
        return None
    return fragment, noise_length, message[24:-16]


def read_retry(message, hello_cid):
    """(token, what its tag has to be made of, tag)"""
    if _kind(message) != (RETRY, WHOLE) or len(message) != 72 or message[2:4] != b"\0\0":
        return None
    if message[8:16] != hello_cid or message[16:24] != ZERO_ID:
        return None
    return message[24:56], message[:56], message[56:]


class Fragments:
    """STT-HS-6: one of each kind, which are joined where their lengths agree, and forgotten then."""

    def __init__(self):
        self._kept = {}

    def add(self, fragment, noise_length, body):
        """The body of the whole message, once it is there."""
        if fragment == WHOLE:
            return body
        self._kept[fragment] = (noise_length, body)
        if len(self._kept) < 2 or self._kept[FIRST][0] != self._kept[SECOND][0]:
            return None
        joined = self._kept[FIRST][1] + self._kept[SECOND][1]
        self._kept = {}
        return joined
