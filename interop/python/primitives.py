"""Section 1: hash, message authentication, key derivation, Noise's symmetric state."""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

equal = hmac.compare_digest


def blake2b(*parts):
    return hashlib.blake2b(b"".join(parts)).digest()


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.blake2b).digest()


def derive(secret, label, context, length):
    """cke.derive, STT-CRY-8. Nothing here needs more than one block of 64 bytes."""
    name = b"stt1 " + label.encode()
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name + bytes([len(context)]) + context
    return mac(secret, info, b"\x01")[:length]


def digest(domain, *parts):
    """phe.digest, STT-CRY-6."""
    prefixed = (len(part).to_bytes(4, "big") + part for part in (b"STTv1 PHE " + domain.encode(), *parts))
    return blake2b(*prefixed)[:32]


class KeyPair:
    def __init__(self, private):
        self.private = private
        self._key = X25519PrivateKey.from_private_bytes(private)
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def agree(self, public):
        """Raises ValueError for a public key of low order: STT-CRY-5."""
        return self._key.exchange(X25519PublicKey.from_public_bytes(public))


class SeedKeys:
    """STT-CRY-14."""

    def __init__(self, seed):
        if len(set(seed)) == 1:
            raise ValueError("all bytes of this seed are the same")  # STT-CRY-13
        self.prk = mac(b"STTv1 seed", seed)
        self.psk0, self.psk3, self.mac1 = (derive(self.prk, label, b"", 32) for label in ("psk0", "psk3", "mac1"))


def node_id(static_public):
    return digest("node-id", static_public)


def seal(key, nonce, plaintext, additional):
    return ChaCha20Poly1305(key).encrypt(nonce, plaintext, additional)


def unseal(key, nonce, sealed, additional):
    """The plaintext; None where the tag is wrong."""
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, sealed, additional)
    except InvalidTag:
        return None


def noise_nonce(counter):
    return bytes(4) + counter.to_bytes(8, "little")


class Noise:
    """The symmetric state of Noise, revision 34, sections 5.2 and 9."""

    def __init__(self, prologue):
        self.h = self.ck = b"Noise_XXpsk0+psk3_25519_ChaChaPoly_BLAKE2b".ljust(64, b"\0")
        self.key, self.counter = b"", 0
        self.mix_hash(prologue)

    def copy(self):
        other = object.__new__(Noise)
        other.__dict__.update(self.__dict__)
        return other

    def _expand(self, material, outputs):
        extracted, block, blocks = mac(self.ck, material), b"", []
        for number in range(1, outputs + 1):
            block = mac(extracted, block, bytes([number]))
            blocks.append(block)
        return blocks

    def mix_hash(self, data):
        self.h = blake2b(self.h, data)

    def mix_key(self, material):
        self.ck, key = self._expand(material, 2)
        self.key, self.counter = key[:32], 0

    def mix_psk(self, psk):
        self.ck, extra, key = self._expand(psk, 3)
        self.mix_hash(extra)
        self.key, self.counter = key[:32], 0

    def mix_ephemeral(self, public):
        self.mix_hash(public)
        self.mix_key(public)

    def encrypt(self, plaintext):
        sealed = seal(self.key, noise_nonce(self.counter), plaintext, self.h)
        self.counter += 1
        self.mix_hash(sealed)
        return sealed

    def decrypt(self, sealed):
        """The plaintext; None where the tag is wrong, and then this state is of no use any more: read on a copy."""
        plaintext = unseal(self.key, noise_nonce(self.counter), sealed, self.h)
        self.counter += 1
        self.mix_hash(sealed)
        return plaintext

    def responder_key(self):
        """The key of the responder's transport messages, of which FINAL is the only one."""
        return self._expand(b"", 2)[1][:32]
