"""Section 2: both sides of a run as bytes in and bytes out. What is not right is answered with None."""

from dataclasses import dataclass

import messages as m
import mlkem
from primitives import KeyPair, Noise, SeedKeys, blake2b, derive, digest, equal, mac, node_id, noise_nonce, seal, unseal
from values import decode, encode

LIMITS = ("idleTimeout", "maxData", "maxDatagram", "maxMessage", "maxStreamData", "maxStreamsBidi", "maxStreamsUni")
KEM_SUITE = 2


@dataclass
class Side:
    """What one side brings to a run."""

    keys: SeedKeys
    static: KeyPair
    ephemeral: KeyPair
    nonce: bytes
    cid: bytes
    limits: dict
    paths: dict
    suites: tuple = (1,)
    # ML-KEM: d ‖ z of the initiator, m of the responder.
    kem: bytes = b""
    metadata: object = None
    # In place of the seed's: the secret that the two share.
    psk3: bytes = b""


def read_payload(plaintext):
    try:
        payload = decode(plaintext)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def is_count(value, most=2**53 - 1):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def is_choices(value, most):
    """STT-HS-10."""
    if not isinstance(value, list) or not 1 <= len(value) <= 16:
        return False
    return all(is_count(each, most) for each in value) and all(a < b for a, b in zip([0, *value], value))


def is_bytes(value, length):
    return isinstance(value, bytes) and len(value) == length


def is_limits(value):
    """STT-HS-11."""
    return isinstance(value, dict) and all(is_count(value.get(key)) for key in LIMITS) and value["idleTimeout"] >= 1000


def is_paths(value):
    """STT-HS-47."""
    if not isinstance(value, dict) or not isinstance(value.get("punch"), bool) or not is_count(value.get("detached")):
        return False
    return all(is_count(value.get(key), most) and value[key] >= 1 for key, most in (("v", 255), ("max", 16)))


def is_metadata(payload):
    """STT-HS-12."""
    return "metadata" not in payload or len(encode(payload["metadata"])) <= 512


def with_metadata(payload, value):
    return payload if value is None else {**payload, "metadata": value}


def agreed(ours, theirs):
    """STT-HS-48: of two booleans the smaller is true where both are."""
    return {key: min(ours[key], theirs[key]) for key in ("v", "max", "punch", "detached")}


def chosen(ours, theirs):
    """STT-HS-14."""
    return max(set(ours) & set(theirs), default=0)


class Secrets:
    """What a run gives to its session: STT-HS-17, STT-HS-18."""

    def __init__(self, noise, sealed_p4, suite, shared):
        self.h4 = blake2b(noise.h, sealed_p4)
        self.root = mac(noise.ck, b"STTv1 root", suite.to_bytes(2, "big"), self.h4, shared)
        self.confirm = mac(derive(self.root, "r confirm", b"", 32), self.h4)[:16]
        self.i2r = derive(self.root, "i2r traffic", self.h4[:32], 32)
        self.r2i = derive(self.root, "r2i traffic", self.h4[:32], 32)
        self.exporter = derive(self.root, "exporter", b"", 32)


def session_id(initiator_nonce, responder_nonce, initiator_id, responder_id):
    parts = (digest("sid-i", initiator_nonce), digest("sid-r", responder_nonce), initiator_id, responder_id)
    return bytes(a ^ b ^ c ^ d for a, b, c, d in zip(*(part[:16] for part in parts)))


