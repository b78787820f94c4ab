/**
 * Where the time of an upload goes, in both processes: `run profile NAME [MEBIBYTES]` runs a transport's two ends
 * under V8's sampling profiler and adds up what each part took, in microseconds for each packet sent.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TaskResult } from './transports/protocol.ts'

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string }
  readonly children?: readonly number[]
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Parts by what a function's file is called; what is native counts for whoever called it. */
const PARTS: readonly (readonly [part: string, file: RegExp])[] = [
  ['AEAD and hashes', /packages\/crypto\/|node:internal\/crypto|node:crypto|sodium-native/],
  ['sockets: node:dgram, system calls of sending', /node:dgram|node:internal\/dgram/],
  ['sockets: transport-udp', /transport-udp\/src\/(udp-|send-pool|listen|dial)/],
  ['loss, congestion, pacing: recovery', /recovery\//],
  ['packets, acknowledgements: session, frame', /packages\/(session|frame)\//],
  ['streams', /packages\/stream\//],
  ['WebSocket: transport-ws', /packages\/transport-ws\//],
  ['driver, API: node', /packages\/node\//],
  ['the benchmark itself', /tooling\/bench\//],
  ['Node: timers, promises, events', /^node:/],
]

const LOADING =
  /\/node_modules\/(?!.*sodium-native)|^node:internal\/(modules|worker|vm|bootstrap|source_map|process\/esm)/

const [name = 'stt udp 1,452', mebibytes = '64'] = process.argv.slice(2)
const bytes = Number(mebibytes) * 1_048_576
const payload = (name.includes('1,452') ? 1_452 : 61_440) - 33 - 9

const child = (folder: string, ...parameters: string[]): ChildProcess =>
  fork(fileURLToPath(new URL('transports/child.ts', import.meta.url)), parameters, {
    execArgv: ['--conditions=@stt/source', '--import', 'tsx', '--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${folder}`], // biome-ignore format: one line
  })

const root = mkdtempSync(join(tmpdir(), 'stt-profile-'))
const folders = { sender: join(root, 'sender'), receiver: join(root, 'receiver') }
const receiver = child(folders.receiver, name)
const [{ address }] = (await once(receiver, 'message')) as [{ address: string }]
const sender = child(folders.sender, name, address)
await once(sender, 'message')
sender.send({ kind: 'upload', bytes })
const [{ milliseconds }] = (await once(sender, 'message')) as [TaskResult]
for (const end of [sender, receiver]) {
  const exited = once(end, 'exit')
  end.disconnect()
  await exited
}

const packets = Math.ceil(bytes / payload)
console.log(
  `${name}: ${(bytes / milliseconds / 1_000).toFixed(0)} MB/s while profiled, load ${loadavg()[0]!.toFixed(1)}`,
)
for (const [end, folder] of Object.entries(folders)) {
  console.log(`\n${end}, µs for each of ${packets} packets`)
  for (const [part, microseconds] of timeByPart(folder)) {
    if (microseconds / packets >= 0.05) console.log(`${(microseconds / packets).toFixed(2).padStart(7)}  ${part}`)
  }
}
rmSync(root, { recursive: true })

/** Microseconds of each part, the most first. The time before the first packet is a few hundred milliseconds of loading. */
function timeByPart(folder: string): (readonly [part: string, microseconds: number])[] {
  const [file] = readdirSync(folder)
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, file!), 'utf8')) as Profile
  const byId = new Map(nodes.map(node => [node.id, node]))
  const partOf = new Map<number, string>()
  const assign = ({ id, callFrame, children = [] }: ProfileNode, inherited: string): void => {
    const part = partOfFrame(callFrame) ?? inherited
    partOf.set(id, part)
    for (const each of children) assign(byId.get(each)!, part)
  }
  assign(nodes[0]!, 'the rest')
  const totals = new Map<string, number>()
  samples.forEach((id, i) => {
    const part = partOf.get(id)!
    totals.set(part, (totals.get(part) ?? 0) + timeDeltas[i]!)
  })
  return [...totals].sort(([, a], [, b]) => b - a)
}

function partOfFrame({ functionName, url }: ProfileNode['callFrame']): string | undefined {
  if (functionName === '(idle)') return 'idle'
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (functionName === '(program)')
    return 'native code outside of JavaScript: the event loop, system calls of receiving'
  if (LOADING.test(url)) return 'loading'
  return PARTS.find(([, file]) => file.test(url))?.[0]
}
