import { afterEach, expect } from 'vitest'
import { type NodeOptions, Seed, type Session, STTNode } from '../src/index.ts'

const nodes: STTNode[] = []

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(node => node.close()))
})

/** A node that is closed when the test is over. */
export async function createNode(options: NodeOptions): Promise<STTNode> {
  const node = await STTNode.create(options)
  nodes.push(node)
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

export async function first<T>(items: AsyncIterable<T>): Promise<T> {
  for await (const item of items) return item
  throw new Error('nothing came')
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return new Uint8Array(Buffer.concat(parts))
}

/** Bytes that look random and are the same each time. */
export function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = 1
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[i] = state >>> 16
  }
  return bytes
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
