import type { DialOptions, Session, STTNode } from '@stt/node'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import type { PairingState } from '../home/pairing.ts'

/** Dials the other machine once, by whatever is known of it. */
export type Find = (node: STTNode, options: DialOptions) => Promise<Session>

/** What there is to find the other machine by. */
export interface Ways {
  /** That the command was given, in place of those that were kept. */
  readonly addresses: readonly string[]
  /** Those of the pairing, and those that the command was given. */
  readonly relays: readonly string[]
  /** Whether this machine looks around on the local network. */
  readonly hasLan: boolean
}

/**
 * How the other machine of a pairing is found. All that a command knows of finding is in here: its addresses, its id on the
 * local network and at the relays, and, before the two have met, the seed alone.
 *
 * @throws CliError where there is nothing to go by
 */
export function finderOf(state: PairingState, { addresses, relays, hasLan }: Ways): Find {
  const { name, peer } = state
  const known = addresses.length > 0 ? addresses : state.addresses
  const pinned = peer === undefined ? {} : { peer }
  const canBeFound = hasLan || relays.length > 0
  const dial: Find = (node, options) => node.connect(known, { ...options, ...pinned })
  // Not met yet: whoever holds the seed and says that it is there.
  const find: Find = (node, options) => node.connect({ ...options, ...pinned })
  if (known.length === 0 && canBeFound) return find
  if (known.length === 0) {
    throw new CliError(
      ExitCode.usage,
      `nothing says where the other machine of ${name} is: give --address URL, which stt receive prints there, or pair with --relay URL`,
    )
  }
  // With its id a dial looks around by itself. Without, what was kept and what is there are tried in turn.
  if (peer !== undefined || addresses.length > 0 || !canBeFound) return dial
  let turn = 0
  return (node, options) => (turn++ % 2 === 0 ? dial : find)(node, withTime(options))
}

/** The other of two ways has its turn, whatever this one waits for. */
function withTime(options: DialOptions): DialOptions {
  const turn = AbortSignal.timeout(LONGEST_TURN)
  return { ...options, signal: options.signal ? AbortSignal.any([options.signal, turn]) : turn }
}

/** Milliseconds. */
const LONGEST_TURN = 3_000
