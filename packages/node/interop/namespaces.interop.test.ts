import { afterEach, describe, expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { type PeerMessage, type PeerOptions, type PeerProcess, startPeerIn } from '../test/processes.ts'
import { createNamespaces, type Namespaces, namespacesMissing, SERVER_ADDRESS } from './namespaces.ts'

const MEBIBYTE = 1024 * 1024
const running: PeerProcess[] = []
let namespaces: Namespaces | undefined

afterEach(async () => {
  for (const peer of running) peer.kill()
  await Promise.all(running.splice(0).map(({ exited }) => exited))
  namespaces?.remove()
  namespaces = undefined
})

/** Sends bytes from one namespace to the other, checks that they are the same, and gives what the sender counted. */
async function transfer(
  { server, client }: Namespaces,
  size: number,
  udp: PeerOptions['udp'] = {},
): Promise<NonNullable<PeerMessage['statistics']>> {
  const seed = Seed.generate().toHex()
  const start = (namespace: string, ...parameters: string[]): PeerProcess => {
    const peer = startPeerIn(namespace, seed, ...parameters, JSON.stringify({ udp }))
    running.push(peer)
    return peer
  }
  const receiver = start(server, 'receive', `udp://${SERVER_ADDRESS}:0`, '0')
  const { address } = await receiver.message('listening')
  const sender = start(client, 'send', address!, String(size))
  const { equal, statistics } = await sender.message('sent')
  expect(equal).toBe(true)
  await receiver.message('received')
  await Promise.all([sender.exited, receiver.exited])
  return statistics!
}

const missing = namespacesMissing()

describe.skipIf(missing)(missing ? `network namespaces: SKIPPED, ${missing}` : 'network namespaces', () => {
  test('16 MiB at 40 Mbit/s with 2 % lost at random, both ways, arrive exactly', async () => {
    namespaces = createNamespaces()
    for (const each of [namespaces.server, namespaces.client]) {
      namespaces.limitRate(each, 40e6)
      namespaces.drop(each, 'numgen random mod 100 < 2')
    }
    const { packetsLost, streams, path } = await transfer(namespaces, 16 * MEBIBYTE)
    expect(namespaces.dropped(namespaces.server)).toBeGreaterThan((0.01 * 16 * MEBIBYTE) / 1_200)
    expect(namespaces.dropped(namespaces.client)).toBeGreaterThan(0)
    expect(packetsLost).toBeGreaterThan(0)
    expect(streams.bytesResent).toBeGreaterThan(0)
    expect(path!.maxDatagramSize).toBe(1_200)
  })

  // spec: STT-REC-31 STT-REC-32
  test.each([
    ['all that Ethernet carries', undefined, 1_452],
    ['1,300 bytes, where larger ones vanish', 'meta length > 1328', 1_300],
  ])('probes find %s', async (_what, match, largest) => {
    namespaces = createNamespaces()
    namespaces.limitRate(namespaces.client, 40e6)
    if (match) namespaces.drop(namespaces.server, match)
    const { path } = await transfer(namespaces, 4 * MEBIBYTE, { probeUpTo: 1_452 })
    expect(path!.maxDatagramSize).toBeLessThanOrEqual(largest)
    expect(path!.maxDatagramSize).toBeGreaterThan(largest - 16)
    expect(namespaces.dropped(namespaces.server) > 0).toBe(match !== undefined)
  })
})
