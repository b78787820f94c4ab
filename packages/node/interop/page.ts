/** What runs in the page: the browser's end of a session, steered by the test. */
import { provider, toHex } from '@stt/crypto'
import { type CloseReason, isSttError, type NodeLimits, type PathChange, Seed, type Session, STTNode } from '@stt/node'
import { first, pattern } from '../test/bytes.ts'

export interface Page {
  /** Begins a session that the other calls are about. */
  connect(address: string, seed: string, limits?: Partial<NodeLimits>): Promise<Connected>
  /** Has a node that others dial by a relay. @returns its id */
  listenAt(relay: string, seed: string): Promise<string>
  /** Begins with the session that comes next. @returns the peer's id */
  accept(): Promise<string>
  /** As `connect`, with a node by a relay. */
  connectAt(relay: string, seed: string, peer: string): Promise<Connected>
  /** Sends `size` bytes and reads what comes, at once; each end tells the other the BLAKE2b hash of what it got. */
  exchange(size: number): Promise<Exchanged>
  /** Sends `size` bytes, until the peer has them all. @returns their hash, and why the session changed its path meanwhile */
  upload(size: number): Promise<Uploaded>
  echoDatagram(size: number): Promise<string>
  echoMessages(sizes: readonly number[]): Promise<string[]>
  rotateKeys(): void
  ping(): Promise<number>
  keyEpoch(): number
  /** What the page computes with now. */
  provider(): string
  exportKey(): string
  close(code: number, reason: string): Promise<Ended>
  closed(): Promise<Ended>
  seedOf(phrase: string): Promise<string>
  /** The error of a page that wants to listen. */
  listen(): Promise<string>
  /** The error of a page that wants to be found on the local network, and what it says. */
  speakMulticast(): Promise<string>
}

/** The peer's id, or the code of the error. */
export type Connected = { readonly peer: string } | { readonly code: string }

export interface Exchanged {
  readonly sent: string
  readonly peerGot: string
  readonly got: string
  readonly received: number
}

export interface Uploaded {
  readonly hash: string
  readonly moves: readonly PathChange['reason'][]
}

export type Ended = Pick<CloseReason, 'by' | 'code' | 'reason'>

let node: STTNode | undefined
let session: Session | undefined

export const page: Page = {
  async connect(address, seed, limits = {}) {
    node = await STTNode.create({ seed: Seed.fromHex(seed), limits })
    try {
      session = await node.connect(address)
      return { peer: toHex(session.peer.id) }
    } catch (error) {
      await node.close()
      return { code: codeOf(error) }
    }
  },
  async listenAt(relay, seed) {
    node = await STTNode.create({ seed: Seed.fromHex(seed), relays: [relay] })
    return toHex(node.id)
  },
  async accept() {
    session = await first(node!.sessions())
    return toHex(session.peer.id)
  },
  async connectAt(relay, seed, peer) {
    node = await STTNode.create({ seed: Seed.fromHex(seed), relays: [relay], listen: [] })
    try {
      session = await node.connect({ peer })
      return { peer: toHex(session.peer.id) }
    } catch (error) {
      await node.close()
      return { code: codeOf(error) }
    }
  },
  async exchange(size) {
    const sent = pattern(size)
    const [peerGot, got] = await Promise.all([send(sent), receive()])
    return { sent: hash(sent), peerGot, got: hash(...got), received: got.reduce((sum, { length }) => sum + length, 0) }
  },
  async upload(size) {
    const moves: PathChange['reason'][] = []
    const stopWatching = session!.onPath(({ reason }) => moves.push(reason))
    const bytes = pattern(size)
    const stream = await session!.openSendStream()
    for (let at = 0; at < size; at += BLOCK) await stream.write(bytes.subarray(at, at + BLOCK))
    await stream.end()
    await stream.delivered
    stopWatching()
    return { hash: hash(bytes), moves }
  },
  async echoDatagram(size) {
    void session!.sendDatagram(pattern(size))
    return hash(await first(session!.datagrams()))
  },
  async echoMessages(sizes) {
    const stream = await session!.openStream()
    const back = all(stream.messages())
    for (const size of sizes) await stream.writeMessage(pattern(size))
    await stream.end()
    return (await back).map(message => hash(message))
  },
  rotateKeys: () => session!.rotateKeys(),
  ping: () => session!.ping(),
  keyEpoch: () => session!.getStatistics().keyEpoch,
  provider: () => provider.name,
  exportKey: () => toHex(session!.exportKey('interop', 32)),
  async close(code, reason) {
    const ended = endOf(await session!.close({ code, reason }))
    await node!.close()
    return ended
  },
  closed: () => session!.closed.then(endOf),
  seedOf: phrase => Seed.fromPassphrase(phrase).then(seed => seed.toHex()),
  listen: () => STTNode.create({ seed: Seed.generate(), listen: ['ws://127.0.0.1:0'] }).then(() => 'none', codeOf),
  speakMulticast: () =>
    STTNode.create({ seed: Seed.generate(), discovery: { lan: true } }).then(
      () => 'none',
      error => `${codeOf(error)}: ${error.message}`,
    ),
}

/** @returns the hash that the peer names of what it got */
async function send(bytes: Uint8Array): Promise<string> {
  const stream = await session!.openStream()
  for (let at = 0; at < bytes.length; at += BLOCK) await stream.write(bytes.subarray(at, at + BLOCK))
  await stream.end()
  return toHex((await all(stream))[0]!)
}

/** The bytes of the stream that the peer opens, its hash told to the peer. */
async function receive(): Promise<Uint8Array[]> {
  const stream = await first(session!.streams())
  const chunks = await all(stream)
  await stream.write(provider.hash(...chunks))
  await stream.end()
  return chunks
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const every: Uint8Array[] = []
  for await (const chunk of chunks) every.push(chunk)
  return every
}

const endOf = ({ by, code, reason }: CloseReason): Ended => ({ by, code, reason })
const hash = (...parts: Uint8Array[]): string => toHex(provider.hash(...parts))
const codeOf = (error: unknown): string => (isSttError(error) ? error.code : String(error))
const BLOCK = 65_536
