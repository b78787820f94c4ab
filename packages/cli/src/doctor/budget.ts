/** Milliseconds that each part of `stt doctor` may take. Their sum is less than its help page promises. */
export const BUDGET = {
  /** First: all relays, beside each other. */
  relays: 3_500,
  /** Then each address family, beside each other and the other machine. UDP counts as blocked after three seconds. */
  udp: 3_050,
  /** After the first answer: UDP is not blocked then, and this and the next take the rest of that time. */
  otherUdpAnswers: 1_200,
  sizes: 1_500,
  /** Beside the relays: a question, and another one a second later. */
  localNetwork: 2_200,
  /**
   * The other machine: to reach it, to get a better path than that by a relay, to measure it, to say goodbye. A round of hole
   * punching takes 2.6 s, and begins 2 s later where the session went from one relay to another.
   */
  peer: 3_500,
  betterPath: 6_000,
  pong: 1_000,
  goodbye: 250,
} as const

/** The limit that `stt help doctor` names, in milliseconds. */
export const PROMISED = 15_000
