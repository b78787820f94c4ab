/** A relay's first message in tests of its clients: the relay is open to all and has not seen them before. */
export const relayGreeting: {
  readonly nonce: Uint8Array
  readonly unixSeconds: number
  readonly observed: undefined
  readonly udpPorts: readonly [number, number]
  readonly rate: number
  readonly burst: number
  readonly freeMebibytes: number
  readonly freeSeconds: number
  readonly needsAccess: boolean
} = {
  nonce: Uint8Array.from({ length: 16 }, (_, i) => 50 + i),
  // When virtual time begins.
  unixSeconds: 1_800_000_000,
  observed: undefined,
  udpPorts: [0, 0],
  rate: 1,
  burst: 1,
  freeMebibytes: 0,
  freeSeconds: 0,
  needsAccess: false,
}
