import { expect, onTestFinished } from 'vitest'
import { type NodeOptions, Seed, type Session, STTNode } from '../src/index.ts'
import { first } from './bytes.ts'

export { first, pattern } from './bytes.ts'

/** A node that is closed when the test is over. */
export async function createNode(options: NodeOptions): Promise<STTNode> {
  const node = await STTNode.create(options)
  onTestFinished(() => node.close())
  return node
}

export interface Connected {
  readonly dialed: Session
  readonly accepted: Session
  readonly server: STTNode
  readonly client: STTNode
}

/** Two nodes with one seed and a session between them, over WebSocket unless `address` says otherwise. */
export async function connected(options: Partial<NodeOptions> = {}, address = 'ws://127.0.0.1:0'): Promise<Connected> {
  const seed = options.seed ?? Seed.generate()
  const server = await createNode({ ...options, seed, listen: [address] })
  const client = await createNode({ ...options, seed })
  const accepted = first(server.sessions())
  const dialed = await client.connect(server.addresses)
  return { dialed, accepted: await accepted, server, client }
}

/** Sends `bytes` over a stream of `dialed`, has `accepted` send them back, and expects the same. */
export async function expectEcho(dialed: Session, accepted: Session, bytes: Uint8Array): Promise<void> {
  const echoing = first(accepted.streams()).then(async stream => {
    await stream.write(await collect(stream))
    await stream.end()
  })
  const stream = await dialed.openStream()
  const echo = collect(stream)
  await stream.write(bytes)
  await stream.end()
  expectBytes(await echo, bytes)
  await echoing
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return new Uint8Array(Buffer.concat(parts))
}

export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Compares in one call what `toEqual` would compare, and explain, byte by byte. */
export const expectBytes = (actual: Uint8Array, expected: Uint8Array): void => {
  expect(actual.length).toBe(expected.length)
  expect(Buffer.compare(actual, expected)).toBe(0)
}
