// npm run instance [-- --listeners N --circuits N --seconds N --deadline SECONDS --only ws|wss]:
// measures what listeners and circuits cost a built relay, by the time that its threads ran. Linux only.
import { cpus, loadavg } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Crowd } from './crowd.ts'
import { MeasuredRelay } from './measured-relay.ts'

const SCHEMES = ['ws', 'wss'] as const
const PINGS_A_MINUTE = 4
const MEBIBYTE = 1_048_576
/** Bytes that a circuit carries before its rate is limited. */
const BURST = 8 * MEBIBYTE
/** Milliseconds to wait for that. Over TLS the circuits may be slower than their rate, and then it never comes. */
const LONGEST_BURST = 10_000

const values = readOptions()
// A relay has places for 10,000 listeners and 2,000 circuits, and forgets a listener that is silent for 90 s.
const listeners = wholeNumber('listeners', 10_000)
const circuits = wholeNumber('circuits', Math.min(2_000, listeners))
const seconds = wholeNumber('seconds', 60)
const deadline = wholeNumber('deadline', 3_600)

let stage = ''
setTimeout(() => {
  console.error(`not measured: ${stage} had not ended ${deadline} s after the start; ask for less, or give --deadline`)
  process.exit(1)
}, deadline * 1_000).unref()
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143))

console.log(`Node ${process.version}, ${cpus().length} cores, ${load()}`)
try {
  for (const scheme of SCHEMES) if (values.only === undefined || values.only === scheme) await measure(scheme)
} catch (error) {
  console.error(`not measured: ${stage}: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
console.log(`${Math.round(performance.now() / 1_000)} s in all; at the end ${load()}`)

async function measure(scheme: 'ws' | 'wss'): Promise<void> {
  stage = `${scheme}: starting a relay`
  const relay = await MeasuredRelay.start(scheme)
  const stop = (): void => relay.stop()
  process.once('exit', stop)
  const crowd = new Crowd(relay.url)
  try {
    await Promise.race([relay.ended, measureListeners(scheme, relay, crowd)])
    await Promise.race([relay.ended, measureCircuits(scheme, relay, crowd)])
  } finally {
    crowd.close()
    stop()
    process.off('exit', stop)
  }
}

async function measureListeners(scheme: string, relay: MeasuredRelay, crowd: Crowd): Promise<void> {
  stage = `${scheme}: ${listeners} listeners come`
  const empty = relay.usage
  await crowd.listen(listeners)
  const there = relay.usage
  stage = `${scheme}: what ${listeners} listeners say in a minute`
  crowd.listenAgain()
  for (let i = 0; i < PINGS_A_MINUTE; i++) await crowd.ping()
  const said = relay.usage
  const [arriving, minute] = [there.cpu - empty.cpu, said.cpu - there.cpu]
  const each = ((there.memory - empty.memory) * 1_024) / listeners
  console.log(`${scheme}:// ${listeners} listeners: ${each.toFixed(1)} KiB each, ${((1_000 * arriving) / listeners).toFixed(2)} ms of a core to arrive; what they say in a minute takes ${minute.toFixed(2)} s, so a core is busy with ${Math.round((60 * listeners) / minute / 1_000)},000`) // biome-ignore format: one line
}

async function measureCircuits(scheme: string, relay: MeasuredRelay, crowd: Crowd): Promise<void> {
  stage = `${scheme}: ${circuits} circuits open`
  for (let i = 0; i < circuits; i++) await crowd.openCircuit(i)
  stage = `${scheme}: the burst of ${circuits} circuits`
  crowd.fillCircuits()
  const patience = performance.now() + LONGEST_BURST
  while (crowd.received < circuits * BURST && performance.now() < patience) await crowd.during(delay(100))
  stage = `${scheme}: ${circuits} circuits`
  const [before, bytes, began] = [relay.usage, crowd.received, performance.now()]
  await crowd.during(delay(seconds * 1_000))
  const [after, took] = [relay.usage, (performance.now() - began) / 1_000]
  const [cpu, mebibytes] = [after.cpu - before.cpu, (crowd.received - bytes) / MEBIBYTE]
  console.log(`${scheme}:// ${circuits} circuits: ${(mebibytes / took).toFixed(0)} MiB/s with ${((100 * cpu) / took).toFixed(0)} % of a core, so ${(mebibytes / cpu).toFixed(0)} MiB/s for a whole one; ${after.memory.toFixed(0)} MiB of memory in all`) // biome-ignore format: one line
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        listeners: { type: 'string', default: '3000' },
        circuits: { type: 'string', default: '100' },
        seconds: { type: 'string', default: '8' },
        deadline: { type: 'string', default: '85' },
        only: { type: 'string' },
      },
    })
    if (values.only === undefined || SCHEMES.some(scheme => scheme === values.only)) return values
    console.error(`--only takes ${SCHEMES.join(' or ')}`)
  } catch (error) {
    // The messages of parseArgs are for people.
    console.error(error instanceof Error ? error.message : String(error))
  }
  process.exit(2)
}

function wholeNumber(name: 'listeners' | 'circuits' | 'seconds' | 'deadline', most: number): number {
  const value = Number(values[name])
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  console.error(`--${name} takes a whole number from 1 to ${most}`)
  process.exit(2)
}

function load(): string {
  return `load average ${loadavg().map(each => each.toFixed(1)).join(', ')}` // biome-ignore format: one line
}
