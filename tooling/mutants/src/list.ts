import { args } from './arguments.ts'
import { chamber } from './chamber.ts'
import { cli } from './cli.ts'
import { crypto } from './crypto.ts'
import { drop } from './drop.ts'
import { engines } from './handshake-engines.ts'
import { manager } from './handshake-manager.ts'
import { messages } from './handshake-messages.ts'
import { instances } from './instances.ts'
import { lan } from './lan.ts'
import type { Mutant } from './mutant.ts'
import { node } from './node.ts'
import { nodeDuplex } from './node-duplex.ts'
import { nodeNetwork } from './node-network.ts'
import { nodeObserving } from './node-observing.ts'
import { nodeStreams } from './node-streams.ts'
import { registry } from './registry.ts'
import { relay } from './relay.ts'
import { session } from './session.ts'
import { sessionBudgets } from './session-budgets.ts'
import { sessionPaths } from './session-paths.ts'
import { streams } from './streams.ts'
import { transports } from './transports.ts'
import { websocket } from './websocket.ts'

/** Every mutant, by layer. */
export const mutants: readonly Mutant[] = [
  ...args,
  ...crypto,
  ...messages,
  ...engines,
  ...manager,
  ...session,
  ...sessionBudgets,
  ...sessionPaths,
  ...streams,
  ...websocket,
  ...node,
  ...nodeStreams,
  ...nodeDuplex,
  ...nodeNetwork,
  ...nodeObserving,
  ...chamber,
  ...cli,
  ...transports,
  ...relay,
  ...registry,
  ...lan,
  ...instances,
  ...drop,
]
