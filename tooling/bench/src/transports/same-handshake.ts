import { type CryptoProvider, type KemKeyPair, type KeyPair, provider, randomBytes } from '@stt/crypto'

/**
 * What the two ends of a hybrid handshake compute, without its meaning: the same calls of the same provider for each message,
 * counted with a provider that counts. No result is looked at.
 */
export class SameInitiator {
  readonly #ephemeral: KeyPair = provider.generateKeyPair(randomBytes)
  readonly #kem: KemKeyPair = provider.kem.generate(randomBytes)
  readonly #peer = peer()

  constructor() {
    compute({ hashes: 4, macs: 11, keys: 2, seals: 1 })
  }

  onResponse(): void {
    const { publicKey, encapsulated } = this.#peer
    this.#ephemeral.agree(publicKey)
    this.#kem.decapsulate(encapsulated)
    identity().agree(publicKey)
    compute({ hashes: 5, macs: 16, keys: 4, seals: 2, opens: 2 })
  }

  onFinal(): void {
    this.#ephemeral.agree(this.#peer.publicKey)
    compute({ hashes: 5, macs: 16, keys: 4, opens: 1 })
    this.#ephemeral.dispose()
    this.#kem.dispose()
  }
}

/** The other end's. */
export class SameResponder {
  readonly #ephemeral: KeyPair = provider.generateKeyPair(randomBytes)
  readonly #peer = peer()

  constructor() {
    this.#ephemeral.agree(this.#peer.publicKey)
    compute({ hashes: 6, macs: 16, keys: 4, seals: 1, opens: 1 })
  }

  onProof(): void {
    const { publicKey, kemPublicKey } = this.#peer
    this.#ephemeral.agree(publicKey)
    identity().agree(publicKey)
    provider.kem.encapsulate(kemPublicKey, randomBytes)
    compute({ hashes: 9, macs: 28, keys: 6, seals: 2, opens: 2 })
    this.#ephemeral.dispose()
  }
}

/** One packet sealed and one opened, as each end does for its first and for its last. */
export const computeExchange = (): void => compute({ keys: 0, seals: 1, opens: 1 })

/** Lengths of the four messages in bytes, and of what follows them: the first packets and those that close. */
export const LENGTHS = { hello: 178, response: 442, proof: 1_521, final: 1_191, packet: 37 } as const

interface Calls {
  readonly hashes?: number
  readonly macs?: number
  readonly keys: number
  readonly seals?: number
  readonly opens?: number
}

function compute({ hashes = 0, macs = 0, keys, seals = 0, opens = 0 }: Calls): void {
  for (let i = 0; i < hashes; i++) provider.hash(SAMPLE, SECRET)
  for (let i = 0; i < macs; i++) provider.hmac(SECRET, SAMPLE)
  for (let i = 0; i < keys; i++) provider.aead(SECRET).dispose()
  const key = aeadKey()
  for (let i = 0; i < seals; i++) key.seal(NONCE, SECRET, SAMPLE, SEALED)
  for (let i = 0; i < opens; i++) key.open(NONCE, SECRET, SEALED, OPENED)
}

const SECRET = new Uint8Array(32).fill(7)
const NONCE = new Uint8Array(12)
const SAMPLE = new Uint8Array(64)
const SEALED = new Uint8Array(SAMPLE.length + 16)
const OPENED = new Uint8Array(SAMPLE.length)

/** Made when it is needed first: it loads what it is made with. */
const lazy = <T>(make: () => T): (() => T) => {
  let made: T | undefined
  return () => (made ??= make())
}

const aeadKey = lazy<ReturnType<CryptoProvider['aead']>>(() => provider.aead(SECRET))
const identity = lazy(() => provider.keyPair(SECRET))
/** Another one each time, of more than any provider remembers the imported keys of. */
const peer = (): Peer => {
  turn = (turn + 1) % PEERS
  peers[turn] ??= makePeer()
  return peers[turn]!
}

type Peer = ReturnType<typeof makePeer>
const PEERS = 16
const peers: Peer[] = []
let turn = 0

const makePeer = () => {
  const kemPublicKey = provider.kem.generate(randomBytes).publicKey
  const { ciphertext } = provider.kem.encapsulate(kemPublicKey, randomBytes)
  return { publicKey: provider.generateKeyPair(randomBytes).publicKey, kemPublicKey, encapsulated: ciphertext }
}
