import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { encodeDial } from '@stt/rendezvous'
import { dialWebSocket, type WebSocketLink } from '@stt/transport-ws'
import type { Benchmark, Contestant } from '../benchmark.ts'
import { startChild } from '../start-child.ts'
import type { Request } from '../transports/relay-child.ts'
import { openCircuit } from '../transports/relay-circuit.ts'
import { BULK_OVER_TCP, bulk } from './transport.ts'

/** What a relay carries beside a WebSocket that needs none, and what it keeps for those who use it. */
export function benchmarks(): readonly Benchmark[] {
  return [
    {
      title: 'Bytes through a relay',
      unit: 'MB/s',
      better: 'higher',
      reference: 'WebSocket',
      rows: [
        {
          name: 'one link',
          contestants: [
            throughput('WebSocket', 0, 1),
            throughput('relay', 1, 1),
            throughput('relay, 20 not read', 1, 1, 20),
          ],
        },
        {
          name: '200 links at once',
          contestants: [throughput('WebSocket', 0, 200), throughput('relay', 1_000, 200)],
        },
      ],
      notes: [
        `${TOTAL / MB} MB in messages of ${MESSAGE.toLocaleString('en-US')} bytes; sender, relay and receiver are processes of their own`,
        'The relay of 200 links has 1,000 listeners; its limits of rate and address are raised.',
      ],
    },
    {
      title: 'A session through a relay, one stream',
      unit: 'MB/s',
      better: 'higher',
      reference: 'stt ws',
      rows: [
        { name: 'upload', contestants: SESSIONS.map(bulk('upload', BULK_OVER_TCP)) },
        { name: 'download', contestants: SESSIONS.map(bulk('download', BULK_OVER_TCP)) },
      ],
      notes: [
        'Sessions as applications have them, sealed from end to end; three processes share the cores instead of two.',
      ],
    },
    {
      title: 'What a relay keeps, resident',
      unit: 'KiB',
      better: 'lower',
      reference: 'a listener',
      rows: [{ name: '1,000 listeners, 200 circuits', contestants: [resident('a listener'), resident('a circuit')] }],
      notes: ['A circuit is two connections. Nothing happens on them.'],
    },
  ]
}

/**
 * @param listeners at the relay; 0: there is none, and links are dialed directly
 * @param unread circuits beside, which are full and whose ends do not read
 */
function throughput(name: string, listeners: number, links: number, unread = 0): Contestant {
  let opened: { readonly scene: Scene; readonly links: readonly WebSocketLink[] } | undefined
  return {
    name,
    async measure() {
      if (!opened) {
        const scene = listeners === 0 ? await direct() : await relayed(listeners)
        if (unread > 0) await fill(scene, unread)
        opened = { scene, links: await Promise.all(Array.from({ length: links }, (_, i) => scene.dial(i))) }
      }
      const { scene, links: open } = opened
      const each = Math.ceil(TOTAL / MESSAGE / links)
      tell(scene.receiver, { type: 'expect', bytes: each * links * MESSAGE })
      const arrived = once(scene.receiver, 'message')
      const started = performance.now()
      for (const link of open) send(link, each)
      await arrived
      return (each * links * MESSAGE) / MB / ((performance.now() - started) / 1_000)
    },
    close() {
      for (const child of opened?.scene.children ?? []) child.kill()
      for (const link of opened?.links ?? []) link.close()
    },
  }
}

/** Opens circuits that nobody reads, and sends until they take no more. */
async function fill(scene: Scene, count: number): Promise<void> {
  tell(scene.receiver, { type: 'ignore', circuits: count })
  for (let i = 0; i < count; i++) {
    const link = await scene.dial(0)
    let still = 0
    for (let last = -1; still < 10; ) {
      while (link.getStatistics().queuedBytes < 2 * MESSAGE) link.send(BYTES)
      await new Promise(resolve => setTimeout(resolve, 5))
      const { bytesSent } = link.getStatistics()
      still = bytesSent === last ? still + 1 : 0
      last = bytesSent
    }
  }
}

function resident(name: 'a listener' | 'a circuit'): Contestant {
  return {
    name,
    async measure() {
      // What the first ones load and compile is not theirs.
      const scene = await relayed(50)
      const links = await Promise.all(Array.from({ length: 20 }, (_, i) => scene.dial(i)))
      const before = await residentOf(scene.relay)
      if (name === 'a listener') await listen(scene.receiver, 1_000)
      else links.push(...(await Promise.all(Array.from({ length: 200 }, (_, i) => scene.dial(i)))))
      const after = await residentOf(scene.relay)
      for (const link of links) link.close()
      for (const child of scene.children) child.kill()
      return (after - before) / (name === 'a listener' ? 1_000 : 200)
    },
  }
}

interface Scene {
  readonly children: readonly ChildProcess[]
  readonly receiver: ChildProcess
  readonly relay: ChildProcess
  /** A link to the receiver, for the one of its listeners with this number. */
  dial(number: number): Promise<WebSocketLink>
}

async function direct(): Promise<Scene> {
  const receiver = startChild(CHILD, 'direct')
  const { address } = await answerOf<{ address: string }>(receiver)
  return { children: [receiver], receiver, relay: receiver, dial: () => dialWebSocket(address) }
}

async function relayed(listeners: number): Promise<Scene> {
  const relay = startChild(CHILD, 'relay')
  const { address } = await answerOf<{ address: string }>(relay)
  const receiver = startChild(CHILD, 'receive', address)
  await answerOf(receiver)
  const names = await listen(receiver, listeners)
  return {
    children: [receiver, relay],
    receiver,
    relay,
    dial: number => openCircuit(address, encodeDial([Buffer.from(names[number % names.length]!, 'hex')], NOTHING)),
  }
}

async function listen(receiver: ChildProcess, count: number): Promise<readonly string[]> {
  tell(receiver, { type: 'listen', count })
  return (await answerOf<{ names: string[] }>(receiver)).names
}

async function residentOf(relay: ChildProcess): Promise<number> {
  tell(relay, { type: 'resident' })
  return (await answerOf<{ kibibytes: number }>(relay)).kibibytes
}

function send(link: WebSocketLink, count: number): void {
  let left = count
  const more = (): void => {
    while (left > 0) {
      left--
      if (!link.send(BYTES)) return
    }
  }
  link.onDrain = more
  more()
}

const tell = (child: ChildProcess, request: Request): boolean => child.send(request)

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [answer] = (await once(child, 'message')) as [T]
  return answer
}

const SESSIONS = ['stt ws', 'stt ws by a relay']
const NOTHING = (): Uint8Array => new Uint8Array(0)
const MB = 1_000_000
const TOTAL = 128 * MB
const MESSAGE = 16_000
const BYTES = new Uint8Array(MESSAGE).fill(7)
const CHILD = fileURLToPath(new URL('../transports/relay-child.ts', import.meta.url))
