import { type Channel, channel } from 'node:diagnostics_channel'
import { debuglog } from 'node:util'
import { toHex } from '@stt/crypto'
import { isSttError, printable } from '@stt/errors'
import type { NodeWatcher, ObservedSession, SessionWatcher } from './observer.ts'
import type { QlogWriter } from './qlog.ts'

/** The fields of each kind of fact. All have `node`, the id of the node in hex; those of a session have `session`, its id in hex. */
const FACTS = [
  'listening',
  'handshake-dropped',
  'handshake-refused',
  'dial-failed',
  'stray-packet',
  'session-opened',
  'session-ended',
  'link-ended',
  'path-changed',
  'punched',
  'keys-rotated',
  'packet-dropped',
] as const

type FactName = (typeof FACTS)[number]
type Fact = Readonly<Record<string, string | number | boolean | undefined>>

const channels = Object.fromEntries(FACTS.map(name => [name, channel(`stt:${name}`)])) as Record<FactName, Channel>
const log = debuglog('stt')

/**
 * Tells what happens in a node to `NODE_DEBUG=stt` and to the subscribers of the channels `stt:…`, and opens a qlog for
 * each session where the program wants one. A fact without a listener costs nothing.
 */
export function watchNode(
  id: Uint8Array,
  openQlog: ((session: ObservedSession, now: number) => QlogWriter | undefined) | undefined,
): NodeWatcher {
  const node = toHex(id)
  return {
    onListening(address) {
      if (hears('listening')) tell('listening', { node, address })
    },
    onHandshakeDropped(address, reason, size) {
      if (hears('handshake-dropped')) tell('handshake-dropped', { node, address, reason, size })
    },
    onHandshakeRefused(address, peerId, verdict) {
      if (hears('handshake-refused')) tell('handshake-refused', { node, address, peer: toHex(peerId), verdict })
    },
    onDialFailed(address, error) {
      if (hears('dial-failed')) tell('dial-failed', { node, address, ...factsOf(error) })
    },
    onStrayPacket(address, size, answered) {
      if (hears('stray-packet')) tell('stray-packet', { node, address, size, answered })
    },
    onSession(observed, now) {
      const { peerId, role, address } = observed
      const session = toHex(observed.id)
      if (hears('session-opened')) {
        tell('session-opened', { node, session, peer: toHex(peerId), role, address })
      }
      return watchSession({ node, session }, openQlog?.(observed, now))
    },
  }
}

function watchSession(
  ids: { readonly node: string; readonly session: string },
  qlog: QlogWriter | undefined,
): SessionWatcher {
  return {
    ...qlog?.packets,
    onPacketDropped(reason, size, now) {
      if (hears('packet-dropped')) tell('packet-dropped', { ...ids, reason, size })
      qlog?.onPacketDropped(reason, size, now)
    },
    onEpoch(epoch, now) {
      if (hears('keys-rotated')) tell('keys-rotated', { ...ids, epoch })
      qlog?.onEpoch(epoch, now)
    },
    onPath(from, to, now) {
      if (hears('path-changed')) tell('path-changed', { ...ids, from, to })
      qlog?.onPath(from, to, now)
    },
    onPunched(round) {
      if (hears('punched')) tell('punched', { ...ids, ...round })
    },
    onLinkEnded(address, cause) {
      if (hears('link-ended')) tell('link-ended', { ...ids, address, ...(cause && factsOf(cause)) })
    },
    onEnded(reason, now) {
      const { by, app, code, error } = reason
      if (hears('session-ended'))
        tell('session-ended', { ...ids, by, app, code, reason: reason.reason, error: error.code })
      qlog?.onEnded(reason, now)
    },
  }
}

const hears = (name: FactName): boolean => log.enabled || channels[name].hasSubscribers

function tell(name: FactName, fact: Fact): void {
  if (channels[name].hasSubscribers) channels[name].publish(Object.freeze(fact))
  if (log.enabled) log('%s', lineOf(name, fact))
}

/** `session-ended node=0123456789abcdef session=… by=peer`: ids as far as people need them, texts safe for terminals. */
export function lineOf(name: FactName, fact: Fact): string {
  const shown = Object.entries(fact).filter(([, value]) => value !== undefined && value !== '')
  return [name, ...shown.map(([key, value]) => `${key}=${shownValue(key, value)}`)].join(' ')
}

function shownValue(key: string, value: Fact[string]): string {
  if (IDS.has(key)) return String(value).slice(0, 16)
  const text = printable(String(value), LONGEST)
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text
}

const factsOf = (error: unknown): Fact =>
  isSttError(error) ? { code: error.code, message: error.message } : { message: String(error) }

const IDS: ReadonlySet<string> = new Set(['node', 'session', 'peer'])
const LONGEST = 500
