import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Benchmark, Contestant } from '../benchmark.ts'
import { startChild } from '../start-child.ts'

/** What `programs/first-echo.mjs` reports, in milliseconds. */
interface Parts {
  readonly imported: number
  readonly connected: number
  readonly echoed: number
}

/** From the start of a process to the first answer over a new connection: a command that is run once and ends. */
export function benchmarks(): readonly Benchmark[] {
  const stt = programs('stt', 'stt ws')
  const tls = programs('tls', 'node:tls')
  return [
    {
      title: 'Process start to the first echo',
      unit: 'ms',
      better: 'lower',
      reference: 'node:tls',
      rows: [
        { name: 'the whole process', contestants: [stt.whole, tls.whole] },
        { name: 'its parts', contestants: [...stt.parts, ...tls.parts] },
      ],
      notes: [
        'import: of the library · connect: dialing and the handshake, STT with ML-KEM-768 · echo: the first round trip',
      ],
    },
  ]
}

/** One that runs the program, and ones that say what parts of the runs before took. */
function programs(
  program: string,
  name: string,
): { readonly whole: Contestant; readonly parts: readonly Contestant[] } {
  const server = startChild(CHILD, name)
  const listening = once(server, 'message') as Promise<[{ address: string }]>
  const runs: Parts[] = []
  let shown = 0
  const part = (label: string, of: (parts: Parts) => number): Contestant => ({
    name: `${name}, ${label}`,
    measure: () => of(runs[shown++ % runs.length]!),
  })
  return {
    whole: {
      name,
      async measure() {
        const [{ address }] = await listening
        const started = performance.now()
        runs.push(await runOnce(program, address))
        return performance.now() - started
      },
    },
    parts: [
      part('import', ({ imported }) => imported),
      part('connect', ({ connected }) => connected),
      { ...part('echo', ({ echoed }) => echoed), close: () => void server.kill() },
    ],
  }
}

async function runOnce(program: string, address: string): Promise<Parts> {
  const child = spawn(process.execPath, [PROGRAM, program, address], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString()
  })
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`${program} ended with code ${code}`)
  return JSON.parse(text) as Parts
}

const CHILD = fileURLToPath(new URL('../transports/child.ts', import.meta.url))
const PROGRAM = fileURLToPath(new URL('../programs/first-echo.mjs', import.meta.url))
