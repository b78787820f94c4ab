import type { Link } from '@stt/frame'
import type { HelloLimit } from '@stt/handshake'
import type { HandshakeOrigin, HandshakeParty } from '../core/handshakes.ts'
import type { NodeContext } from '../core/node-context.ts'
import { LinkOrigin, type OriginFacts } from '../core/origin.ts'

/** A link that came: a listener accepted it, or a relay brought it. */
export interface IncomingLink extends Link {
  /** Tells the listener, which counts unproved links, that the other end has proved itself. */
  confirm?(): void
  /** Closes it and tells the other end why, where that can be told. */
  refuse?(code: 1008 | 1013, reason: string): void
}

/**
 * Looks after a link that came until a session has it: one that shakes hands over it, or one that moves there. A link on
 * which nothing proves itself is closed by its own deadline, one on which everything is of no use sooner.
 */
export function acceptLink(link: IncomingLink, context: NodeContext, facts: OriginFacts): void {
  const { clock, endpoint, guard, handshakes, limits } = context
  let hasWaited = false
  const party: HandshakeParty = {
    send(message) {
      // Only who holds the seed is answered: it has until the handshake's own deadline.
      link.confirm?.()
      link.send(message)
    },
    // spec: STT-WS-30 (the session takes what comes from here on)
    onSession: (result, run, packets) => context.announce(context.open(result, run, link, packets)),
    onFailed: () => link.close(),
    onWaiting(until) {
      link.confirm?.()
      // When its turn comes all of its own time is before it. Once: what waits again and again would hold a place for ever.
      if (hasWaited) return
      hasWaited = true
      clock.clearTimer(deadline)
      deadline = giveUpAfter(until - clock.now() + limits.handshakeTimeout)
    },
    onOverloaded: limit => refuse(link, 1013, OPTION_OF[limit]),
  }
  const origin = new LinkOrigin(link, party, facts)
  const giveUpAfter = (delay: number): unknown => clock.setTimer(() => link.close(), delay)
  let deadline = giveUpAfter(limits.handshakeTimeout)
  const end = (): void => {
    clock.clearTimer(deadline)
    origin.party = undefined
  }
  endpoint.arrived(link, () => {
    end()
    // A session may have come here that was made over another link: what was begun over this one is over.
    handshakes.linkClosed(origin, undefined)
    link.confirm?.()
    facts.onSettled?.()
  })
  const itself = (): HandshakeOrigin => origin
  const onReset = (): void => refuse(link, 1008, 'no session has this connection id')
  let isFirst = true
  let useless = 0
  link.onPacket = guard.wrap(
    (packet: Uint8Array) => {
      // spec: STT-PKT-39 (a peer that means another session asks for it first of all)
      const wasOfUse = endpoint.receive(packet, link, itself, isFirst ? onReset : undefined)
      isFirst = false
      // spec: STT-WS-29
      if (!wasOfUse && ++useless === MAX_USELESS) {
        refuse(link, 1008, 'too many messages that prove nothing')
      }
    },
    () => link.close(),
  )
  link.onClose = guard.wrap((cause?: Error) => {
    endpoint.settle(link)
    handshakes.linkClosed(origin, cause)
  })
}

function refuse(link: IncomingLink, code: 1008 | 1013, reason: string): void {
  if (link.refuse) link.refuse(code, reason)
  else link.close()
}

/** The option that raises each limit. */
const OPTION_OF: Record<HelloLimit, string> = { prefix: 'handshakesPerPrefix', pending: 'pendingHandshakes' }
const MAX_USELESS = 8
