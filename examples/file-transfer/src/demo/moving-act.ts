import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { describeSize, describeTime } from '../format.ts'
import type { PathReport } from '../reports.ts'
import { LIMITS } from '../transports.ts'
import type { Child, Children } from './children.ts'
import { judge } from './judge.ts'
import { UdpForwarder } from './udp-forwarder.ts'

export interface MovingAct {
  readonly children: Children
  readonly seedFile: string
  readonly file: string
  /** Where the received file goes. */
  readonly out: string
}

/** Sends a file over UDP, cuts that way in the middle of the file, and lets it pass again: the session finds its way. */
export async function playMovingAct({ children, seedFile, file, out }: MovingAct): Promise<void> {
  process.stdout.write('\nUDP, cut in the middle\n')
  const listen = ['--listen', 'udp://127.0.0.1:0', '--listen', 'ws://127.0.0.1:0']
  const receiver = children.start('../receive', ['--seed-file', seedFile, ...listen, '--out', out, '--stay'])
  const udp = await receiver.next('listening')
  const webSocket = await receiver.next('listening')
  const forwarder = await UdpForwarder.to(udp.address)
  try {
    const to = ['--to', forwarder.address, '--to', webSocket.address]
    const sender = children.start('../send', ['--seed-file', seedFile, ...to, '--staged', file])
    const moves = await cutAndMend(sender, forwarder)
    sender.ask({ type: 'hurry' })
    const sent = await sender.next('sent')
    const received = await receiver.next('received')
    const transferred = (await sender.exited) === 0
    receiver.ask({ type: 'statistics' })
    const { sessionsOpened } = await receiver.next('statistics')
    receiver.ask({ type: 'close' })
    const closed = (await receiver.exited) === 0

    const stall = describeTime(received.longestSilenceMs)
    process.stdout.write(`  ${describeSize(sent.size)} arrived; the longest time without a byte was ${stall}\n`)
    judge([
      ['the file read back from disk has the hash of the original', transferred && sent.hash === received.hash],
      [
        `the session went ${moves.map(({ from, to }) => `from ${from} to ${to}`).join(', then ')}`,
        moves.length === 2 && moves[0]!.to === 'websocket' && moves[1]!.to === 'udp',
      ],
      [`the file stood still for ${stall}, less than ends a session`, received.longestSilenceMs < LIMITS.idleTimeout!],
      [`it was one session all the time: the listener counts ${sessionsOpened}`, sessionsOpened === 1],
      ['the receiver closed cleanly', closed],
    ])
  } finally {
    forwarder.close()
  }
}

/** @returns where the session went meanwhile */
async function cutAndMend(sender: Child, forwarder: UdpForwarder): Promise<readonly PathReport[]> {
  const { sent, size } = await sender.next('slowed')
  const started = performance.now()
  const say = (what: string): void => {
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    process.stdout.write(`  ${seconds.padStart(4)} s  ${what}\n`)
  }
  forwarder.cut()
  say(`${describeSize(sent)} of ${describeSize(size)} are sent: UDP is cut, no datagram passes from now on`)
  const away = await sender.next('path')
  say(inWords(away))
  await delay(MENDED_AFTER)
  forwarder.mend()
  say('UDP passes again; a way that failed is not trusted before ten seconds are over')
  const back = await sender.next('path')
  say(inWords(back))
  return [away, back]
}

const NAMES = { udp: 'UDP', websocket: 'WebSocket' } as const

/** A change of path as one would say it. */
function inWords({ from, to, reason }: PathReport): string {
  const left = from ? NAMES[from] : 'the way before'
  switch (reason) {
    case 'silent':
      return `nothing came back over ${left} any more: the session goes on over ${NAMES[to]}`
    case 'better':
      return `${NAMES[to]} works, and is the better way: the session is back on it`
    case 'closed':
      return `${left} was closed: the session goes on over ${NAMES[to]}`
    default:
      return `the session goes on over ${NAMES[to]}`
  }
}

/** Milliseconds that UDP stays cut after the session has left it. */
const MENDED_AFTER = 1_000
