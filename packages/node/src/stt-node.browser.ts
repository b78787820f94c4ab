import { randomBytes } from '@stt/crypto'
import { loadPart, SttError } from '@stt/errors'
import { openPolicy } from '@stt/handshake'
import { dialWebSocket } from '@stt/transport-ws'
import { badAddress } from './addresses/address.ts'
import type { AnyNode } from './api/node.ts'
import type { Environment } from './core/environment.ts'
import { NodeCore } from './core/node-core.ts'
import { type Page, watchPageNetwork, whenPageLeft } from './network/page-events.ts'
import { COMMON_OPTIONS, type CommonOptions, checkNodeOptions, listensAtRelays } from './options/options.ts'
import { StreamCore } from './stream/stream-core.ts'
import { systemClock } from './time/clock.ts'

/**
 * A page's place in STT: it dials, and holds the sessions with its peers. It has no address of its own: others dial it
 * through its relays.
 */
export type STTNode = AnyNode

export const STTNode = {
  /**
   * Makes a node, and listens at its relays unless `listen` is empty.
   *
   * Rejects with `STT_INVALID_ARGUMENT`, `STT_BAD_ADDRESS`, or, for any address in `listen`, `STT_UNSUPPORTED`.
   */
  async create(options: CommonOptions): Promise<STTNode> {
    checkNodeOptions(options, COMMON_OPTIONS)
    const { peers = 'any' } = options
    const rules =
      peers === 'any' ? undefined : loadPart('what tells peers apart', () => import('./peers/peer-rules.ts'))
    const listening = listensAtRelays(options)
      ? loadPart('what lets others dial this page', () => import('./listen/page-listening.ts'))
      : undefined
    const [ruled, { pageListening } = {}] = await Promise.all([rules, listening])
    return NodeCore.create(options, { ...browserEnvironment, ...ruled, ...pageListening })
  },
}

const browserEnvironment: Environment = {
  clock: systemClock,
  entropy: randomBytes,
  wallClock: () => Date.now(),
  policyOf: () => openPolicy,
  listener: undefined,
  async openAcceptor(text) {
    const message = `a page cannot listen at ${text}: leave listen out here, and let the other end listen, or name relays, where others can dial this page`
    throw new SttError('STT_UNSUPPORTED', message)
  },
  async openLink(text, { scheme }, signal) {
    if (scheme === 'udp') throw badAddress(text, 'a page has no UDP: dial the ws:// or wss:// address of the same node')
    return { link: await dialWebSocket(text, signal ? { signal } : {}) }
  },
  openRelay: (url, { subprotocol, remote, signal }) =>
    dialWebSocket(url, { subprotocol, remote, ...(signal && { signal }) }),
  watchNetwork: onChange => watchPageNetwork(globalThis as Page, onChange),
  whenLeft: leave => whenPageLeft(globalThis as Page, leave),
  createStream: StreamCore.create,
  warn: error => console.error(error),
}
