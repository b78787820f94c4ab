#!/usr/bin/env python3
"""Known answers for @stt/crypto, from a second implementation that shares nothing with the first.

Python's standard library and the specifications only: docs/PROTOCOL.md sections 1 and 9, RFC 5869, RFC 7748, RFC 8439,
Noise revision 34. Slow, not constant in time, for tests alone. Run it to write known-answers.json again:

    python3 packages/crypto/test/known_answers.py > packages/crypto/test/known-answers.json
"""

import hashlib
import hmac
import json


def blake2b(data):
    return hashlib.blake2b(data).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.blake2b).digest()


def u(width, value):
    return value.to_bytes(width, "big")


def lp(data):
    return u(4, len(data)) + data


def expand(key, info, length):
    output, block, counter = b"", b"", 1
    while len(output) < length:
        block = mac(key, block + info + u(1, counter))
        output, counter = output + block, counter + 1
    return output[:length]


def digest(domain, *parts):
    return blake2b(lp(b"STTv1 PHE " + domain) + b"".join(map(lp, parts)))[:32]


def derive(secret, label, context, length):
    name = b"stt1 " + label
    return expand(secret, u(2, length) + u(1, len(name)) + name + u(1, len(context)) + context, length)


def x25519(scalar, point):
    p, k = 2**255 - 19, bytearray(scalar)
    k[0] &= 248
    k[31] = k[31] & 127 | 64
    k = int.from_bytes(k, "little")
    x1 = int.from_bytes(point, "little") % 2**255
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        x3, z3 = (da + cb) ** 2 % p, x1 * (da - cb) ** 2 % p
        x2, z2 = aa * bb % p, (aa - bb) * (aa + 121665 * (aa - bb)) % p
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")


def public(scalar):
    return x25519(scalar, u(1, 9) + bytes(31))


def chacha20_block(key, counter, nonce):
    def word(data, i):
        return int.from_bytes(data[4 * i : 4 * i + 4], "little")

    start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
    start += [word(key, i) for i in range(8)] + [counter] + [word(nonce, i) for i in range(3)]
    s = list(start)
    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for _ in range(10):
        for a, b, c, d in columns + diagonals:
            for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                s[x] = (s[x] + s[y]) & 0xFFFFFFFF
                mixed = s[z] ^ s[x]
                s[z] = (mixed << turn | mixed >> 32 - turn) & 0xFFFFFFFF
    return b"".join(((x + y) & 0xFFFFFFFF).to_bytes(4, "little") for x, y in zip(s, start))


