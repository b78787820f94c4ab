#!/usr/bin/env python3
"""A second reader of handshake.json: docs/PROTOCOL.md section 2 in Python's standard library and nothing else.

It starts from the private inputs and the messages, opens every payload, and recomputes each value of the key schedule.
The one thing taken on trust is ML-KEM's shared secret, which the public vectors of FIPS 203 cover.
Slow and not constant in time: for checking only.

    python3 check_handshake.py [handshake.json]
"""

import hashlib
import hmac
import json
import pathlib
import sys

checked = 0


def same(what, actual, expected):
    global checked
    checked += 1
    expected = bytes.fromhex(expected) if isinstance(expected, str) else expected
    if actual != expected:
        sys.exit(f"{what}: {actual!r} is not {expected!r}")


# Primitives: BLAKE2b-512, HMAC (RFC 2104), HKDF (RFC 5869), X25519 (RFC 7748), ChaCha20-Poly1305 (RFC 8439).


def blake(*parts):
    return hashlib.blake2b(b"".join(parts)).digest()


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.blake2b).digest()


def hkdf(chaining_key, material, outputs):
    temporary, block, blocks = mac(chaining_key, material), b"", []
    for counter in range(1, outputs + 1):
        block = mac(temporary, block, bytes([counter]))
        blocks.append(block)
    return blocks


def derive(secret, label, context, length):
    name = b"stt1 " + label.encode()
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name + bytes([len(context)]) + context
    return mac(secret, info, b"\x01")[:length]  # no length here exceeds one block


def digest(domain, *parts):
    prefixed = (len(part).to_bytes(4, "big") + part for part in (b"STTv1 PHE " + domain.encode(), *parts))
    return blake(*prefixed)[:32]


def x25519(private, public=b"\x09" + bytes(31)):
    prime = 2**255 - 19
    scalar = int.from_bytes(private, "little") & ~7 & ~(1 << 255) | 1 << 254
    u = int.from_bytes(public, "little") & ~(1 << 255)
    x2, z2, x3, z3 = 1, 0, u, 1
    for bit in (scalar >> i & 1 for i in reversed(range(255))):
        if bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb = d * a % prime, c * b % prime
        aa, bb = a * a % prime, b * b % prime
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % prime, u * (da - cb) ** 2 % prime
        x2, z2 = aa * bb % prime, e * (aa + 121665 * e) % prime
        if bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, prime - 2, prime) % prime).to_bytes(32, "little")


def chacha_block(key, counter, nonce):
    def words(data):
        return [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]

    start = words(b"expand 32-byte k" + key + counter.to_bytes(4, "little") + nonce)
    state = list(start)

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = state[x] + state[y] & 0xFFFFFFFF
            mixed = state[z] ^ state[x]
            state[z] = (mixed << turn | mixed >> 32 - turn) & 0xFFFFFFFF

    for _ in range(10):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12)
        for i in range(4):
            quarter(i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12)
    return b"".join((x + y & 0xFFFFFFFF).to_bytes(4, "little") for x, y in zip(state, start))


