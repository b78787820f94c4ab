"""Section 2, suite 1: both sides of a run as bytes in and bytes out. What is not right is answered with None."""

from primitives import KeyPair, Noise, blake2b, derive, digest, equal, mac, node_id, noise_nonce, seal, unseal
from values import decode, encode

HELLO, RESPONSE, AUTH_PROOF, FINAL, RETRY = range(5)
LIMITS = ("idleTimeout", "maxData", "maxDatagram", "maxMessage", "maxStreamData", "maxStreamsBidi", "maxStreamsUni")
ZERO_ID = bytes(8)


def header(kind, noise_length, dcid, scid):
    return bytes([0x80 | kind, 1]) + noise_length.to_bytes(2, "big") + b"\x01\0\0\0" + dcid + scid


def with_mac1(keys, message):
    return message + mac(keys.mac1, message)[:16]


def token_length(message):
    return message[24]


def is_well_formed(message, kind):
    """STT-HS-2, 3, 4 for a message that is whole: suite 1 never needs two fragments."""
    if len(message) < 24 or message[0] != 0x80 | kind or message[1] != 1 or message[4:8] != b"\x01\0\0\0":
        return False
    noise_length = int.from_bytes(message[2:4], "big")
    least = {HELLO: 48, RESPONSE: 96, AUTH_PROOF: 64, FINAL: 16, RETRY: 0}[kind]
    extra = {RESPONSE: 40, AUTH_PROOF: 40, FINAL: 56, RETRY: 72}.get(kind)
    if kind == HELLO:
        if len(message) < 25 or token_length(message) not in (0, 32):
            return False
        extra = 41 + token_length(message)
    return noise_length >= least and len(message) == noise_length + extra


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


def agreed(ours, theirs):
    """STT-HS-48: of two booleans the smaller is true where both are."""
    return {key: min(ours[key], theirs[key]) for key in ("v", "max", "punch", "detached")}


class Secrets:
    """What a run gives to its session: STT-HS-17, STT-HS-18."""

    def __init__(self, noise, sealed_p4):
        self.h4 = blake2b(noise.h, sealed_p4)
        root = mac(noise.ck, b"STTv1 root", (1).to_bytes(2, "big"), self.h4)
        self.confirm = mac(derive(root, "r confirm", b"", 32), self.h4)[:16]
        self.i2r = derive(root, "i2r traffic", self.h4[:32], 32)
        self.r2i = derive(root, "r2i traffic", self.h4[:32], 32)
        self.exporter = derive(root, "exporter", b"", 32)


def session_id(initiator_nonce, responder_nonce, initiator_id, responder_id):
    parts = (digest("sid-i", initiator_nonce), digest("sid-r", responder_nonce), initiator_id, responder_id)
    return bytes(a ^ b ^ c ^ d for a, b, c, d in zip(*(part[:16] for part in parts)))


