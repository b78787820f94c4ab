import { Chamber } from '@stt/chamber'
import { IndexedDbChamberStore } from '@stt/chamber/indexed-db'
import { Identity, Seed, toHex } from '@stt/node'
import { formatInvitation, type Invitation } from '@stt/transfer'
import { VAULT_DATABASE, vaultKey } from './vault-key.ts'

/** What is kept of a pairing. */
export interface Pairing {
  /** Of this page, 64 hexadecimal digits; the pairing goes by it. */
  readonly id: string
  readonly name: string
  readonly relays: readonly string[]
  /** The other machine, from when it is known: nobody else is let in then. */
  readonly peer: string | undefined
  readonly created: number
}

export interface Keys {
  readonly seed: Seed
  readonly identity: Identity
}

/** All that this page keeps: pairings and files, encrypted, in the browser's database. */
export async function openVault(): Promise<Chamber> {
  const store = new IndexedDbChamberStore(VAULT_DATABASE)
  return Chamber.open({ store, id: 'drop', key: await vaultKey() })
}

export async function listPairings(vault: Chamber): Promise<Pairing[]> {
  const pairings: Pairing[] = []
  for (const key of await vault.list({ prefix: PAIRING })) {
    const { id, name, relays, peer, created } = (await vault.getMetadata(key))!.metadata as unknown as Pairing
    pairings.push({ id, name, relays, peer: peer ?? undefined, created })
  }
  return pairings.sort((a, b) => a.created - b.created)
}

/** Joins a pairing by its phrase, or begins one. @throws STT_WEAK_SEED for a phrase with a wrong character */
export async function addPairing(vault: Chamber, name: string, { phrase, relays, peer }: Invitation): Promise<Pairing> {
  const seed = await Seed.fromPassphrase(phrase)
  const identity = Identity.generate()
  const pairing: Pairing = { id: toHex(identity.id), name, relays, peer, created: Date.now() }
  const secrets = new Uint8Array(64)
  secrets.set(seed.toBytes())
  secrets.set(identity.toBytes(), 32)
  await keep(vault, pairing, secrets)
  secrets.fill(0)
  return pairing
}

/** Keeps who the other machine is, or another name. */
export async function changePairing(vault: Chamber, pairing: Pairing): Promise<void> {
  await keep(vault, pairing, (await vault.retrieve(PAIRING + pairing.id))!)
}

export async function keysOf(vault: Chamber, { id }: Pairing): Promise<Keys> {
  const secrets = (await vault.retrieve(PAIRING + id))!
  const keys = { seed: Seed.fromBytes(secrets.slice(0, 32)), identity: Identity.fromPrivateKey(secrets.slice(32)) }
  secrets.fill(0)
  return keys
}

export const forgetPairing = (vault: Chamber, { id }: Pairing): Promise<boolean> => vault.delete(PAIRING + id)

/** Begins a pairing here. @returns it, and what the other side needs, of which nothing is kept */
export async function beginPairing(
  vault: Chamber,
  name: string,
  relays: readonly string[],
): Promise<{ pairing: Pairing; phrase: string; link: string }> {
  const phrase = Seed.generatePhrase()
  const pairing = await addPairing(vault, name, { phrase, relays })
  const page = location.origin + location.pathname
  return { pairing, phrase, link: formatInvitation({ phrase, relays, peer: pairing.id }, page) }
}

async function keep(vault: Chamber, { peer, ...pairing }: Pairing, secrets: Uint8Array): Promise<void> {
  const metadata = { ...pairing, relays: [...pairing.relays], ...(peer !== undefined && { peer }) }
  await vault.store(PAIRING + pairing.id, secrets, { metadata })
}

const PAIRING = 'pairing/'
