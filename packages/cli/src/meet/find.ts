import type { DialOptions, Session, STTNode } from '@stt/node'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import type { PairingState } from '../home/pairing.ts'

/** Dials the other machine once, by whatever is known of it. */
export type Find = (node: STTNode, options: DialOptions) => Promise<Session>

/**
 * How the other machine of a pairing is found. All that a command knows of finding is in here: its addresses, its id at the
 * relays, and, before the two have met, the seed alone.
 *
 * @param addresses that this command was given, in place of those that were kept
 * @throws CliError where there is nothing to go by
 */
export function finderOf(state: PairingState, addresses: readonly string[]): Find {
  const { name, peer, relays } = state
  const known = addresses.length > 0 ? addresses : state.addresses
  const pinned = peer === undefined ? {} : { peer }
  if (known.length > 0) return (node, options) => node.connect(known, { ...options, ...pinned })
  if (peer !== undefined && relays.length > 0) return (node, options) => node.connect({ ...options, peer })
  // Not met yet: whoever holds the seed and says at a relay that it is there.
  if (relays.length > 0) return (node, options) => node.connect(options)
  throw new CliError(
    ExitCode.usage,
    `nothing says where the other machine of ${name} is: give --address URL, which stt receive prints there, or pair with --relay URL`,
  )
}