class Initiator:
    def __init__(self, keys, static, ephemeral, nonce, cid, limits, paths, datagram, token=b"", expected=None):
        self.expected = expected
        self.keys, self.static, self.nonce, self.cid, self.limits, self.own_paths = keys, static, nonce, cid, limits, paths
        self.datagram, self.ephemeral = datagram, ephemeral
        self.peer_limits = self.peer_id = self.peer_cid = self.secrets = self.session_id = self.reset_token = None
        self.proof, self.status, self.paths = None, None, None

        def payload(padding):
            return encode({"nonce": nonce, "pad": bytes(padding), "suites": [1], "versions": [1]})

        start = 25 + len(token)
        # STT-HS-5: on a datagram link HELLO is exactly 1,200 bytes.
        p1 = payload(1200 - start - 32 - 16 - 16 - len(payload(0)) if datagram else 0)
        clear = header(HELLO, 32 + len(p1) + 16, ZERO_ID, cid) + bytes([len(token)]) + token
        self._noise = Noise(b"STT/1" + clear)
        self._noise.mix_psk(keys.psk0)
        self._noise.mix_ephemeral(ephemeral.public)
        self.hello = with_mac1(keys, clear + ephemeral.public + self._noise.encrypt(p1))

    def read_retry(self, message):
        """The token of a RETRY that answers this HELLO. STT-HS-33"""
        if not is_well_formed(message, RETRY) or message[8:16] != self.cid or message[16:24] != ZERO_ID:
            return None
        if self.proof or token_length(self.hello) or not equal(digest("retry", self.hello, message[:56])[:16], message[56:]):
            return None
        return message[24:56]

    def read_response(self, message):
        """AUTH_PROOF, or None when RESPONSE was dropped."""
        if self.proof or not is_well_formed(message, RESPONSE) or message[8:16] != self.cid or message[16:24] == ZERO_ID:
            return None
        if not equal(mac(self.keys.mac1, message[:-16])[:16], message[-16:]) or message[24:56] == self.ephemeral.public:
            return None
        noise = self._noise.copy()
        try:
            noise.mix_ephemeral(message[24:56])
            noise.mix_key(self.ephemeral.agree(message[24:56]))
            remote_static = noise.decrypt(message[56:104])
            if remote_static is None:
                return None
            noise.mix_key(self.ephemeral.agree(remote_static))
        except ValueError:
            return None
        plaintext = noise.decrypt(message[104:-16])
        if plaintext is None or remote_static == self.static.public:
            return None
        p2 = read_payload(plaintext)
        if p2 is None or not is_bytes(p2.get("nonce"), 16) or not is_choices(p2.get("suites"), 65535):
            return None
        if not is_limits(p2.get("limits")) or not is_paths(p2.get("paths")) or p2.get("scid") != message[16:24]:
            return None
        common = 1 if 1 in p2["suites"] else 0
        if not is_count(p2.get("suite"), 65535) or p2["suite"] != common:
            return None
        if self.expected not in (None, node_id(remote_static)):
            # STT-HS-39: over UDP the right one may still answer.
            if self.datagram:
                return None
            raise ConnectionRefusedError("another node answered than the one that was dialed")
        if common == 0:
            raise ConnectionRefusedError("the listener does not allow suite 1")
        self.peer_cid, self.peer_limits, self.peer_id = message[16:24], p2["limits"], node_id(remote_static)
        self.session_id = session_id(self.nonce, p2["nonce"], node_id(self.static.public), self.peer_id)
        self.paths = agreed(self.own_paths, p2["paths"])

        sealed_static = noise.encrypt(self.static.public)
        noise.mix_key(self.static.agree(message[24:56]))
        noise.mix_psk(self.keys.psk3)
        body = sealed_static + noise.encrypt(encode({"limits": self.limits, "paths": self.own_paths}))
        self._noise = noise
        self.proof = with_mac1(self.keys, header(AUTH_PROOF, len(body), self.peer_cid, self.cid) + body)
        return self.proof

    def read_final(self, message):
        """The session's secrets, or None when FINAL was dropped. Raises where it says no."""
        if not self.proof or not is_well_formed(message, FINAL) or message[8:24] != self.cid + self.peer_cid:
            return None
        if not equal(mac(self.keys.mac1, message[:-16])[:16], message[-16:]):
            return None
        sealed, confirm = message[24:-32], message[-32:-16]
        plaintext = unseal(self._noise.responder_key(), noise_nonce(0), sealed, b"")
        p4 = read_payload(plaintext) if plaintext is not None else None
        if p4 is None or not is_count(p4.get("status"), 2) or "kem" in p4:
            return None
        if "resetToken" in p4 and not is_bytes(p4["resetToken"], 16):
            return None
        if p4["status"] != 0 and ("resetToken" in p4 or "metadata" in p4):
            return None
        if "metadata" in p4 and len(encode(p4["metadata"])) > 512:
            return None
        secrets = Secrets(self._noise, sealed)
        if not equal(secrets.confirm, confirm):
            return None
        self.status = p4["status"]
        if self.status != 0:
            raise ConnectionRefusedError(("", "the listener does not admit this node", "the listener is busy")[self.status])
        self.secrets, self.reset_token = secrets, p4.get("resetToken")
        return secrets


class Responder:
    """The other side, as far as the known answers need it: it believes what it reads."""

    def __init__(self, keys, static, ephemeral, nonce, cid, limits, paths):
        self.keys, self.static, self.ephemeral, self.nonce, self.cid = keys, static, ephemeral, nonce, cid
        self.limits, self.paths = limits, paths

    def answer_hello(self, message):
        start = 25 + token_length(message)
        self.peer_cid, remote = message[16:24], message[start : start + 32]
        self._noise = noise = Noise(b"STT/1" + message[:start])
        noise.mix_psk(self.keys.psk0)
        noise.mix_ephemeral(remote)
        self.p1 = decode(noise.decrypt(message[start + 32 : -16]))
        noise.mix_ephemeral(self.ephemeral.public)
        noise.mix_key(self.ephemeral.agree(remote))
        sealed_static = noise.encrypt(self.static.public)
        noise.mix_key(self.static.agree(remote))
        p2 = {"nonce": self.nonce, "suite": 1, "suites": [1], "scid": self.cid, "limits": self.limits, "paths": self.paths}
        body = self.ephemeral.public + sealed_static + noise.encrypt(encode(p2))
        return with_mac1(self.keys, header(RESPONSE, len(body), self.peer_cid, self.cid) + body)

    def answer_proof(self, message):
        noise = self._noise
        remote_static = noise.decrypt(message[24:72])
        noise.mix_key(self.ephemeral.agree(remote_static))
        noise.mix_psk(self.keys.psk3)
        self.p3 = decode(noise.decrypt(message[72:-16]))
        token = mac(derive(self.static.private, "reset", b"", 32), self.cid)[:16]
        sealed = seal(noise.responder_key(), noise_nonce(0), encode({"status": 0, "resetToken": token}), b"")
        self.secrets = Secrets(noise, sealed)
        clear = header(FINAL, len(sealed), self.peer_cid, self.cid) + sealed + self.secrets.confirm
        return with_mac1(self.keys, clear)


__all__ = ["Initiator", "KeyPair", "Responder"]