def open_sealed(key, counter, ad, sealed):
    nonce = bytes(4) + counter.to_bytes(8, "little")  # Noise section 12.3
    ciphertext, tag = sealed[:-16], sealed[-16:]
    one_time = chacha_block(key, 0, nonce)
    r = int.from_bytes(one_time[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    padded = b"".join(part + bytes(-len(part) % 16) for part in (ad, ciphertext))
    padded += len(ad).to_bytes(8, "little") + len(ciphertext).to_bytes(8, "little")
    total = 0
    for i in range(0, len(padded), 16):
        total = (total + int.from_bytes(padded[i : i + 16] + b"\x01", "little")) * r % (2**130 - 5)
    total = (total + int.from_bytes(one_time[16:32], "little")) % 2**128
    same("Poly1305 tag", total.to_bytes(16, "little"), tag)
    stream = b"".join(chacha_block(key, 1 + i, nonce) for i in range(-(-len(ciphertext) // 64)))
    return bytes(x ^ y for x, y in zip(ciphertext, stream))


class Noise:
    """Noise revision 34, section 5.2, checked against the file's steps as it goes."""

    def __init__(self, name, prologue, steps):
        self.h = self.ck = name.encode().ljust(64, b"\0")
        self.k, self.n, self.steps = b"", 0, iter(steps)
        self.mix_hash(prologue)
        self.check("prologue")

    def check(self, after):
        step = next(self.steps)
        if step["after"] != after:
            sys.exit(f"the step after {after} is called {step['after']}")
        same(f"{after}: h", self.h, step["h"])
        same(f"{after}: ck", self.ck, step["ck"])
        if "k" in step:
            same(f"{after}: k", self.k, step["k"])
            same(f"{after}: n", self.n, step["n"])

    def mix_hash(self, data):
        self.h = blake(self.h, data)

    def mix_key(self, material, after):
        self.ck, key = hkdf(self.ck, material, 2)
        self.k, self.n = key[:32], 0
        self.check(after)

    def mix_psk(self, psk, after):
        self.ck, extra, key = hkdf(self.ck, psk, 3)
        self.mix_hash(extra)
        self.k, self.n = key[:32], 0
        self.check(after)

    def ephemeral(self, public, after):
        self.mix_hash(public)
        self.mix_key(public, after)

    def decrypt(self, sealed, after):
        plaintext = open_sealed(self.k, self.n, self.h, sealed)
        self.n += 1
        self.mix_hash(sealed)
        self.check(after)
        return plaintext


def encoded(value):
    """Section 8, as far as `paths` goes."""
    if isinstance(value, bool):
        return b"\x02" if value else b"\x01"
    if isinstance(value, int):
        size = next(size for size in (1, 2, 4, 8) if value < 1 << 8 * size - 1)
        return bytes([0x10 + size.bit_length() - 1]) + value.to_bytes(size, "big")
    if isinstance(value, str):
        return b"\x31" + len(value).to_bytes(4, "big") + value.encode()
    return b"\x41" + len(value).to_bytes(4, "big") + b"".join(encoded(key) + encoded(value[key]) for key in sorted(value))


def header(name, message, kind, noise_length, fragment, dcid, scid):
    expected = bytes([0x80 | kind, 1]) + noise_length.to_bytes(2, "big") + bytes([fragment, 0, 0, 0]) + dcid + scid
    same(f"{name}: header", message[:24], expected)


def check(run, noise_name):
    inputs = {k: bytes.fromhex(v) for k, v in run["inputs"].items() if isinstance(v, str)}
    keys, schedule, token = run["keys"], run["schedule"], inputs["token"]
    messages = {k: bytes.fromhex(v) for k, v in run["messages"].items() if isinstance(v, str)}
    hello, response, proof, final = (messages[k] for k in ("hello", "response", "authProof", "final"))
    fragments, final_fragments = ([bytes.fromhex(v) for v in run["messages"][k]] for k in ("authProofFragments", "finalFragments"))

    prk = mac(b"STTv1 seed", inputs["seed"])
    psk0, psk3, mac1 = (derive(prk, label, b"", 32) for label in ("psk0", "psk3", "mac1"))
    if run["inputs"]["pairwiseSecret"]:
        psk3 = derive(inputs["pairwiseSecret"], "pairwise", b"", 32)
    for name, value in (("psk0", psk0), ("psk3", psk3), ("mac1", mac1)):
        same(name, value, keys[name])
    for message in (hello, response, proof, final, *fragments, *final_fragments):
        same("mac1", mac(mac1, message[:-16])[:16], message[-16:])

    icid, rcid, none = inputs["initiatorCid"], inputs["responderCid"], bytes(8)
    start = 25 + len(token)
    header("HELLO", hello, 0, len(hello) - start - 16, 1, none, icid)
    header("RESPONSE", response, 1, len(response) - 40, 1, icid, rcid)
    header("AUTH_PROOF", proof, 2, len(proof) - 40, 1, rcid, icid)
    header("FINAL", final, 3, len(final) - 56, 1, icid, rcid)
    if run["datagram"]:
        same("length of HELLO", len(hello), 1200)
    for kind, parts, whole, noise_length, ids in (
        (2, fragments, proof, len(proof) - 40, (rcid, icid)),
        (3, final_fragments, final, len(final) - 56, (icid, rcid)),
    ):
        same(f"number of fragments of type {kind}", len(parts), 2 if run["datagram"] and len(whole) > 1200 else 0)
        if parts:
            header(f"fragment 0 of type {kind}", parts[0], kind, noise_length, 0x02, *ids)
            header(f"fragment 1 of type {kind}", parts[1], kind, noise_length, 0x12, *ids)
            same("length of fragment 0", len(parts[0]), 1200)
            same("fragments", parts[0][24:-16] + parts[1][24:-16], whole[24:-16])

    private = {k: inputs[k] for k in ("initiatorStatic", "responderStatic", "initiatorEphemeral", "responderEphemeral")}
    public = {k: x25519(v) for k, v in private.items()}
    ei, er = public["initiatorEphemeral"], public["responderEphemeral"]
    ee = x25519(private["initiatorEphemeral"], er)
    es = x25519(private["responderStatic"], ei)
    se = x25519(private["initiatorStatic"], er)
    for name, value in (("ee", ee), ("es", es), ("se", se)):
        same(name, value, keys[name])

    prologue = b"STT/1" + hello[:24] + bytes([len(token)]) + token
    same("prologue", prologue, run["prologue"])
    noise = Noise(noise_name, prologue, run["noise"])
    noise.mix_psk(psk0, "HELLO psk")
    same("e of HELLO", hello[start : start + 32], ei)
    noise.ephemeral(ei, "HELLO e")
    p1 = noise.decrypt(hello[start + 32 : -16], "HELLO payload")
    same("e of RESPONSE", response[24:56], er)
    noise.ephemeral(er, "RESPONSE e")
    noise.mix_key(ee, "RESPONSE ee")
    same("static of RESPONSE", noise.decrypt(response[56:104], "RESPONSE s"), public["responderStatic"])
    noise.mix_key(es, "RESPONSE es")
    p2 = noise.decrypt(response[104:-16], "RESPONSE payload")
    same("static of AUTH_PROOF", noise.decrypt(proof[24:72], "AUTH_PROOF s"), public["initiatorStatic"])
    noise.mix_key(se, "AUTH_PROOF se")
    noise.mix_psk(psk3, "AUTH_PROOF psk")
    p3 = noise.decrypt(proof[72:-16], "AUTH_PROOF payload")

    final_key = hkdf(noise.ck, b"", 2)[1][:32]
    same("key of FINAL", final_key, run["final"]["key"])
    final_ciphertext = final[24:-32]
    p4 = open_sealed(final_key, 0, b"", final_ciphertext)
    for number, (payload, expected) in enumerate(zip((p1, p2, p3, p4), run["payloads"]), 1):
        same(f"P{number}", payload, expected)
    for name, value in (("kem", run["final"]["kemCiphertext"]), ("resetToken", schedule["resetToken"])):
        value = bytes.fromhex(value or "")
        same(f"P4 has {name}", name.encode() in p4, value != b"")
        same(f"P4 holds {name}", value in p4, True)
    same("P4 has metadata", b"metadata" in p4, run["status"] == 0 and b"metadata" in p3)
    same("P2 has neither", b"metadata" in p2 or b"resetToken" in p2, False)
    same("P1 holds the versions", b"versions" in p1, True)
    for name, payload, nonce in (("P1", p1, "initiatorNonce"), ("P2", p2, "responderNonce")):
        same(f"{name} holds the nonce", inputs[nonce] in payload, True)

    ours, theirs = run["inputs"]["initiatorPaths"], run["inputs"]["responderPaths"]
    for name, payload, paths in (("P2", p2, theirs), ("P3", p3, ours)):
        same(f"{name} holds the paths", encoded("paths") + encoded(paths) in payload, True)
    if run["paths"]:
        same("paths", {key: min(ours[key], theirs[key]) for key in ours}, run["paths"])

    kem_secret = bytes.fromhex(run["final"]["kemSecret"])
    h4 = blake(noise.h, final_ciphertext)
    root = mac(noise.ck, b"STTv1 root", run["suite"].to_bytes(2, "big"), h4, kem_secret)
    confirm_key = derive(root, "r confirm", b"", 32)
    confirm = mac(confirm_key, h4)[:16]
    same("h4", h4, schedule["h4"])
    same("root", root, schedule["root"])
    same("confirm key", confirm_key, schedule["confirmKey"])
    same("confirm", confirm, schedule["confirm"])
    same("confirm in FINAL", confirm, final[-32:-16])
    for direction, label in (("initiatorToResponder", "i2r traffic"), ("responderToInitiator", "r2i traffic")):
        secret = derive(root, label, h4[:32], 32)
        for epoch in schedule[direction]:
            same(f"{label}: secret", secret, epoch["secret"])
            same(f"{label}: key", derive(secret, "key", b"", 32), epoch["key"])
            same(f"{label}: iv", derive(secret, "iv", b"", 12), epoch["iv"])
            secret = derive(secret, "ku", b"", 32)
    same("exporter", derive(root, "exporter", b"", 32), schedule["exporter"])
    if schedule["sessionId"]:
        parts = (
            digest("sid-i", inputs["initiatorNonce"]),
            digest("sid-r", inputs["responderNonce"]),
            digest("node-id", public["initiatorStatic"]),
            digest("node-id", public["responderStatic"]),
        )
        same("session id", bytes(a ^ b ^ c ^ d for a, b, c, d in zip(*(part[:16] for part in parts))), schedule["sessionId"])
    if schedule["resetToken"]:
        reset_key = derive(inputs["responderStatic"], "reset", b"", 32)
        same("reset token", mac(reset_key, rcid)[:16], schedule["resetToken"])


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("handshake.json")
    with open(path, encoding="utf-8") as file:
        answers = json.load(file)
    for run in answers["handshakes"]:
        check(run, answers["noise"])
    print(f"{checked} values of {len(answers['handshakes'])} handshakes agree")


main()