class Initiator:
    def __init__(self, side, datagram, token=b"", expected=None):
        self.side, self.datagram, self.expected = side, datagram, expected
        self.peer_limits = self.peer_id = self.peer_cid = self.secrets = self.session_id = self.reset_token = None
        # The messages of AUTH_PROOF, and what it agreed to.
        self.proof, self.suite, self.status, self.paths = [], None, None, None
        self._final, self._kem = m.Fragments(), None

        def payload(padding):
            return encode({"nonce": side.nonce, "pad": bytes(padding), "suites": list(side.suites), "versions": [1]})

        start = 25 + len(token)
        # STT-HS-5: on a datagram link HELLO is exactly 1,200 bytes.
        p1 = payload(1200 - start - 32 - 16 - 16 - len(payload(0)) if datagram else 0)
        clear = m.header(m.HELLO, 32 + len(p1) + 16, m.ZERO_ID, side.cid) + bytes([len(token)]) + token
        self._noise = Noise(b"STT/1" + clear)
        self._noise.mix_psk(side.keys.psk0)
        self._noise.mix_ephemeral(side.ephemeral.public)
        self.hello = m.with_mac1(side.keys, clear + side.ephemeral.public + self._noise.encrypt(p1))

    def read_retry(self, message):
        """The token of a RETRY that answers this HELLO. STT-HS-33"""
        retry = m.read_retry(message, self.side.cid)
        if retry is None or self.proof or m.token_length(self.hello):
            return None
        token, tagged, tag = retry
        return token if equal(digest("retry", self.hello, tagged)[:16], tag) else None

    def read_response(self, message):
        """The messages of AUTH_PROOF, or None when RESPONSE was dropped."""
        side, response = self.side, m.read(self.side.keys, message, m.RESPONSE, self.datagram)
        if response is None or self.proof or message[8:16] != side.cid or message[16:24] == m.ZERO_ID:
            return None
        body = response[2]
        if body[:32] == side.ephemeral.public:
            return None
        noise = self._noise.copy()
        try:
            noise.mix_ephemeral(body[:32])
            noise.mix_key(side.ephemeral.agree(body[:32]))
            remote_static = noise.decrypt(body[32:80])
            if remote_static is None:
                return None
            noise.mix_key(side.ephemeral.agree(remote_static))
        except ValueError:
            return None
        plaintext = noise.decrypt(body[80:])
        if plaintext is None or remote_static == side.static.public:
            return None
        p2 = read_payload(plaintext)
        if p2 is None or not is_bytes(p2.get("nonce"), 16) or not is_choices(p2.get("suites"), 65535):
            return None
        if not is_limits(p2.get("limits")) or not is_paths(p2.get("paths")) or p2.get("scid") != message[16:24]:
            return None
        if not is_count(p2.get("suite"), 65535) or p2["suite"] != chosen(side.suites, p2["suites"]):
            return None
        if self.expected not in (None, node_id(remote_static)):
            # STT-HS-39: over UDP the right one may still answer.
            if self.datagram:
                return None
            raise ConnectionRefusedError("another node answered than the one that was dialed")
        if p2["suite"] == 0:
            raise ConnectionRefusedError(f"the listener allows the suites {p2['suites']} only")
        self.suite, self.peer_cid, self.peer_limits, self.peer_id = p2["suite"], message[16:24], p2["limits"], node_id(remote_static)
        self.session_id = session_id(side.nonce, p2["nonce"], node_id(side.static.public), self.peer_id)
        self.paths = agreed(side.paths, p2["paths"])

        p3 = with_metadata({"limits": side.limits, "paths": side.paths}, side.metadata)
        if self.suite == KEM_SUITE:
            p3["ek"], self._kem = mlkem.generate(side.kem)
        sealed_static = noise.encrypt(side.static.public)
        noise.mix_key(side.static.agree(body[:32]))
        noise.mix_psk(side.psk3 or side.keys.psk3)
        self._noise = noise
        sealed = sealed_static + noise.encrypt(encode(p3))
        self.proof = m.write(side.keys, m.AUTH_PROOF, sealed, self.peer_cid, side.cid, self.datagram)
        return self.proof

    def read_final(self, message):
        """The session's secrets, or None when FINAL was dropped, or one fragment is not all. Raises where it says no."""
        final = m.read(self.side.keys, message, m.FINAL, self.datagram)
        if final is None or not self.proof or message[8:24] != self.side.cid + self.peer_cid:
            return None
        body = self._final.add(*final)
        if body is None:
            return None
        sealed, confirm = body[:-16], body[-16:]
        plaintext = unseal(self._noise.responder_key(), noise_nonce(0), sealed, b"")
        p4 = read_payload(plaintext) if plaintext is not None else None
        if p4 is None or not is_count(p4.get("status"), 2) or not is_metadata(p4):
            return None
        if "resetToken" in p4 and not is_bytes(p4["resetToken"], 16):
            return None
        # STT-HS-16.
        has_kem = self.suite == KEM_SUITE and p4["status"] == 0
        if ("kem" in p4) != has_kem or (p4["status"] != 0 and ("resetToken" in p4 or "metadata" in p4)):
            return None
        if has_kem and not is_bytes(p4["kem"], mlkem.CIPHERTEXT_SIZE):
            return None
        shared = mlkem.decapsulate(self._kem, p4["kem"]) if has_kem else b""
        secrets = Secrets(self._noise, sealed, self.suite, shared)
        if not equal(secrets.confirm, confirm):
            return None
        self.status = p4["status"]
        if self.status != 0:
            raise ConnectionRefusedError(("", "the listener does not admit this node", "the listener is busy")[self.status])
        self.secrets, self.reset_token = secrets, p4.get("resetToken")
        return secrets


