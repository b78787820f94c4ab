import { expect } from 'vitest'
import { Network, sessionOf } from './network.ts'
import { originOf } from './origins.ts'
import { seedKeys, withMac } from './support.ts'

const CLIENT = 'udp://10.0.0.1:1001'
const SERVER = 'udp://10.0.0.2:4433'

/**
 * Sends `flood` HELLOs to a listener, four a millisecond, from addresses all over the network, half of them right up to
 * mac1; in the middle of it an honest node dials. Checks what the listener made of that.
 *
 * @param measure called at each tenth
 */
export async function floodListener(flood: number, measure: () => unknown = () => {}): Promise<void> {
  const network = new Network()
  const client = network.add(CLIENT, { listen: undefined })
  const server = network.add(SERVER)
  const keys = seedKeys()
  const junk = new Uint8Array(1_200)
  junk.set([0x80, 1, 1_159 >>> 8, 1_159 & 0xff, 1])
  const counter = new DataView(junk.buffer)
  let bytesOut = 0
  for (let i = 0; i < flood; i++) {
    // Another connection id, never 0, and another ephemeral key each.
    counter.setUint32(16, i + 1)
    counter.setUint32(25, i)
    const from = `udp://${10 + (i % 100)}.${i % 250}.${i % 200}.7:${1_024 + (i % 5_000)}`
    if (i % 4 === 0) network.now += 1
    if (i === flood / 2) client.manager.initiate(originOf(SERVER), {}, network.now)
    network.inject(from, server, i % 2 ? withMac(junk, keys) : junk)
    for (const sent of network.sent.splice(0)) if (sent.from === SERVER) bytesOut += sent.bytes.length
    if ((i + 1) % (flood / 10) === 0) await measure()
  }
  expect(sessionOf(client).result.binding).toEqual(sessionOf(server).result.binding)
  const { pending, dropped, retries } = server.manager.getStatistics()
  // The flood leaves no state: at most the one session that is unconfirmed.
  expect(pending).toBeLessThanOrEqual(1)
  expect(dropped.badMac).toBe(flood / 2)
  // Each that passed the filter cost two hashes and a RETRY, or, 200 a second, a look at the payload. The honest HELLO may
  // have been asked for a token too.
  expect([flood / 2, flood / 2 + 1]).toContain(dropped.badNoise + retries)
  expect(dropped.badNoise).toBeLessThanOrEqual(200 + (200 * flood) / 4_000)
  expect(bytesOut).toBeLessThan((flood * junk.length) / 20)
}
