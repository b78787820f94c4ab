import type { DialOptions, Session, STTNode } from '@stt/node'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import type { PairingState } from '../home/pairing.ts'

/** Dials the other machine once, by all that is known of it. */
export type Find = (node: STTNode, options: DialOptions) => Promise<Session>

/** The means to find the other machine. */
export interface Ways {
  /** Addresses that the command was given, in place of the stored ones. */
  readonly addresses: readonly string[]
  /** Relays of the pairing, and those that the command was given. */
  readonly relays: readonly string[]
  /** Whether this machine searches the local network. */
  readonly hasLan: boolean
}

/**
 * Finds the other machine of a pairing. All means are here: its addresses, its id on the local network and at the relays, and the
 * seed alone before the two have met.
 *
 * @throws CliError if there are no means at all
 */
export function finderOf(state: PairingState, { addresses, relays, hasLan }: Ways): Find {
  const { name, peer } = state
  const known = addresses.length > 0 ? addresses : state.addresses
  const pinned = peer === undefined ? {} : { peer }
  const canBeFound = hasLan || relays.length > 0
  const dial: Find = (node, options) => node.connect(known, { ...options, ...pinned })
  // They have not met yet: connects to any machine with the seed.
  const find: Find = (node, options) => node.connect({ ...options, ...pinned })
  if (known.length === 0 && canBeFound) return find
  if (known.length === 0) {
    throw new CliError(
      ExitCode.usage,
      `there is no address of the other machine of ${name}: give --address URL, which stt receive prints there, or pair with --relay URL`,
    )
  }
  // With an id a dial also searches by itself. Without one, the stored addresses and the search take turns.
  if (peer !== undefined || addresses.length > 0 || !canBeFound) return dial
  let turn = 0
  return (node, options) => (turn++ % 2 === 0 ? dial : find)(node, withTime(options))
}

/** Limits one of two ways in time, so that the other one has its turn. */
function withTime(options: DialOptions): DialOptions {
  const turn = AbortSignal.timeout(LONGEST_TURN)
  return { ...options, signal: options.signal ? AbortSignal.any([options.signal, turn]) : turn }
}

/** Milliseconds. */
const LONGEST_TURN = 3_000
