import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Benchmark, Contestant } from '../benchmark.ts'
import { contestants } from '../handshakes/contestants.ts'
import { startChild } from '../start-child.ts'

const COUNT = 300
/** Handshakes of each contestant before the first that counts: a listener that is busy runs compiled code. */
const WARM_UP = 1_000

/** Handshakes a second with both sides in one thread: what they cost in computing, and for TLS loopback sockets as well. */
export function benchmarks(): readonly Benchmark[] {
  return [
    {
      title: 'Handshakes, both sides in one thread',
      unit: 'a second',
      better: 'higher',
      reference: 'node:tls, RSA 2,048',
      rows: [{ name: 'full handshakes', contestants: Object.keys(contestants).map(contestant) }],
      notes: [
        'stt: Initiator and Responder, four messages, mutual proof of identity. node:tls: TLS 1.3 over loopback, the client',
        'verifies the certificate of the server, which alone has one, or, in the last two, each that of the other.',
        `Each in a process of its own, after ${WARM_UP.toLocaleString('en')} handshakes that do not count.`,
        'ML-KEM-768 is plain JavaScript before Node 24, native from there on.',
      ],
    },
  ]
}

function contestant(name: string): Contestant {
  const child = startChild(fileURLToPath(new URL('../handshakes/child.ts', import.meta.url)), name)
  const ready = once(child, 'message')
  let warm = false
  const run = async (count: number): Promise<number> => {
    child.send(count)
    const [{ milliseconds }] = (await once(child, 'message')) as [{ milliseconds: number }]
    return (1_000 * count) / milliseconds
  }
  return {
    name,
    async measure() {
      await ready
      if (!warm) await run(WARM_UP)
      warm = true
      return run(COUNT)
    },
    close: () => void child.kill(),
  }
}
