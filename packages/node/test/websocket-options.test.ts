import { createServer } from 'node:net'
import { startHttpProxy } from '@stt/testing'
import { expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { createNode, rejection } from './nodes.ts'

test('headers of ws go with the upgrade request, and origins decides by them', async () => {
  const seed = Seed.generate()
  const seen: unknown[] = []
  const server = await createNode({
    seed,
    listen: ['ws://127.0.0.1:0'],
    ws: {
      origins: ['https://stt.example'],
      clientAddress(request) {
        seen.push(request.headers['x-shard'])
        return undefined
      },
    },
  })
  const client = await createNode({ seed, ws: { headers: { 'X-Shard': '7', Origin: 'https://stt.example' } } })
  const { peer } = await client.connect(server.addresses)
  expect(peer.id).toEqual(server.id)
  expect(seen).toContain('7')

  const stranger = await createNode({ seed, ws: { headers: { Origin: 'https://other.example' } } })
  expect(await rejection(stranger.connect(server.addresses))).toMatchObject({
    code: 'STT_WEBSOCKET_UPGRADE',
    details: { status: 403 },
  })
})

test('limits of ws count for dialing too', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => silent.once('listening', resolve))
  const { port } = silent.address() as { port: number }
  const client = await createNode({ seed: Seed.generate(), ws: { limits: { dialTimeout: 50 } } })
  expect(await rejection(client.connect(`ws://127.0.0.1:${port}`))).toMatchObject({
    code: 'STT_TIMEOUT',
    message: expect.stringContaining('0.05 s'),
  })
  silent.close()
})

// spec: STT-WS-31
test('a session goes through the proxy of ws, to a name that only the proxy knows', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const port = Number(new URL(server.addresses[0]!).port)
  await using proxy = await startHttpProxy({ credentials: 'ann:secret', route: () => ({ host: '127.0.0.1', port }) })
  const client = await createNode({ seed, ws: { proxy: proxy.url.replace('//', '//ann:secret@') } })
  const session = await client.connect('ws://office.invalid:4433')
  expect(session.peer.id).toEqual(server.id)
  expect(proxy.asked).toEqual(['office.invalid:4433'])
  await session.close()
})
