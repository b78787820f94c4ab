import { SttError, utf8 } from '@stt/errors'
import { equalBytes, fromHex } from '../bytes.ts'
import type { CryptoProvider } from './provider.ts'

/**
 * The first provider whose answers are known to be right. A runtime's name says nothing about what its
 * `node:crypto` can do (BoringSSL, for one, has no BLAKE2b-512).
 *
 * @throws STT_UNSUPPORTED when none is
 */
export function selectProvider(candidates: readonly CryptoProvider[]): CryptoProvider {
  for (const candidate of candidates) if (passesSelfTest(candidate)) return candidate
  throw new SttError('STT_UNSUPPORTED', 'no provider of cryptography gives correct results in this runtime')
}

/** Whether a provider gives the published answers, and refuses what must be refused. */
export function passesSelfTest(provider: CryptoProvider): boolean {
  try {
    return hashes(provider) && seals(provider) && agrees(provider)
  } catch {
    // Most runtimes throw for a missing algorithm, which means the same as a wrong answer.
    return false
  }
}

function hashes(provider: CryptoProvider): boolean {
  const hash = provider.hash(utf8('a'), utf8('bc'))
  const mac = provider.hmac(known.aeadKey, utf8('STT known '), utf8('answer'))
  return equalBytes(hash, known.hash) && equalBytes(mac, known.mac)
}

function seals(provider: CryptoProvider): boolean {
  const key = provider.aead(known.aeadKey)
  const sealed = new Uint8Array(known.sealed.length)
  key.seal(known.nonce, known.ad, known.plaintext, sealed)
  const opened = new Uint8Array(known.plaintext.length)
  const length = key.open(known.nonce, known.ad, sealed, opened)
  const apart = key.openToOwnBuffer(known.nonce, known.ad, sealed)
  if (!equalBytes(sealed, known.sealed) || length !== opened.length || !equalBytes(opened, known.plaintext))
    return false
  if (apart === undefined || !equalBytes(apart, known.plaintext)) return false
  // A wrong tag, a shortened tag.
  sealed[sealed.length - 1]! ^= 1
  const refused = [sealed, known.sealed.subarray(0, -12)].every(
    forged =>
      key.open(known.nonce, known.ad, forged, opened) === -1 &&
      key.openToOwnBuffer(known.nonce, known.ad, forged) === undefined,
  )
  key.dispose()
  return refused
}

function agrees(provider: CryptoProvider): boolean {
  const pair = provider.keyPair(known.privateKey)
  const shared = pair.agree(known.peerPublicKey)
  return equalBytes(pair.publicKey, known.publicKey) && equalBytes(shared, known.shared)
}

/** RFC 7693 appendix A; RFC 8439 §2.8.2; RFC 7748 §5.2; the rest from independent implementations in Python. */
const known = /* @__PURE__ */ decode({
  hash: 'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
  mac: '340d3a6930540a81c36d0552a249fa7f9aa5c3bc8a870579da4af3169fde73098bb939b82cd672bc43ad5f5d1039279537cb4ec1a822bc21eeb23693fa0c2ad5',
  aeadKey: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
  nonce: '070000004041424344454647',
  ad: '50515253c0c1c2c3c4c5c6c7',
  plaintext:
    '4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069742e',
  sealed:
    'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691',
  privateKey: 'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
  publicKey: '1c9fd88f45606d932a80c71824ae151d15d73e77de38e8e000852e614fae7019',
  peerPublicKey: 'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
  shared: 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
})

function decode<K extends string>(fields: Record<K, string>): Record<K, Uint8Array> {
  const entries = Object.entries<string>(fields).map(([name, hex]) => [name, fromHex(hex)!])
  return Object.fromEntries(entries) as Record<K, Uint8Array>
}
