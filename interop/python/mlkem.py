"""ML-KEM-768 of FIPS 203, from its pseudocode: code for tests, slow, and not constant in time."""

import hashlib

Q, K, ETA, DU, DV = 3329, 3, 2, 10, 4
EK_SIZE, CIPHERTEXT_SIZE = 384 * K + 32, 32 * (DU * K + DV)


def _reversed_bits(number):
    return int(f"{number:07b}"[::-1], 2)


ZETAS = [pow(17, _reversed_bits(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * _reversed_bits(i) + 1, Q) for i in range(128)]


def generate(seed):
    """ML-KEM.KeyGen_internal of d ‖ z: the encapsulation key, and what decapsulate wants."""
    d, z = seed[:32], seed[32:]
    expanded = hashlib.sha3_512(d + bytes([K])).digest()
    rho, sigma = expanded[:32], expanded[32:]
    matrix = _matrix(rho)
    noise = [_ntt(_noise(sigma, number)) for number in range(2 * K)]
    secret = noise[:K]
    public = [_add(_dot(row, secret), error) for row, error in zip(matrix, noise[K:])]
    encapsulation_key = b"".join(_pack(each, 12) for each in public) + rho
    return encapsulation_key, (secret, encapsulation_key, z)


def encapsulate(encapsulation_key, message):
    """ML-KEM.Encaps_internal: secret and ciphertext. Raises ValueError for what is no key: STT-CRY-21."""
    if len(encapsulation_key) != EK_SIZE or any(each >= Q for part in _split(encapsulation_key[:-32], 384) for each in _unpack(part, 12)):
        raise ValueError("no encapsulation key")
    expanded = hashlib.sha3_512(message + hashlib.sha3_256(encapsulation_key).digest()).digest()
    return expanded[:32], _encrypt(encapsulation_key, message, expanded[32:])


def decapsulate(key, ciphertext):
    """ML-KEM.Decaps_internal: for a ciphertext that was not made for the key the secret of implicit rejection."""
    secret, encapsulation_key, z = key
    if len(ciphertext) != CIPHERTEXT_SIZE:
        raise ValueError("no ciphertext")
    parts = _split(ciphertext[: 32 * DU * K], 32 * DU)
    u = [_ntt([_decompress(each, DU) for each in _unpack(part, DU)]) for part in parts]
    v = [_decompress(each, DV) for each in _unpack(ciphertext[32 * DU * K :], DV)]
    message = _pack([_compress(each, 1) for each in _subtract(v, _inverse_ntt(_dot(secret, u)))], 1)
    expanded = hashlib.sha3_512(message + hashlib.sha3_256(encapsulation_key).digest()).digest()
    if _encrypt(encapsulation_key, message, expanded[32:]) != ciphertext:
        return hashlib.shake_256(z + ciphertext).digest(32)
    return expanded[:32]


def _encrypt(encapsulation_key, message, randomness):
    public = [_unpack(part, 12) for part in _split(encapsulation_key[:-32], 384)]
    matrix = _matrix(encapsulation_key[-32:])
    noise = [_noise(randomness, number) for number in range(2 * K + 1)]
    y = [_ntt(each) for each in noise[:K]]
    columns = list(zip(*matrix))
    u = [_add(_inverse_ntt(_dot(column, y)), error) for column, error in zip(columns, noise[K : 2 * K])]
    words = [_decompress(bit, 1) for bit in _unpack(message, 1)]
    v = _add(_add(_inverse_ntt(_dot(public, y)), noise[2 * K]), words)
    packed = [_pack([_compress(each, DU) for each in part], DU) for part in u]
    return b"".join(packed) + _pack([_compress(each, DV) for each in v], DV)


def _split(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


def _compress(number, bits):
    return ((number << bits + 1) + Q) // (2 * Q) % (1 << bits)


def _decompress(number, bits):
    return (2 * number * Q + (1 << bits)) >> bits + 1


def _pack(numbers, bits):
    whole = sum(number << bits * i for i, number in enumerate(numbers))
    return whole.to_bytes(32 * bits, "little")


def _unpack(data, bits):
    whole = int.from_bytes(data, "little")
    return [whole >> bits * i & (1 << bits) - 1 for i in range(256)]


def _matrix(rho):
    return [[_uniform(rho + bytes([column, row])) for column in range(K)] for row in range(K)]


def _uniform(seed):
    """SampleNTT, with more output of the hash than it ever needs."""
    stream, numbers = hashlib.shake_128(seed).digest(1344), []
    for a, b, c in _split(stream, 3):
        numbers += [each for each in (a | (b & 15) << 8, b >> 4 | c << 4) if each < Q]
    if len(numbers) < 256:
        raise ArithmeticError("less than 256 numbers in 1,344 bytes")
    return numbers[:256]


def _noise(seed, number):
    """SamplePolyCBD of PRF."""
    pairs = _unpack(hashlib.shake_256(seed + bytes([number])).digest(64 * ETA), 2 * ETA)
    return [((pair & 1) + (pair >> 1 & 1) - (pair >> 2 & 1) - (pair >> 3)) % Q for pair in pairs]


def _add(a, b):
    return [(x + y) % Q for x, y in zip(a, b)]


def _subtract(a, b):
    return [(x - y) % Q for x, y in zip(a, b)]


def _ntt(numbers):
    f, number, size = list(numbers), 1, 128
    while size >= 2:
        for start in range(0, 256, 2 * size):
            for j in range(start, start + size):
                t = ZETAS[number] * f[j + size]
                f[j], f[j + size] = (f[j] + t) % Q, (f[j] - t) % Q
            number += 1
        size //= 2
    return f


def _inverse_ntt(numbers):
    f, number, size = list(numbers), 127, 2
    while size <= 128:
        for start in range(0, 256, 2 * size):
            for j in range(start, start + size):
                t = f[j]
                f[j], f[j + size] = (t + f[j + size]) % Q, ZETAS[number] * (f[j + size] - t) % Q
            number -= 1
        size *= 2
    return [each * 3303 % Q for each in f]


def _dot(a, b):
    """The sum of products in the NTT domain."""
    total = [0] * 256
    for f, g in zip(a, b):
        for i, gamma in enumerate(GAMMAS):
            f0, f1, g0, g1 = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
            total[2 * i] += f0 * g0 + f1 * g1 * gamma
            total[2 * i + 1] += f0 * g1 + f1 * g0
    return [each % Q for each in total]
