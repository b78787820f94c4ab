import type { Conditions } from './conditions.ts'

/** A network by the name that the QUIC interop runner gave it, as parameters for `linkPair`. */
export interface Scenario {
  readonly description: string
  readonly toServer: Partial<Conditions>
  readonly toClient: Partial<Conditions>
  /** Virtual milliseconds within which a handshake and a transfer of 1 MiB must end. */
  readonly deadline: number
  /** The client's address changes this often (milliseconds). */
  readonly rebindEvery?: number
}

const tenMegabit = { delay: 15, rate: 1_250_000, queue: 25 * 1500 } as const

const both = (description: string, deadline: number, conditions: Partial<Conditions>): Scenario => ({
  description,
  toServer: conditions,
  toClient: conditions,
  deadline,
})

export type ScenarioName =
  | 'quiet'
  | 'goodput'
  | 'longrtt'
  | 'transferloss'
  | 'handshakeloss'
  | 'corruption'
  | 'chaos'
  | 'blackhole'
  | 'amplificationlimit'
  | 'rebinding'

export const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  quiet: both('a millisecond each way and nothing bad', 10_000, {}),
  goodput: both('10 Mbit/s, 30 ms', 20_000, tenMegabit),
  longrtt: both('750 ms each way', 60_000, { ...tenMegabit, delay: 750 }),
  transferloss: both('2 % lost', 60_000, { ...tenMegabit, loss: { rate: 0.02, burst: 1 } }),
  handshakeloss: both('30 % lost in bursts of up to five', 120_000, {
    ...tenMegabit,
    loss: { rate: 0.3, burst: 3, longest: 5 },
  }),
  corruption: both('2 % damaged', 60_000, { ...tenMegabit, corrupt: 0.02 }),
  chaos: both('5 % each lost, reordered, duplicated', 60_000, {
    ...tenMegabit,
    jitter: 5,
    loss: { rate: 0.05, burst: 1 },
    reorder: 0.05,
    duplicate: 0.05,
  }),
  blackhole: both('nothing passes for two seconds, one second into the transfer', 60_000, {
    ...tenMegabit,
    rate: 500_000,
    blackholes: [[1_000, 3_000]],
  }),
  amplificationlimit: {
    description: "the client's second to seventh datagrams are lost",
    toServer: { ...tenMegabit, drop: [2, 3, 4, 5, 6, 7] },
    toClient: tenMegabit,
    deadline: 60_000,
  },
  rebinding: {
    ...both("the client's address changes each second", 60_000, { ...tenMegabit, rate: 250_000 }),
    rebindEvery: 1_000,
  },
}
