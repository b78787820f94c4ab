import type { Context } from '../context.ts'
import { type PairOptions, pair } from './pair.ts'

/** Removes a pairing. With `roll` it makes a new one with the same relays, for the other machine to join. */
export async function forget(name: string, { roll }: { readonly roll?: boolean }, context: Context): Promise<void> {
  const { home, output } = context
  // A pairing to roll has to be intact; a damaged one can be forgotten.
  if (roll) await home.state(name)
  const state = await home.forget(name)
  output.line({ type: 'forgotten', name })
  if (!roll || !state) {
    output.result(`${name} is forgotten here. Run on the other machine too: stt forget ${state?.there ?? name}`)
    return
  }
  const options: PairOptions = { relay: state.relays, address: [], passphrase: state.passphrase }
  await pair(name, options, context)
}
