#!/usr/bin/env python3
"""Golden files of two chambers, from a second implementation that shares nothing with the first.

Written from docs/PROTOCOL.md sections 1, 8, 9 and 10 with Python's standard library and the package `cryptography`. Run
it to write the file again:

    python3 packages/chamber/test/golden_chamber.py > packages/chamber/test/golden-chamber.json
"""

import base64
import hashlib
import hmac
import json
import unicodedata

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

OBJECT, RECORD, CHECKPOINT, KEY_FILE, HEAD = 1, 2, 3, 4, 5
CHUNK = 16_384


def u(width, value):
    return value.to_bytes(width, "big")


def lp(data):
    return u(4, len(data)) + data


def mac(key, data):
    return hmac.new(key, data, hashlib.blake2b).digest()


def expand(key, info, length):
    output = block = b""
    counter = 1
    while len(output) < length:
        block = mac(key, block + info + u(1, counter))
        output += block
        counter += 1
    return output[:length]


def derive(secret, label, context, length):
    name = b"stt1 " + label
    return expand(secret, u(2, length) + u(1, len(name)) + name + u(1, len(context)) + context, length)


def digest(domain, data):
    return hashlib.blake2b(lp(b"STTv1 PHE " + domain) + lp(data)).digest()[:32]


def base32(data):
    return base64.b32encode(data).decode().rstrip("=").lower()


def encode(value):
    if value is None:
        return b"\x00"
    if isinstance(value, int):
        for tag, width in ((0x10, 1), (0x11, 2), (0x12, 4), (0x13, 8)):
            if -(1 << (8 * width - 1)) <= value < 1 << (8 * width - 1):
                return u(1, tag) + value.to_bytes(width, "big", signed=True)
    if isinstance(value, bytes):
        return b"\x30" + lp(value)
    if isinstance(value, str):
        return b"\x31" + lp(value.encode())
    if isinstance(value, list):
        return b"\x40" + u(4, len(value)) + b"".join(encode(item) for item in value)
    raise TypeError(value)


class Chamber:
    def __init__(self, chamber_id, master):
        self.id = chamber_id.encode()
        key = derive(master, b"chamber", self.id, 32)
        self.file, self.name, self.log = (derive(key, label, b"", 32) for label in (b"file", b"name", b"log"))
        self.scope = base32(digest(b"chamber", self.id)[:10])
        self.files = {}
        self.salts = 0

    def put(self, name, data):
        self.files[f"{self.scope}/{name}"] = data.hex()

    def context(self, x, n, kind):
        return lp(self.id) + lp(x) + u(8, n) + u(1, kind)

    def seal(self, key, x, n, kind, plaintext):
        """The sealed message and its commitment."""
        self.salts += 1
        salt = hashlib.blake2b(b"salt" + u(4, self.salts)).digest()[:24]
        context = self.context(x, n, kind)
        info = b"c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305\0" + salt + context
        derived = expand(key, info, 76)
        base, commitment = derived[32:44], derived[44:]
        sealed = salt + commitment
        for number in range(len(plaintext) // CHUNK + 1):
            nonce = u(12, int.from_bytes(base, "big") ^ number)
            chunk = plaintext[number * CHUNK : (number + 1) * CHUNK]
            sealed += ChaCha20Poly1305(derived[:32]).encrypt(nonce, chunk, b"")
        return sealed, commitment

    def store(self, key, generation, plaintext, created, modified, metadata):
        """Writes an object and gives its entry."""
        object_id = mac(self.name, key.encode())[:20]
        sealed, commitment = self.seal(self.file, object_id, generation, OBJECT, plaintext)
        self.put(f"obj/{base32(object_id)}.{generation}", sealed)
        return [key, generation, len(plaintext), created, modified, commitment, metadata]

    def checkpoint(self, sequence, head, floor, entries):
        plaintext = encode([1, head, floor, len(entries)]) + b"".join(map(encode, entries))
        self.put(f"cp/{sequence}", self.seal(self.log, b"", sequence, CHECKPOINT, plaintext)[0])

    def record(self, sequence, previous, operations):
        sealed, commitment = self.seal(self.log, previous, sequence, RECORD, encode(operations))
        self.put(f"log/{sequence}", sealed)
        return commitment

    def head(self, sequence, commitment):
        self.put(f"head/{sequence}", self.seal(self.log, b"", sequence, HEAD, commitment)[0])


def fill(chamber):
    """A checkpoint at record 7 with three keys, then a record that replaces one and deletes another, then one more."""
    long = bytes(i % 251 for i in range(CHUNK + 100))
    first = chamber.store("a", 3, b"", 1_000, 1_700_000_000_000, None)
    gone = chamber.store("gone", 1, b"gone", 1, 1, None)
    path = chamber.store("p/\u00e9\0", 2, long, 5, 6, encode(["tags", 300]))
    head = hashlib.blake2b(b"head").digest()[:32]
    chamber.checkpoint(7, head, 2, [first, gone, path])
    replaced = chamber.store("a", 4, b"four", 1_000, 1_700_000_000_001, encode("text"))
    head = chamber.record(8, head, [[1, *replaced], [2, "gone"]])
    added = chamber.store("", 3, b"x", 70_000, 70_000, None)
    chamber.head(9, chamber.record(9, head, [[1, *added]]))
    return {"a": b"four".hex(), "p/\u00e9\0": long.hex(), "": b"x".hex()}


raw_key = bytes(range(32))
raw = Chamber("golden", raw_key)
raw.put("key/1", b"\0" + raw.seal(raw.log, b"", 1, KEY_FILE, b"")[0])
contents = fill(raw)

passphrase, master = "pa\u0308ss", bytes(range(100, 132))
wrapped = Chamber("gold\u00e9n", master)
head = u(1, 1) + u(4, 8_192) + u(4, 2) + u(1, 2) + bytes(range(16))
password = unicodedata.normalize("NFKC", passphrase).encode()
key = Argon2id(salt=head[10:], length=32, iterations=2, lanes=2, memory_cost=8_192).derive(password)
bound = wrapped.context(b"", 3, KEY_FILE) + head
wrapped.put("key/3", head + ChaCha20Poly1305(key).encrypt(bytes(12), master, bound))
fill(wrapped)

print(
    json.dumps(
        {
            "raw": {"id": "golden", "key": raw_key.hex(), "files": raw.files},
            "wrapped": {"id": "gold\u00e9n", "passphrase": passphrase, "files": wrapped.files},
            "contents": contents,
        },
        indent=2,
    )
)
