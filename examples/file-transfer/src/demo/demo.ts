import { randomFillSync } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { runCommand } from '../cli.ts'
import { describeRate, describeSize, describeTime } from '../format.ts'
import type { Report } from '../reports.ts'
import { createSeedFile } from '../seed-file.ts'
import { openSource } from '../transfer.ts'
import { TRANSPORTS } from '../transports.ts'
import { Children } from './children.ts'
import { playFindingAct } from './finding-act.ts'
import { judge } from './judge.ts'
import { playMovingAct } from './moving-act.ts'

type Sent = Extract<Report, { type: 'sent' }>
type Received = Extract<Report, { type: 'received' }>

const RANDOM_SIZE = 64 * 1024 * 1024
/** The smallest file, in bytes, in whose middle the demo cuts the network. */
const LEAST_SIZE = 1024 * 1024
/** How long the third process waits: milliseconds at least, and times the handshake that was answered. */
const LEAST_WAIT = 1_000
const WAIT_FACTOR = 5

const [path] = new Command('demo')
  .description(
    'Sends a file between two processes that share a seed, shows that a third one with another seed is refused, cuts the way in the middle of the file, and lets two processes find each other by their seed alone.',
  )
  .argument('[file]', 'the file to send; without it, 64 MiB of random bytes')
  .parse().args

await runCommand('demo', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stt-demo-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const children = new Children()

  const file = path ?? (await createRandomFile(join(folder, 'random'), RANDOM_SIZE))
  const { handle, size } = await openSource(file)
  await handle.close()
  const seedFile = join(folder, 'seed')
  await createSeedFile(seedFile)

  for (const { name, listen } of TRANSPORTS) {
    process.stdout.write(`\n${name}\n`)
    const out = join(folder, `received-${name.toLowerCase()}`)
    const receiver = children.start('../receive', ['--seed-file', seedFile, '--listen', listen, '--out', out, '--stay'])
    const { address } = await receiver.next('listening')

    const sender = children.start('../send', ['--seed-file', seedFile, '--to', address, file])
    const sent = await sender.next('sent')
    const received = await receiver.next('received')
    const transferred = (await sender.exited) === 0
    print(sent, received)

    // A wrong seed is never answered. Who holds the right one is, in far less time than this.
    const wait = Math.max(LEAST_WAIT, WAIT_FACTOR * sent.handshakeMs)
    process.stdout.write(
      `a third process with another seed dials the same address, and waits ${describeTime(wait)} …\n`,
    )
    const before = await badMac(receiver)
    const intruder = children.start('intrude', ['--to', address, '--wait', String(Math.ceil(wait))])
    const { code, message } = await intruder.next('intruded')
    process.stdout.write(`  it was told: ${message}\n`)
    await intruder.exited
    const after = await badMac(receiver)

    receiver.ask({ type: 'close' })
    const closed = (await receiver.exited) === 0

    judge([
      ['the file read back from disk has the hash of the original', transferred && sent.hash === received.hash],
      [
        `key epoch: sender ${sent.session.keyEpoch}, receiver ${received.session.keyEpoch}`,
        sent.session.keyEpoch >= 1 && received.session.keyEpoch >= 1,
      ],
      [
        `the third process was refused: no answer in ${describeTime(wait)}, where the first had its session after ${describeTime(sent.handshakeMs)}`,
        code === 'STT_TIMEOUT',
      ],
      [`the listener's badMac count rose from ${before} to ${after}`, after > before],
      ['the receiver closed cleanly', closed],
    ])
  }

  // A file has a middle to cut where it is more than a few packets.
  const divisible = size >= LEAST_SIZE ? file : await createRandomFile(join(folder, 'random'), LEAST_SIZE)
  await playMovingAct({ children, seedFile, file: divisible, out: join(folder, 'received-moving') })
  await playFindingAct({ children, seedFile })
})

function print(sent: Sent, received: Received): void {
  const rate = `${describeRate(sent.size, sent.transferMs)}: ${describeSize(sent.size)} in ${describeTime(sent.transferMs)}`
  const rows: (readonly [string, string])[] = [
    ['handshake', describeTime(sent.handshakeMs)],
    ['ping', describeTime(sent.pingMs)],
    ['rate', `${rate}, on the receiver's disk and read back`],
    ['packets', `sender ${counts(sent.session)}, receiver ${counts(received.session)}`],
  ]
  const { path } = sent.session
  if (path) {
    rows.push(['recovery', `${path.packetsLost} packets lost, ${path.framesResent} frames resent`])
    rows.push(['path', `RTT ${describeTime(path.smoothedRtt)}, window ${describeSize(path.congestionWindow)}`])
  }
  for (const [name, value] of rows) process.stdout.write(`  ${name.padEnd(10)} ${value}\n`)
}

function counts({ packetsSent, packetsReceived }: Sent['session']): string {
  return `${packetsSent} sent and ${packetsReceived} received`
}

async function badMac(receiver: ReturnType<Children['start']>): Promise<number> {
  receiver.ask({ type: 'statistics' })
  return (await receiver.next('statistics')).badMac
}

async function createRandomFile(path: string, size: number): Promise<string> {
  const file = await open(path, 'wx', 0o600)
  try {
    const block = new Uint8Array(Math.min(size, 1024 * 1024))
    for (let written = 0; written < size; written += block.length) await file.write(randomFillSync(block))
  } finally {
    await file.close()
  }
  return path
}
