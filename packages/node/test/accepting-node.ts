import { Seed } from '@stt/crypto'
import { createRandom, type LinkPair, linkPair, type Random } from '@stt/testing'
import type { Environment } from '../src/core/environment.ts'
import type { NodeContext } from '../src/core/node-context.ts'
import { NodeCore } from '../src/core/node-core.ts'
import type { OriginFacts } from '../src/core/origin.ts'
import type { NodeOptions } from '../src/index.ts'
import { acceptLink, type IncomingLink } from '../src/listen/accept-link.ts'
import { listenerPlugin } from '../src/listen/listener-plugin.ts'
import { policyOf } from '../src/peers/peer-rules.ts'
import { NodeStreamCore } from '../src/stream/node-stream-core.ts'
import { virtualClock } from './virtual-clock.ts'

/** The environment of a node in virtual time that listens and does not dial; each warning fails the test. */
export const listenerEnvironment = (
  { loop }: LinkPair,
  random: Random,
  openAcceptor: Environment<NodeStreamCore>['openAcceptor'],
): Environment<NodeStreamCore> => ({
  clock: virtualClock(loop),
  wallClock: () => 0,
  entropy: length => random.bytes(length),
  listener: listenerPlugin,
  policyOf,
  createStream: NodeStreamCore.create,
  openAcceptor,
  openLink: () => {
    throw new Error('this node does not dial')
  },
  warn: error => {
    throw error
  },
})

export interface AcceptingNode {
  readonly node: NodeCore<NodeStreamCore>
  /** Makes links to the node, and has the time. */
  readonly pair: LinkPair
  readonly random: Random
  /** Gives the node a link that came. */
  accept(link: IncomingLink, facts?: OriginFacts): void
}

/** A listener in virtual time that takes message links from the test. */
export async function acceptingNode(options: Partial<NodeOptions> = {}): Promise<AcceptingNode> {
  const pair = linkPair({ seed: 1, kind: 'message' })
  const random = createRandom(1)
  let context: NodeContext | undefined
  const node = await NodeCore.create(
    { seed: Seed.fromBytes(random.bytes(32)), listen: ['ws://10.0.0.1:4433'], ...options },
    listenerEnvironment(pair, random, async (address, _parsed, its) => {
      context = its
      return { address, close: async () => {} }
    }),
  )
  return { node, pair, random, accept: (link, facts = {}) => acceptLink(link, context!, facts) }
}