def seal(key, nonce, ad, plaintext):
    stream = b"".join(chacha20_block(key, 1 + i, nonce) for i in range((len(plaintext) + 63) // 64))
    ciphertext = bytes(x ^ y for x, y in zip(plaintext, stream))
    one_time = chacha20_block(key, 0, nonce)
    r = int.from_bytes(one_time[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    pad = lambda data: data + bytes(-len(data) % 16)
    lengths = len(ad).to_bytes(8, "little") + len(ciphertext).to_bytes(8, "little")
    data, total = pad(ad) + pad(ciphertext) + lengths, 0
    for i in range(0, len(data), 16):
        total = (total + int.from_bytes(data[i : i + 16] + b"\1", "little")) * r % (2**130 - 5)
    tag = (total + int.from_bytes(one_time[16:32], "little")) % 2**128
    return ciphertext + tag.to_bytes(16, "little")


class Symmetric:
    """Noise section 5.2."""

    def __init__(self, name):
        self.h = self.ck = name + bytes(64 - len(name))

    def mix_hash(self, data):
        self.h = blake2b(self.h + data)

    def mix_key(self, data):
        output = expand(mac(self.ck, data), b"", 128)
        self.ck, self.key, self.n = output[:64], output[64:96], 0

    def mix_key_and_hash(self, data):
        output = expand(mac(self.ck, data), b"", 192)
        self.mix_hash(output[64:128])
        self.ck, self.key, self.n = output[:64], output[128:160], 0

    def encrypt(self, plaintext):
        ciphertext = seal(self.key, bytes(4) + self.n.to_bytes(8, "little"), self.h, plaintext)
        self.mix_hash(ciphertext)
        self.n += 1
        return ciphertext


def noise(prologue, psk0, psk3, keys, payloads):
    """Noise_XXpsk0+psk3: both sides at once, since each sends what the other computes too."""
    s = Symmetric(b"Noise_XXpsk0+psk3_25519_ChaChaPoly_BLAKE2b")
    ei, si, er, sr = (keys[name] for name in ("ei", "si", "er", "sr"))

    def ephemeral(private):
        s.mix_hash(public(private))
        s.mix_key(public(private))
        return public(private)

    s.mix_hash(prologue)
    s.mix_key_and_hash(psk0)
    first = ephemeral(ei) + s.encrypt(payloads[0])
    second = ephemeral(er)
    s.mix_key(x25519(er, public(ei)))
    second += s.encrypt(public(sr))
    s.mix_key(x25519(sr, public(ei)))
    second += s.encrypt(payloads[1])
    third = s.encrypt(public(si))
    s.mix_key(x25519(si, public(er)))
    s.mix_key_and_hash(psk3)
    third += s.encrypt(payloads[2])
    split = expand(mac(s.ck, b""), b"", 128)
    return [first, second, third], s.h, s.ck, [split[:32], split[64:96]]


def chunks(key, salt, context, plaintext):
    info = b"c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305\0" + salt + context
    derived = expand(key, info, 76)
    chunk_key, base, commitment = derived[:32], int.from_bytes(derived[32:44], "big"), derived[44:]
    sealed = salt + commitment
    for i in range(len(plaintext) // 16384 + 1):
        sealed += seal(chunk_key, u(12, base ^ i), b"", plaintext[i * 16384 : (i + 1) * 16384])
    return sealed


def phrase(random):
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    base32 = lambda data, length: "".join(
        alphabet[int.from_bytes(data, "big") >> 8 * len(data) - 5 * (i + 1) & 31] for i in range(length)
    )
    body = base32(random, 20)
    whole = body + base32(digest(b"phrase", body.encode()), 4)
    return "-".join(whole[i : i + 4] for i in range(0, 24, 4))


def pattern(start, length):
    return bytes((start + 7 * i) % 256 for i in range(length))


def main():
    seed, secret = pattern(1, 32), pattern(2, 32)
    prk = mac(b"STTv1 seed", seed)
    keys = {name: pattern(10 + i, 32) for i, name in enumerate(("ei", "si", "er", "sr"))}
    payloads = [b"hello", b"", b"proof" * 20]
    messages, handshake_hash, chaining_key, transport = noise(b"STT/1 prologue", pattern(20, 32), pattern(21, 32), keys, payloads)
    answers = {
        "hash": blake2b(b"abc"),
        "hmac": [{"key": bytes([7]) * n, "mac": mac(bytes([7]) * n, b"STT known answer")} for n in (32, 128, 129)],
        "digest": [
            {"domain": domain, "parts": parts, "digest": digest(domain.encode(), *parts)}
            for domain, parts in (("node-id", [pattern(3, 32)]), ("Größe", []), ("two", [b"ab", b"c"]), ("two", [b"a", b"bc"]))
        ],
        "salted": {"data": b"some data", "hash": pattern(4, 16) + digest(b"salted", pattern(4, 16), b"some data")},
        "nodeId": {"privateKey": keys["si"], "publicKey": public(keys["si"]), "id": digest(b"node-id", public(keys["si"]))},
        "resetKey": derive(keys["si"], b"reset", b"", 32),
        "derive": [
            {"label": label, "context": context, "output": derive(secret, label.encode(), context, length)}
            for label, context, length in (
                ("key", b"", 32),
                ("iv", b"", 12),
                ("", b"", 1),
                ("i2r traffic", pattern(5, 32), 32),
                ("l" * 250, pattern(6, 255), 200),
            )
        ],
        "deriveLongest": {"label": "long", "length": 16320, "outputHash": blake2b(derive(secret, b"long", b"", 16320))},
        "streamContext": [
            {"streamId": str(n), "output": derive(secret, b"stream", u(8, n), 32)} for n in (0, 5, 2**53 - 1, 2**64 - 1)
        ],
        "exportKey": {"label": "file names", "output": derive(secret, b"app file names", b"", 48)},
        "secret": secret,
        "seed": {"seed": seed, **{name: derive(prk, name.encode(), b"", 32) for name in ("psk0", "psk3", "mac1")}},
        "phrase": {"random": pattern(9, 13), "text": phrase(pattern(9, 13))},
        "noise": {
            "prologue": b"STT/1 prologue",
            "psks": [pattern(20, 32), pattern(21, 32)],
            **keys,
            "payloads": payloads,
            "messages": messages,
            "handshakeHash": handshake_hash,
            "chainingKey": chaining_key,
            "transport": transport,
        },
        # The plaintext is pattern(30, length); of a long message only its hash is kept.
        "chunks": [
            {
                "key": pattern(7, 32),
                "salt": pattern(8, 24),
                "context": context,
                "length": length,
                "sealedLength": len(sealed),
                "sealedHash": blake2b(sealed),
                "commitment": sealed[24:56],
            }
            for context, length in ((b"", 0), (b"chamber", 11), (b"", 16384), (b"", 40000))
            for sealed in [chunks(pattern(7, 32), pattern(8, 24), context, pattern(30, length))]
        ],
    }
    print(json.dumps(answers, indent=2, default=lambda data: data.hex(), ensure_ascii=False))


if __name__ == "__main__":
    main()
