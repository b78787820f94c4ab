// npm run instance: what one relay, built, costs for listeners and for circuits, by its own processor time.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { decodeMessage, encodeAccept, encodeDial, encodeListen, encodePing, RELAY_SUBPROTOCOL } from '@stt/rendezvous'
import { dialWebSocket, type WebSocketLink } from '@stt/transport-ws'

const [listeners = 5_000, circuits = 100, seconds = 20] = process.argv.slice(2).map(Number)
const BIN = join(import.meta.dirname, '../../../packages/relay/dist/bin.js')
const none = (): Uint8Array => new Uint8Array(0)

const relay = spawn(process.execPath, [BIN, '--listen', 'ws://127.0.0.1:0', '--udp', 'none', '--json'], { stdio: ['ignore', 'pipe', 'ignore'] }) // biome-ignore format: one line
const [line] = (await once(relay.stdout, 'data')) as [Buffer]
const { url } = JSON.parse(String(line)) as { url: string }

/** MiB, and seconds of processor time so far. */
function usage(): { readonly memory: number; readonly cpu: number } {
  const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${relay.pid}/status`, 'utf8'))![1]) / 1_024
  // In nanoseconds, for each thread: what `stat` says is counted in ticks, and misses much where others run too.
  const threads = readdirSync(`/proc/${relay.pid}/task`).map(each =>
    readFileSync(`/proc/${relay.pid}/task/${each}/schedstat`, 'utf8'),
  )
  return { memory, cpu: threads.reduce((sum, each) => sum + Number(each.split(' ')[0]), 0) / 1e9 }
}

let pongs = 0

class Leg {
  readonly mailbox: Uint8Array = randomBytes(32)
  readonly token: Uint8Array = randomBytes(16)
  readonly link: WebSocketLink
  onIncoming: (ticket: Uint8Array) => void = () => {}
  spliced: () => void = () => {}

  private constructor(link: WebSocketLink) {
    this.link = link
    link.onPacket = bytes => {
      const message = decodeMessage(bytes)
      if (message.type === 'incoming') this.onIncoming(message.ticket.slice())
      else if (message.type === 'spliced') this.spliced()
      else if (message.type === 'pong') pongs++
    }
  }

  static async open(): Promise<Leg> {
    return new Leg(await dialWebSocket(url, { subprotocol: RELAY_SUBPROTOCOL }))
  }

  listen(): void {
    this.link.send(encodeListen([{ mailbox: this.mailbox, token: this.token }], none))
  }

  /** As a listener does each 15 s. */
  ping(): void {
    this.link.send(encodePing(randomBytes(8)))
  }
}

const empty = usage()
const legs: Leg[] = []
while (legs.length < listeners) {
  const leg = await Leg.open()
  leg.listen()
  legs.push(leg)
}
/** Lets all that was said be answered. */
async function answered(): Promise<void> {
  const until = pongs + legs.length
  for (const [at, leg] of legs.entries()) {
    leg.ping()
    if (at % 100 === 0) await delay(1)
  }
  while (pongs < until) await delay(10)
}

await answered()
const idle = usage()
// What listeners say in a minute.
for (const leg of legs) leg.listen()
for (let i = 0; i < 4; i++) await answered()
const said = usage()
console.log(`${listeners} listeners: ${(((idle.memory - empty.memory) * 1_024) / listeners).toFixed(1)} KiB each; a minute of them takes ${(said.cpu - idle.cpu).toFixed(2)} s of one core`) // biome-ignore format: one line

let passed = 0
const block = randomBytes(60_000)
for (let i = 0; i < circuits; i++) {
  const leg = legs[i]!
  const [dialer, acceptor] = [await Leg.open(), await Leg.open()]
  const spliced = new Promise<void>(resolve => (acceptor.spliced = resolve))
  leg.onIncoming = ticket => acceptor.link.send(encodeAccept(ticket))
  dialer.link.send(encodeDial([leg.mailbox], none))
  await spliced
  acceptor.link.onPacket = bytes => void (passed += bytes.length)
  const pump = (): void => {
    while (dialer.link.send(block));
  }
  dialer.link.onDrain = pump
  pump()
}
// What a burst allows is over when each has had 8 MiB.
const burst = circuits * 8 * 1_048_576
while (passed < burst) await delay(100)
const [from, bytes, began] = [usage(), passed, performance.now()]
await delay(seconds * 1_000)
const to = usage()
const took = (performance.now() - began) / 1_000
const mebibytes = (passed - bytes) / 1_048_576
console.log(`${circuits} circuits: ${(mebibytes / took).toFixed(0)} MiB/s with ${(100 * (to.cpu - from.cpu) / took).toFixed(0)} % of a core: ${(mebibytes / (to.cpu - from.cpu)).toFixed(0)} MiB a second of processor time; ${to.memory.toFixed(0)} MiB in all`) // biome-ignore format: one line
console.log(
  `load average ${loadavg()
    .map(each => each.toFixed(1))
    .join(', ')}`,
)
relay.kill('SIGKILL')
process.exit(0)
