import { Chamber, MemoryStore } from '@stt/chamber'
import { Identity, Seed, toHex } from '@stt/node'
import { expect, test } from 'vitest'
import { joinPairing, keysOf, listPairings } from '../page/pairings.ts'

const openVault = (): Promise<Chamber> =>
  Chamber.open({ store: new MemoryStore(), id: 'drop', key: new Uint8Array(32).fill(1) })

const invitation = () => ({
  phrase: Seed.generatePhrase(),
  relays: ['wss://relay.example'],
  peer: toHex(Identity.generate().id),
})

test('who scans a code twice has one machine, which still knows this page', async () => {
  const vault = await openVault()
  const given = invitation()
  const first = await joinPairing(vault, 'Laptop', given)
  const { identity } = await keysOf(vault, first)
  const second = await joinPairing(vault, '', { ...given, relays: ['wss://other.example'] })
  expect(await listPairings(vault)).toEqual([second])
  expect(second).toEqual({ ...first, relays: ['wss://other.example'] })
  expect((await keysOf(vault, second)).identity.id).toEqual(identity.id)
})

test.each([
  ['another phrase', () => Seed.generatePhrase()],
  ['no phrase', () => 'garbage'],
])('a link with the id of a machine that is paired, and %s, leaves the pairing as it is', async (_, phrase) => {
  const vault = await openVault()
  const given = invitation()
  const pairing = await joinPairing(vault, 'Laptop', given)
  const { seed } = await keysOf(vault, pairing)
  const joining = joinPairing(vault, 'Laptop', { ...given, phrase: phrase(), relays: ['wss://elsewhere.example'] })
  await expect(joining).rejects.toMatchObject({ code: expect.stringMatching(/^STT_(INVALID_ARGUMENT|WEAK_SEED)$/) })
  expect(await listPairings(vault)).toEqual([pairing])
  expect((await keysOf(vault, pairing)).seed.toBytes()).toEqual(seed.toBytes())
})
