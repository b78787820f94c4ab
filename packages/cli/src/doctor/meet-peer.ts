import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { isSttError, type Session } from '@stt/node'
import { CliError, describeError, exitCodeOf } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import type { PairingKeys } from '../home/key-file.ts'
import { Meeting } from '../meet/meeting.ts'
import { describeKind, pathKind } from '../meet/path-kind.ts'
import type { UdpAnswer } from './ask-udp.ts'
import { BUDGET } from './budget.ts'
import { type Finding, findingsAbout, NOTHING_TO_DO } from './finding.ts'

export interface MeetPeerOptions {
  readonly addresses: readonly string[]
  readonly relays: readonly string[]
  readonly keys: PairingKeys
  /** The findings about UDP, which come meanwhile. */
  readonly udp: Promise<readonly UdpAnswer[]>
}

/** The findings about the way to the other machine. */
export interface MetPeer {
  readonly findings: readonly Finding[]
  /** The error with which the command ends if it did not reach the machine. */
  readonly exitCode?: number
}

/** The outcome of a round of hole punching, as the node publishes it to `diagnostics_channel`. */
export interface PunchRound {
  readonly answered: number
  readonly takesNewPorts: boolean
  readonly peerTakesNewPorts: boolean
}

/** Opens a session with the other machine as `stt ping` does, and gives it time to find its best path. */
export async function meetPeer(name: string, options: MeetPeerOptions, context: Context): Promise<MetPeer> {
  const { addresses, relays, keys } = options
  const rounds: PunchRound[] = []
  const wake = new Set<() => void>()
  const onRound = (message: unknown): void => {
    rounds.push(message as PunchRound)
    for (const look of wake) look()
  }
  const meeting = await Meeting.open(name, 'ping', { relays, keys }, context)
  subscribe(PUNCHED, onRound)
  try {
    const session = await meeting.dial({
      addresses,
      patience: BUDGET.peer,
      counterpart: `stt receive ${meeting.nameThere}`,
    })
    const over = new AbortController()
    const udp = options.udp.then(answers => {
      // Without UDP the session does not get a better path.
      if (isBlocked(answers)) over.abort()
      return answers
    })
    await settled(session, rounds, wake, AbortSignal.any([context.signal, over.signal]))
    const rtt = await session.ping({ signal: AbortSignal.any([context.signal, AbortSignal.timeout(BUDGET.pong)]) })
    const findings = sessionFindings(name, session, rtt, whyRelayed(name, await udp, rounds))
    await session.close({ deadline: BUDGET.goodbye })
    return { findings }
  } catch (error) {
    context.signal.throwIfAborted()
    if (!(error instanceof CliError || isSttError(error))) throw error
    const isRefused = exitCodeOf(error) === ExitCode.refused
    const code = isRefused ? 'peer-refused' : 'peer-unreached'
    const finding = findingsAbout('peer')('broken', code, describeError(error), { subject: name })
    return { findings: [finding], exitCode: isRefused ? ExitCode.refused : ExitCode.unreachable }
  } finally {
    unsubscribe(PUNCHED, onRound)
    await meeting.close()
  }
}

/** Resolves when the session has a direct path, when it is known that it will not get one, or when its time is over. */
function settled(
  session: Session,
  rounds: readonly PunchRound[],
  wake: Set<() => void>,
  signal: AbortSignal,
): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      wake.delete(look)
      resolve()
    }
    const look = (): void => {
      const failed = rounds.filter(({ answered }) => answered === 0)
      const isHopeless = failed.some(({ takesNewPorts, peerTakesNewPorts }) => takesNewPorts && peerTakesNewPorts)
      // The second round uses other ports. After it a session waits for a long time.
      if (!session.path?.relayed || isHopeless || failed.length >= 2) end()
    }
    const timer = setTimeout(end, BUDGET.betterPath)
    signal.addEventListener('abort', end, { once: true })
    wake.add(look)
    session.onPath(look)
    look()
  })
}

function sessionFindings(name: string, session: Session, rtt: number, why: Why): readonly Finding[] {
  const [active, ...others] = session.paths
  if (!active) return []
  const kind = pathKind(active)
  const facts = { subject: name, rtt, kind, address: active.remote }
  const reached = `${name} answers in ${rtt.toFixed(1)} ms, ${describeKind(kind)}, ${active.remote}`
  const peer = active.relayed
    ? findingsAbout('peer')('limited', why.code, `${reached}, because ${why.because}: ${why.todo}`, facts)
    : findingsAbout('peer')('fine', `peer-${kind}`, `${reached}: ${NOTHING_TO_DO}`, facts)
  const paths = others.map(path => {
    const shown = `another way to ${name} is kept ready, ${describeKind(pathKind(path))}, ${path.remote}: ${NOTHING_TO_DO}`
    return findingsAbout('path')('fine', 'path-ready', shown, {
      subject: name,
      kind: pathKind(path),
      address: path.remote,
    })
  })
  return [peer, ...paths]
}

interface Why {
  readonly code: string
  readonly because: string
  readonly todo: string
}

/** Why a session stays at its relay, as far as this side can tell. */
export function whyRelayed(name: string, udp: readonly UdpAnswer[], rounds: readonly PunchRound[]): Why {
  if (isBlocked(udp)) {
    return { code: 'relayed-udp-blocked', because: 'UDP is blocked here', todo: 'let UDP out of this network' }
  }
  const [last] = rounds.slice(-1)
  const isSymmetricHere =
    rounds.some(({ takesNewPorts }) => takesNewPorts) || udp.some(({ mapping }) => mapping === 'edm')
  const isSymmetricThere = rounds.some(({ peerTakesNewPorts }) => peerTakesNewPorts)
  const forward =
    'forward a UDP port of a router to its machine and name it there with --listen udp://0.0.0.0:PORT, or use another network on one side'
  if (isSymmetricHere && isSymmetricThere) {
    return {
      code: 'relayed-symmetric-both',
      because: 'the NATs of both sides take another port for each destination',
      todo: forward,
    }
  }
  if (last && isSymmetricHere) {
    return { code: 'relayed-symmetric-here', because: `the NAT here takes another port for each destination, and that of ${name} lets in only whom it knows`, todo: forward } // biome-ignore format: one line
  }
  if (last && isSymmetricThere) {
    return { code: 'relayed-symmetric-there', because: `the NAT of ${name} takes another port for each destination, and that here lets in only whom it knows`, todo: forward } // biome-ignore format: one line
  }
  if (last) {
    return {
      code: 'relayed-firewall',
      because: 'both sides sent to each other over UDP and nothing came through',
      todo: `see that no firewall on either side keeps UDP back, and run stt doctor there`,
    }
  }
  return {
    code: 'relayed-no-address',
    because: `${name} has told no address at which UDP may reach it`,
    todo: `run stt doctor there, which says whether UDP is blocked`,
  }
}

const isBlocked = (udp: readonly UdpAnswer[]): boolean => udp.length > 0 && udp.every(({ seen }) => !seen)

const PUNCHED = 'stt:punched'
