/**
 * A node as a process of its own, which does what the lines of its standard input say (`commands.ts`) and tells on its
 * standard output what comes of it and what happens. It ends when it is told to close, or when nobody can tell it any more.
 * The seed comes in `STT_TEST_SEED`.
 */
import { createHash, type Hash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { startLan } from '@stt/lan'
import {
  fromHex,
  Identity,
  isSttError,
  type NodeOptions,
  Seed,
  type Session,
  STTNode,
  type Stream,
  toHex,
} from '@stt/node'
import { listenRelay } from '@stt/relay'
import { pattern } from '../../test/bytes.ts'
import {
  type Commands,
  type Dialing,
  type Listening,
  type Look,
  type NodeSetup,
  now,
  type PeerEvent,
  type Sending,
} from './commands.ts'

type Happening<E = PeerEvent> = E extends unknown ? Omit<E, 'at'> : never

const seed = Seed.fromHex(process.env['STT_TEST_SEED']!)
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const tell = (happening: Happening): void => say({ at: now(), ...happening })

let node: STTNode | undefined
/** The last one: what is sent goes there. */
let session: Session | undefined

const handlers: { [Name in keyof Commands]: (take: Commands[Name]['take']) => Promise<Commands[Name]['give']> } = {
  async listen({ addresses, identity, ...setup }: Listening) {
    const known = identity === undefined ? {} : { identity: Identity.fromPrivateKey(fromHex(identity)!) }
    const listen = addresses.length === 0 ? {} : { listen: addresses }
    node = await STTNode.create({ seed, ...listen, ...known, ...optionsOf(setup) })
    node.onSession(follow)
    return { addresses: node.addresses, id: toHex(node.id) }
  },
  async relay({ port }) {
    await listenRelay({ host: '0.0.0.0', port, open: true, udpPorts: [port + 1, port + 2] })
    return {}
  },
  async connect({ addresses, peer, within, ...setup }: Dialing) {
    node ??= await STTNode.create({ seed, ...(addresses.length === 0 && { listen: [] }), ...optionsOf(setup) })
    const started = now()
    const options = { ...(peer !== undefined && { peer }), ...(within && { signal: AbortSignal.timeout(within) }) }
    follow(await (addresses.length === 0 ? node.connect(options) : node.connect(addresses, options)))
    return { took: now() - started }
  },
  async watch() {
    void (async () => {
      for await (const { type, id } of node!.peers()) tell({ event: 'peer', type, id: toHex(id) })
    })()
    return {}
  },
  async send({ transfer, bytes, rate = Number.POSITIVE_INFINITY }: Sending) {
    const stream = await session!.openStream()
    const started = now()
    const hash = createHash('blake2b512')
    await stream.write(numberOf(transfer))
    for (let sent = 0; sent < bytes; sent += BLOCK.length) {
      const early = started + (1_000 * sent) / rate - now()
      if (early > 0) await delay(early)
      const block = BLOCK.subarray(0, bytes - sent)
      hash.update(block)
      await stream.write(block)
    }
    await stream.end()
    const answer = await stream.readAll({ maxBytes: 64 })
    return { equal: hash.digest().equals(answer), took: now() - started }
  },
  async ping({ times, pause }) {
    const took: number[] = []
    for (let i = 0; i < times; i++) {
      await delay(pause)
      const before = now()
      await session!.ping()
      took.push(now() - before)
    }
    took.sort((a, b) => a - b)
    return { p95: took[Math.ceil(0.95 * times) - 1]! }
  },
  async look() {
    return look()
  },
  async close() {
    await node?.close()
    setTimeout(() => tell({ event: 'lingering', resources: resources() }), PATIENCE).unref()
    return {}
  },
}

/** A program that is bundled has no package to load. */
const optionsOf = ({ lan, ...options }: NodeSetup): Omit<NodeOptions, 'seed'> =>
  lan ? { ...options, discovery: { lan: { startLan, ...(lan !== true && { interfaces: lan }) } } } : options

function follow(opened: Session): void {
  session = opened
  tell({ event: 'session', address: opened.peer.address })
  opened.onStream(take)
  opened.onPath(({ from, to, reason }) => tell({ event: 'path', ...(from && { from }), to, reason }))
  void opened.closed.then(({ by, error }) => tell({ event: 'closed', by, code: error.code }))
}

/** Reads a stream to its end, and answers with the hash of what came. */
async function take(stream: Stream): Promise<void> {
  const transfer = Buffer.from(await stream.readExactly(4)).readUInt32BE()
  const arriving = new Arriving(transfer)
  try {
    for await (const chunk of stream) arriving.add(chunk)
    await stream.write(arriving.end())
    await stream.end()
  } catch (error) {
    if (!isSttError(error)) throw error
    tell({ event: 'broken', transfer, bytes: arriving.bytes, code: error.code })
  }
}

class Arriving {
  bytes = 0
  readonly #transfer: number
  readonly #hash: Hash = createHash('blake2b512')
  #last = now()
  #stall = 0
  #told = 0

  constructor(transfer: number) {
    this.#transfer = transfer
  }

  add(chunk: Uint8Array): void {
    this.#stopGap()
    this.#hash.update(chunk)
    this.bytes += chunk.length
    if (this.bytes < this.#told + TOLD_EACH) return
    this.#told = this.bytes
    tell({ event: 'arriving', transfer: this.#transfer, bytes: this.bytes })
  }

  end(): Uint8Array {
    this.#stopGap()
    tell({ event: 'arrived', transfer: this.#transfer, bytes: this.bytes, stall: this.#stall })
    return this.#hash.digest()
  }

  #stopGap(): void {
    const at = now()
    this.#stall = Math.max(this.#stall, at - this.#last)
    this.#last = at
  }
}

function look(): Look {
  const { sessions = 0, sessionsOpened = 0, faults = 0, memoryHeld = 0 } = node?.getStatistics() ?? {}
  // The first stack has Node read the program's source map, 16 MB that have nothing to do with what is measured.
  void new Error('a stack').stack
  ;(globalThis as { gc?: () => void }).gc?.()
  const heap = process.memoryUsage().heapUsed
  const counted = { sessions, sessionsOpened, faults, memoryHeld, heap, resources: resources(), lan: node?.lan ?? [] }
  if (session?.state !== 'active') return counted
  const { packetsLost, path, streams } = session.getStatistics()
  const size = path?.maxDatagramSize
  const statistics = { packetsLost, bytesResent: streams.bytesResent, ...(size && { maxDatagramSize: size }) }
  return { ...counted, ...(session.path && { path: session.path }), statistics }
}

function resources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

const numberOf = (transfer: number): Uint8Array => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(transfer)
  return bytes
}

const BLOCK = pattern(16_384)
const TOLD_EACH = 131_072
/** Milliseconds: a closed node should have let go of everything long before. */
const PATIENCE = 5_000

async function obey(line: string): Promise<void> {
  const { id, command, take } = JSON.parse(line) as { id: number; command: keyof Commands; take: never }
  try {
    say({ id, give: await handlers[command](take) })
  } catch (error) {
    if (!isSttError(error)) throw error
    say({ id, code: error.code, message: error.message })
  }
  if (command === 'close') lines.close()
}

process.on('warning', ({ message, ...rest }: Error & { code?: string }) =>
  tell({ event: 'warning', ...(rest.code && { code: rest.code }), message }),
)
const lines = createInterface({ input: process.stdin })
lines.on('line', line => void obey(line))
// Nobody is there any more who could end a session that waits.
process.stdin.once('end', () => process.exit(1))
