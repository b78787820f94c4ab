import { createRandom, forEachSeed, type LinkPair } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { sessionPair } from './session-pair.ts'

const SEEDS = Number(process.env['STT_SEEDS'] ?? 5)
const BYTES = 300_000

function expectBadNetwork({ toServer, toClient }: LinkPair): void {
  for (const { counters } of [toServer, toClient]) {
    expect(counters.lost).toBeGreaterThan(0)
    expect(counters.reordered).toBeGreaterThan(0)
    expect(counters.duplicated).toBeGreaterThan(0)
  }
}

describe('keys change under loss, reordering and duplication', () => {
  test('from both ends, at once and in turn, again and again: every byte arrives, both ends at the same epoch', async () => {
    await forEachSeed(SEEDS, seed => {
      const { pair, ends, initiator, responder } = sessionPair({ seed, scenario: 'chaos' })
      for (const end of ends) end.source.queue(BYTES)
      for (let round = 0; round < 12; round++) {
        for (const [index, end] of ends.entries()) if (round % 3 !== index) end.session.rotateKeys()
        for (const end of ends) end.drive()
        pair.loop.runUntil(pair.loop.now + 1_500)
      }
      expect(pair.loop.runWhileNot(() => ends.every(({ source }) => source.received === BYTES), 120_000)).toBe(true)
      pair.loop.runUntil(pair.loop.now + 5_000)
      const [a, b] = [initiator.session.getStatistics(), responder.session.getStatistics()]
      expect(a.sendEpoch).toBeGreaterThanOrEqual(10)
      expect([a.receiveEpoch, b.sendEpoch, b.receiveEpoch]).toEqual([a.sendEpoch, a.sendEpoch, a.sendEpoch])
      expect([a.state, b.state]).toEqual(['active', 'active'])
      expect(a.packetsLost + b.packetsLost).toBeGreaterThan(0)
      expectBadNetwork(pair)
    })
  })

  test('asked for on an idle session, it happens too', async () => {
    await forEachSeed(SEEDS, seed => {
      const { pair, responder, ends } = sessionPair({ seed, scenario: 'handshakeloss' })
      pair.loop.runUntil(5_000)
      responder.session.rotateKeys()
      responder.drive()
      const moved = (): boolean => ends.every(({ session }) => session.getStatistics().receiveEpoch === 1)
      expect(pair.loop.runWhileNot(moved, 30_000)).toBe(true)
    })
  })
})

test('no packet number and key is used twice, whatever is lost and however often keys change', () => {
  const seen = new Set<string>()
  const { pair, ends } = sessionPair({
    seed: 3,
    scenario: 'chaos',
    tap: (packet, direction) => {
      const nonce = `${direction} ${packet.subarray(9, 17)}`
      expect(seen.has(nonce)).toBe(false)
      seen.add(nonce)
    },
  })
  for (const end of ends) end.source.queue(BYTES)
  for (let round = 0; round < 5; round++) {
    ends[round % 2]!.session.rotateKeys()
    for (const end of ends) end.drive()
    pair.loop.runUntil(pair.loop.now + 2_000)
  }
  expect(seen.size).toBeGreaterThan(500)
})

test('an observer that replays and alters everything changes nothing but the counts of what was dropped', async () => {
  await forEachSeed(SEEDS, seed => {
    const random = createRandom(seed).fork('attacker')
    const recorded: { packet: Uint8Array; direction: string }[] = []
    const { pair, ends } = sessionPair({
      seed,
      scenario: 'transferloss',
      tap: (packet, direction) => recorded.push({ packet: packet.slice(), direction }),
    })
    const inject = (): void => {
      const { packet, direction } = recorded[random.integer(recorded.length)]!
      const altered = packet.slice()
      const at = random.integer(altered.length)
      altered[at] = altered[at]! ^ (1 << random.integer(8))
      for (const each of [packet, altered]) (direction === 'to-server' ? pair.server : pair.client).onPacket(each)
      if (pair.loop.now < 3_000) pair.loop.after(3, inject)
    }
    pair.loop.after(50, inject)
    for (const end of ends) end.source.queue(BYTES)
    for (const end of ends) end.drive()
    pair.loop.runUntil(20_000)
    for (const { source } of ends) expect(source.received).toBe(BYTES)
    for (const { session } of ends) {
      const { state, packetsDropped } = session.getStatistics()
      expect(state).toBe('active')
      expect(packetsDropped.duplicate).toBeGreaterThan(10)
      expect(packetsDropped.tag).toBeGreaterThan(0)
    }
  })
})

