/** The progress of a frame that must reach the peer once: FIN, RESET, STOP. */
export const Step = { NotWanted: 0, Waiting: 1, Sent: 2, Acknowledged: 3 } as const

export type Step = (typeof Step)[keyof typeof Step]
