import type { Identity, Seed } from '@stt/crypto'

/** What nobody may read who holds no seed, by its name. A node's own private key nobody may read at all. */
export function secretsOf(seed: Seed, ...identities: readonly Identity[]): Record<string, Uint8Array> {
  const { psk0, psk3, mac1 } = seed.deriveKeys()
  const { rendezvous, access, lan } = seed.deriveRendezvousKeys()
  const secrets: Record<string, Uint8Array> = { seed: seed.toBytes(), psk0, psk3, mac1, rendezvous, access, lan }
  for (const [i, identity] of identities.entries()) {
    secrets[`id ${i}`] = identity.id
    secrets[`public key ${i}`] = identity.publicKey
    secrets[`private key ${i}`] = identity.toBytes()
  }
  return secrets
}
