/** A port of a relay that says where datagrams come from. */
export interface UdpEndpoint {
  /** An IP address. */
  readonly address: string
  readonly port: number
}
