import { findNginx, type NginxProxy, startNginx, testCertificate } from '@stt/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { type NodeOptions, Seed, type Session, type STTNode } from '../src/index.ts'
import { collect, createNode, expectBytes, first, pattern, rejection } from '../test/nodes.ts'

const SIZE = 4 * 1024 * 1024
const nginx = findNginx()
const name = nginx ? 'nginx in front' : 'nginx in front: SKIPPED, it is not installed (apt-get install nginx-light)'

describe.skipIf(!nginx)(name, () => {
  const seed = Seed.generate()
  let proxy: NginxProxy
  afterEach(() => proxy.stop())

  async function listening(limits: NodeOptions['limits'] = {}): Promise<STTNode> {
    const server = await createNode({
      seed,
      limits,
      listen: ['ws://127.0.0.1:0'],
      ws: { clientAddress: request => request.headers['x-real-ip'] as string | undefined },
    })
    proxy = await startNginx(nginx!, server.addresses[0]!)
    return server
  }

  /** Sends a pattern on a stream of the first session and expects it whole at the second. */
  async function send(from: Session, to: Session): Promise<void> {
    const arriving = first(to.streams()).then(collect)
    const stream = await from.openStream()
    await stream.write(pattern(SIZE))
    await stream.end()
    expectBytes(await arriving, pattern(SIZE))
    await stream.delivered
  }

  test.each(['plain', 'secure'] as const)(
    'a %s WebSocket carries a whole session, from handshake to close',
    async way => {
      const server = await listening()
      const client = await createNode({ seed, ws: { ca: testCertificate, headers: { 'X-Test-Address': '192.0.2.1' } } })
      const accepting = first(server.sessions())
      const dialed = await client.connect(`${proxy[way]}/stt`)
      const accepted = await accepting
      expect(dialed.peer.id).toEqual(server.id)
      await Promise.all([send(dialed, accepted), send(accepted, dialed)])
      dialed.rotateKeys()
      await send(dialed, accepted)
      expect([dialed, accepted].map(session => session.getStatistics().keyEpoch)).toEqual([1, 1])
      await dialed.close({ code: 3, reason: 'done' })
      expect(await accepted.closed).toMatchObject({ by: 'peer', code: 3, reason: 'done' })
    },
  )

  test('a node refuses a certificate that no authority signed', async () => {
    await listening()
    const client = await createNode({ seed })
    expect(await rejection(client.connect(`${proxy.secure}/stt`))).toMatchObject({ code: 'STT_CONNECT_FAILED' })
  })

  test('both ends report it when the proxy stops in the middle of a transfer', async () => {
    const server = await listening()
    const client = await createNode({ seed })
    const accepting = first(server.sessions())
    const dialed = await client.connect(`${proxy.plain}/stt`)
    // Listened to from the start: both ends learn of it while the proxy is still stopping.
    const reading = rejection(first((await accepting).streams()).then(collect))
    const stream = await dialed.openStream()
    const delivered = rejection(stream.delivered)
    await stream.write(pattern(SIZE))
    await proxy.stop()
    const truncated = expect.objectContaining({ code: 'STT_TRUNCATED' })
    expect(await Promise.all([delivered, reading])).toEqual([truncated, truncated])
  })
})
