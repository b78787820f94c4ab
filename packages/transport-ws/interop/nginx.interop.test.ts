import { findNginx, type NginxProxy, startNginx, testCertificate } from '@stt/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialWebSocket, listenWebSocket, type WebSocketLink, type WebSocketListener } from '../src/index.ts'
import { deferred } from '../test/pair.ts'

const nginx = findNginx()
const name = nginx ? 'nginx in front' : 'nginx in front: SKIPPED, it is not installed (apt-get install nginx-light)'

describe.skipIf(!nginx)(name, () => {
  let listener: WebSocketListener
  let proxy: NginxProxy

  beforeAll(async () => {
    listener = await listenWebSocket({
      limits: { maxLinksPerAddress: 2 },
      clientAddress: request => request.headers['x-real-ip'] as string | undefined,
    })
    listener.onLink = link => {
      link.confirm()
      link.onPacket = packet => void link.send(packet)
    }
    proxy = await startNginx(nginx!, listener.address)
  })
  afterAll(async () => {
    await proxy.stop()
    await listener.close()
  })

  const dial = (scheme: string, path = '/stt', address?: string): Promise<WebSocketLink> =>
    dialWebSocket(`${scheme === 'ws' ? proxy.plain : proxy.secure}${path}`, {
      ca: testCertificate,
      ...(address && { headers: { 'X-Test-Address': address } }),
    })

  test.each(['ws', 'wss'])('%s: packets both ways, then the close', async scheme => {
    const link = await dial(scheme)
    const packets = Array.from({ length: 20 }, (_, i) => new Uint8Array(65_535 - i * 3_000).fill(i))
    const received: Uint8Array[] = []
    const all = deferred()
    link.onPacket = packet => {
      received.push(packet.slice())
      if (received.length === packets.length) all.resolve()
    }
    for (const packet of packets) link.send(packet)
    await all.promise
    expect(received.every((packet, i) => Buffer.compare(packet, packets[i]!) === 0)).toBe(true)
    const closed = deferred<Error | undefined>()
    link.onClose = closed.resolve
    link.close()
    expect(await closed.promise).toBeUndefined()
    while (listener.getStatistics().links > 0) await new Promise(resolve => setImmediate(resolve))
  })

  test('the caps see the clients behind the proxy', async () => {
    const links = [await dial('ws', '/stt', '192.0.2.1'), await dial('wss', '/stt', '192.0.2.1')]
    // Proved links are counted, so the third is heard first and then told that it is one too many.
    const third = await dial('ws', '/stt', '192.0.2.1')
    const refused = deferred<Error | undefined>()
    third.onClose = refused.resolve
    expect(await refused.promise).toMatchObject({ code: 'STT_BUSY' })
    links.push(await dial('ws', '/stt', '192.0.2.2'))
    for (const link of links) {
      const closed = deferred<Error | undefined>()
      link.onPacket = () => {}
      link.onClose = closed.resolve
      link.close()
      await closed.promise
    }
  })

  test('another path, and a backend that is gone', async () => {
    await expect(dial('ws', '/')).rejects.toMatchObject({ code: 'STT_WEBSOCKET_UPGRADE', details: { status: 404 } })
    await expect(dial('wss', '/gone')).rejects.toMatchObject({
      code: 'STT_WEBSOCKET_UPGRADE',
      details: { status: 502 },
    })
  })
})
