import type { Chamber } from '@stt/chamber'
import { equalBytes } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { Identity, Seed, toHex } from '@stt/node'
import { formatInvitation, type Invitation } from '@stt/transfer'

/** A pairing, as the page keeps it. */
export interface Pairing {
  /** Of this page, 64 hexadecimal digits; the pairing goes by it. */
  readonly id: string
  readonly name: string
  readonly relays: readonly string[]
  /** The id of the other machine, once it is known: no other machine is let in then. */
  readonly peer: string | undefined
  readonly created: number
}

export interface Keys {
  readonly seed: Seed
  readonly identity: Identity
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

/**
 * Joins a pairing by its phrase, or finds the one that is there already: its machine knows this page by the identity that it had
 * then. A machine's id is no secret, so that a link with another phrase puts nothing in the place of what is there.
 */
export async function joinPairing(vault: Chamber, name: string, invitation: Invitation): Promise<Pairing> {
  const { phrase, relays, peer } = invitation
  const known = (await listPairings(vault)).find(each => each.peer !== undefined && each.peer === peer)
  if (!known) return addPairing(vault, name, invitation)
  const [given, { seed }] = [await Seed.fromPassphrase(phrase), await keysOf(vault, known)]
  if (!equalBytes(given.toBytes(), seed.toBytes())) {
    throw new SttError(
      'STT_INVALID_ARGUMENT',
      `this page is paired with that machine as ${known.name}, by another phrase: forget ${known.name} first if both have to pair anew`,
    )
  }
  const pairing = { ...known, relays }
  await changePairing(vault, pairing)
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

/** Begins a pairing here, on the page at this URL. @returns it, and what the other side needs, of which nothing is kept */
export async function beginPairing(
  vault: Chamber,
  name: string,
  relays: readonly string[],
  page: string,
): Promise<{ pairing: Pairing; phrase: string; link: string }> {
  const phrase = Seed.generatePhrase()
  const pairing = await addPairing(vault, name, { phrase, relays })
  return { pairing, phrase, link: formatInvitation({ phrase, relays, peer: pairing.id }, page) }
}

async function keep(vault: Chamber, { peer, ...pairing }: Pairing, secrets: Uint8Array): Promise<void> {
  const metadata = { ...pairing, relays: [...pairing.relays], ...(peer !== undefined && { peer }) }
  await vault.store(PAIRING + pairing.id, secrets, { metadata })
}

const PAIRING = 'pairing/'