class Responder:
    def __init__(self, side, datagram):
        self.side, self.datagram = side, datagram
        self.peer_cid = self.peer_limits = self.peer_id = self.secrets = self.session_id = self.paths = None
        self._parts = m.Fragments()

    def answer_hello(self, message):
        """RESPONSE, or None when HELLO was dropped."""
        side, hello = self.side, m.read(self.side.keys, message, m.HELLO, self.datagram)
        if hello is None or message[8:16] != m.ZERO_ID or message[16:24] == m.ZERO_ID:
            return None
        start = 1 + m.token_length(message)
        remote, sealed = hello[2][start : start + 32], hello[2][start + 32 :]
        if remote == side.ephemeral.public:
            return None
        noise = Noise(b"STT/1" + message[: 24 + start])
        noise.mix_psk(side.keys.psk0)
        noise.mix_ephemeral(remote)
        plaintext = noise.decrypt(sealed)
        p1 = read_payload(plaintext) if plaintext is not None else None
        if p1 is None or not is_bytes(p1.get("nonce"), 16) or not isinstance(p1.get("pad"), bytes):
            return None
        # STT-HS-45: of those that this side speaks, which is 1, it has to be the highest.
        if not is_choices(p1.get("suites"), 65535) or not is_choices(p1.get("versions"), 255) or 1 not in p1["versions"]:
            return None
        try:
            noise.mix_ephemeral(side.ephemeral.public)
            noise.mix_key(side.ephemeral.agree(remote))
            sealed_static = noise.encrypt(side.static.public)
            noise.mix_key(side.static.agree(remote))
        except ValueError:
            return None
        self.peer_cid, self._peer_nonce, self._noise = message[16:24], p1["nonce"], noise
        self.suite = chosen(side.suites, p1["suites"])
        p2 = {"nonce": side.nonce, "suite": self.suite, "suites": list(side.suites), "scid": side.cid}
        payload = noise.encrypt(encode({**p2, "limits": side.limits, "paths": side.paths}))
        sealed = side.ephemeral.public + sealed_static + payload
        (response,) = m.write(side.keys, m.RESPONSE, sealed, self.peer_cid, side.cid, self.datagram)
        return response

    def answer_proof(self, message, status=0):
        """The messages of FINAL, or None when AUTH_PROOF was dropped, or one fragment is not all."""
        side, proof = self.side, m.read(self.side.keys, message, m.AUTH_PROOF, self.datagram)
        if proof is None or self.secrets or self.peer_cid is None or message[8:24] != side.cid + self.peer_cid:
            return None
        body, noise = self._parts.add(*proof), self._noise.copy()
        remote_static = noise.decrypt(body[:48]) if body is not None else None
        if remote_static is None or remote_static == side.static.public:
            return None
        try:
            noise.mix_key(side.ephemeral.agree(remote_static))
        except ValueError:
            return None
        noise.mix_psk(side.psk3 or side.keys.psk3)
        plaintext = noise.decrypt(body[48:])
        p3 = read_payload(plaintext) if plaintext is not None else None
        if p3 is None or not is_limits(p3.get("limits")) or not is_paths(p3.get("paths")) or not is_metadata(p3):
            return None
        # STT-HS-15.
        if ("ek" in p3) != (self.suite == KEM_SUITE):
            return None
        p4, shared = {"status": status}, b""
        if status == 0:
            # STT-HS-41.
            reset = mac(derive(side.static.private, "reset", b"", 32), side.cid)[:16]
            p4 = with_metadata({**p4, "resetToken": reset}, side.metadata)
            if self.suite == KEM_SUITE:
                try:
                    shared, p4["kem"] = mlkem.encapsulate(p3["ek"], side.kem)
                except ValueError:
                    return None
        sealed = seal(noise.responder_key(), noise_nonce(0), encode(p4), b"")
        self._noise, self.secrets = noise, Secrets(noise, sealed, self.suite, shared)
        self.peer_limits, self.peer_id, self.paths = p3["limits"], node_id(remote_static), agreed(side.paths, p3["paths"])
        self.session_id = session_id(self._peer_nonce, side.nonce, self.peer_id, node_id(side.static.public))
        return m.write(side.keys, m.FINAL, sealed, self.peer_cid, side.cid, self.datagram, self.secrets.confirm)