describe('closing on a bad network', () => {
  test('what was written arrives, and both ends agree why', async () => {
    await forEachSeed(SEEDS, seed => {
      const { pair, ends, initiator, responder } = sessionPair({ seed, scenario: 'chaos' })
      pair.loop.runUntil(1_000)
      initiator.source.queue(BYTES)
      initiator.session.close({ app: true, code: 7, reason: 'enough', deadline: 60_000 }, pair.loop.now)
      initiator.drive()
      expect(pair.loop.runWhileNot(() => ends.every(({ session }) => session.state === 'closed'), 90_000)).toBe(true)
      expect(responder.source.received).toBe(BYTES)
      expect(initiator.event('ended')?.reason).toMatchObject({ by: 'local', code: 7, reason: 'enough' })
      expect(responder.event('ended')?.reason).toMatchObject({ by: 'peer', code: 7, reason: 'enough' })
    })
  })

  test('the first two CLOSE are lost, and the peer, which sends nothing, still learns of it', () => {
    const { pair, initiator, responder } = sessionPair({ seed: 1 })
    pair.loop.runUntil(1_000)
    const { sent } = pair.toServer.counters
    pair.toServer.change({ drop: [sent + 1, sent + 2] })
    initiator.session.close({ app: true, code: 7, reason: '', deadline: 0 }, pair.loop.now)
    initiator.drive()
    pair.loop.runUntil(2_000)
    expect(pair.toServer.counters.lost).toBe(2)
    expect(responder.event('ended')?.reason).toMatchObject({ by: 'peer', code: 7 })
    expect(initiator.session.state).toBe('closed')
  })
})

describe('datagrams on a bad network', () => {
  test('each is settled once, and none that arrived is called lost for good', async () => {
    await forEachSeed(SEEDS, seed => {
      const { pair, initiator, responder } = sessionPair({ seed, scenario: 'transferloss' })
      const count = 500
      const send = (number: number): void => {
        initiator.session.sendDatagram(Uint8Array.of(number >> 8, number))
        initiator.drive()
        if (number + 1 < count) pair.loop.after(10, () => send(number + 1))
      }
      send(0)
      pair.loop.runUntil(60_000)
      const settled = initiator.events.flatMap(event => (event.type === 'datagram-settled' ? [event] : []))
      const arrived = responder.events.flatMap(event => (event.type === 'datagram' ? [(event.data[0]! << 8) | event.data[1]!] : [])) // biome-ignore format: one line
      expect(new Set(settled.map(({ datagram }) => datagram)).size).toBe(count)
      expect(settled).toHaveLength(count)
      expect(new Set(arrived).size).toBe(arrived.length)
      for (const { datagram, outcome } of settled) {
        if (outcome === 'acknowledged') expect(arrived).toContain(datagram)
      }
      expect(settled.filter(({ outcome }) => outcome === 'lost').length).toBeGreaterThan(0)
      expect(arrived.length).toBeGreaterThan(count * 0.9)
    })
  })
})

describe('the initiator’s address changes', () => {
  test('again and again in a transfer: the responder follows each time, once it is proved', async () => {
    await forEachSeed(SEEDS, seed => {
      const { pair, ends, responder } = sessionPair({ seed, scenario: 'rebinding' })
      for (const end of ends) {
        end.source.queue(1_000_000)
        end.drive()
      }
      for (let round = 0; round < 4; round++) {
        pair.loop.runUntil(pair.loop.now + 300)
        const moved = pair.rebind()
        responder.listen(moved)
        const before = responder.session.link
        expect(pair.loop.runWhileNot(() => responder.session.link === moved, pair.loop.now + 3_000)).toBe(true)
        expect(before).not.toBe(moved)
      }
      expect(pair.loop.runWhileNot(() => ends.every(({ source }) => source.received === 1_000_000), 60_000)).toBe(true)
      expect(responder.events.filter(({ type }) => type === 'path-changed')).toHaveLength(4)
    })
  })

  test('packets that somebody else sends on from another address move nothing, and he gets three times theirs at most', () => {
    const { pair, ends, initiator, responder } = sessionPair({
      seed: 1,
      toServer: { delay: 20 },
      toClient: { delay: 20 },
    })
    const attacker = pair.another('udp://10.6.6.6:666')
    responder.listen(attacker.server)
    let [there, back] = [0, 0]
    attacker.client.onPacket = packet => void (back += packet.length)
    const original = pair.client.send.bind(pair.client)
    // Ahead of the original, so that its numbers are the newest.
    pair.client.send = packet => {
      if (pair.loop.now < 500) {
        there += packet.length
        attacker.server.onPacket(packet.slice())
      }
      return original(packet)
    }
    initiator.source.queue(BYTES)
    initiator.drive()
    expect(pair.loop.runWhileNot(() => responder.source.received === BYTES, 20_000)).toBe(true)
    pair.loop.runUntil(pair.loop.now + 5_000)
    expect(there).toBeGreaterThan(0)
    expect(back).toBeGreaterThan(0)
    expect(back).toBeLessThanOrEqual(3 * there)
    expect(responder.session.link).toBe(pair.server)
    for (const { session } of ends) expect(session.state).toBe('active')
  })
})

test('a day of silence costs a PING each 15 seconds, and nothing spins', () => {
  const { pair, ends } = sessionPair({ seed: 1 })
  pair.loop.runUntil(86_000_000)
  for (const { session } of ends) expect(session.state).toBe('active')
  const { sent } = pair.toServer.counters
  expect(sent).toBeGreaterThan(5_000)
  expect(sent).toBeLessThan(8_000)
  const [a, b] = ends.map(({ session }) => session.getStatistics())
  expect([a!.sendEpoch, b!.sendEpoch]).toEqual([a!.receiveEpoch, a!.receiveEpoch])
  expect(a!.sendEpoch).toBeGreaterThanOrEqual(23)
})
