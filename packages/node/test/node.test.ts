import { afterEach, expect, test } from 'vitest'
import { isSttError, type NodeOptions, Seed, type Session, STTNode } from '../src/index.ts'

const nodes: STTNode[] = []

async function createNode(options: NodeOptions): Promise<STTNode> {
  const node = await STTNode.create(options)
  nodes.push(node)
  return node
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(node => node.close()))
})

async function first<T>(items: AsyncIterable<T>): Promise<T> {
  for await (const item of items) return item
  throw new Error('nothing came')
}

async function connected(
  options: Partial<NodeOptions> = {},
): Promise<{ dialed: Session; accepted: Session; server: STTNode; client: STTNode }> {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], ...options })
  const client = await createNode({ seed, ...options })
  const accepted = first(server.sessions())
  const dialed = await client.connect(server.addresses)
  return { dialed, accepted: await accepted, server, client }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

test('two nodes with one seed open a session and exchange bytes both ways', async () => {
  const { dialed, accepted, server, client } = await connected({ metadata: { name: 'test' } })
  expect(dialed.id).toEqual(accepted.id)
  expect(dialed.peer.id).toEqual(server.id)
  expect(accepted.peer.id).toEqual(client.id)
  expect(accepted.peer.metadata).toEqual({ name: 'test' })

  const request = new Uint8Array(3_000_000).map((_, i) => i * 7)
  const stream = await dialed.openStream()
  const echo = (async () => {
    const incoming = await first(accepted.streams())
    const bytes = await collect(incoming)
    await incoming.write(bytes)
    await incoming.end()
    return bytes
  })()
  await stream.write(request)
  await stream.end()
  const answer = await collect(stream)
  expect(Buffer.compare(await echo, request)).toBe(0)
  expect(Buffer.compare(answer, request)).toBe(0)
  await stream.delivered
})

test('a seed that differs is answered with silence, and counted', async () => {
  const server = await createNode({ seed: Seed.generate(), listen: ['ws://127.0.0.1:0'] })
  const stranger = await createNode({ seed: Seed.generate(), limits: { handshakeTimeout: 200 } })
  const error = await stranger.connect(server.addresses).catch((e: unknown) => e)
  expect(isSttError(error, 'STT_TIMEOUT')).toBe(true)
  expect((error as Error).message).toMatch(/not running.*address is wrong.*another seed/)
  expect(server.getStatistics().badMac).toBe(1)
})
