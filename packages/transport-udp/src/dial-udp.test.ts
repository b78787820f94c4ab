import { Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { isSttError } from '@stt/errors'
import { untilInRealTime } from '@stt/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bindRaw, dial, listen, portOf } from '../test/sockets.ts'
import { dialUdp } from './dial-udp.ts'

/** The interface that has ::1, where there is one. */
const loopback = Object.entries(networkInterfaces()).find(([, all]) => all?.some(({ address }) => address === '::1'))

afterEach(() => vi.restoreAllMocks())

test('resolves names and honours where to send from', async () => {
  const listener = await listen()
  const port = portOf(listener.address)
  const client = await dial(`udp://localhost:${port}`, { localHost: '127.0.0.1' })
  expect(client.local).toMatch(/^udp:\/\/127\.0\.0\.1:\d+$/)
  expect(client.remote).toBe(`udp://127.0.0.1:${port}`)
})

test('a bad address, an unknown name and an abort are typed', async () => {
  await expect(dialUdp('http://127.0.0.1:1')).rejects.toSatisfy(error => isSttError(error, 'STT_BAD_ADDRESS'))
  await expect(dialUdp('udp://127.0.0.1:99999')).rejects.toSatisfy(error => isSttError(error, 'STT_BAD_ADDRESS'))
  await expect(dialUdp('udp://name.invalid:1')).rejects.toSatisfy(error => isSttError(error, 'STT_CONNECT_FAILED'))
  const aborted = dialUdp('udp://127.0.0.1:1', { signal: AbortSignal.abort() })
  await expect(aborted).rejects.toSatisfy(error => isSttError(error, 'STT_ABORTED'))
})

test('an address that the system has no way to is told before anything is sent', async () => {
  vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...all) {
    const failure = Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH' })
    setImmediate(all.at(-1) as (error: Error) => void, failure)
  })
  await expect(dialUdp('udp://127.0.0.1:9')).rejects.toMatchObject({
    code: 'STT_CONNECT_FAILED',
    message: expect.stringContaining('ENETUNREACH'),
  })
})

test('one socket is left of a dial, and none of a dial that failed', async () => {
  const sockets = (): number => process.getActiveResourcesInfo().filter(each => each === 'UDPWrap').length
  await untilInRealTime(() => sockets() === 0)
  const link = await dial('udp://127.0.0.1:9')
  await untilInRealTime(() => sockets() === 1)
  await expect(dialUdp('udp://127.0.0.1:9', { localPort: portOf(link.local) })).rejects.toThrow('EADDRINUSE')
  await untilInRealTime(() => sockets() === 1)
})

test('each dial of an address is from a port of its own, and says where its packets come from', async () => {
  const listener = await listen()
  const sources = new Set<string>()
  listener.onPacket = (_packet, link) => sources.add(link.remote)
  const links = [await dial(listener.address), await dial(listener.address)]
  for (const link of links) link.send(Uint8Array.of(1))
  await untilInRealTime(() => sources.size === 2)
  expect([...sources].sort()).toEqual(links.map(({ local }) => local).sort())
})

describe('a dialed link takes what comes from the address and port that it dialed', () => {
  /**
   * The packets that arrive at a link to `dialed` when first a stranger sends there and then the listener at `host`. A stranger
   * with another address uses the port of the listener.
   */
  async function arrivals(host: string, dialed: string, stranger?: string) {
    const peer = await listen({ host })
    const port = portOf(peer.address)
    const client = await dial(`udp://${dialed}:${port}`)
    const arrived: number[] = []
    client.onPacket = packet => arrived.push(packet[0]!)
    if (stranger !== undefined) {
      const socket = await bindRaw(stranger === host ? 0 : port, stranger)
      await new Promise(resolve => socket.send(Uint8Array.of(100), portOf(client.local), host, resolve))
      socket.close()
    }
    let source = ''
    peer.onPacket = (_packet, link) => {
      source = link.remote
      link.send(Uint8Array.of(1))
    }
    client.send(Uint8Array.of(0))
    await untilInRealTime(() => arrived.length > 0)
    return { arrived, source, client }
  }

  // spec: STT-REC-42
  test('nothing from another port', async () => {
    const { arrived, client } = await arrivals('127.0.0.1', '127.0.0.1', '127.0.0.1')
    expect(arrived).toEqual([1])
    expect(client.getStatistics()).toMatchObject({ packetsReceived: 1, bytesReceived: 1, droppedForeign: 1 })
  })

  // Only Linux has all of 127.0.0.0/8 without being asked.
  // spec: STT-REC-42
  test.skipIf(process.platform !== 'linux')('nothing from the same port of another address', async () => {
    const { arrived, client } = await arrivals('127.0.0.1', '127.0.0.1', '127.0.0.2')
    expect(arrived).toEqual([1])
    expect(client.getStatistics()).toMatchObject({ packetsReceived: 1, droppedForeign: 1 })
  })

  test.each([
    ['127.0.0.1', '[::ffff:127.0.0.1]'],
    ['127.0.0.1', '[::ffff:7f00:1]'],
    ['::1', '[0:0:0:0:0:0:0:1]'],
    ['::1', '[::1%ZONE]'],
  ])('what comes from %s, dialed as %s', async (host, dialed) => {
    const zone = loopback?.[0]
    if (zone === undefined) return
    const { arrived, source, client } = await arrivals(host, dialed.replace('ZONE', zone))
    expect(arrived).toEqual([1])
    expect(client.local.replace('[::ffff:127.0.0.1]', '127.0.0.1')).toBe(source)
  })
})
