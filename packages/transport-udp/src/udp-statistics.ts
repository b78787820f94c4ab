/** Counts since the socket or link began, in datagrams and bytes. */
export interface UdpTraffic {
  readonly packetsSent: number
  readonly bytesSent: number
  readonly packetsReceived: number
  readonly bytesReceived: number
}

export interface UdpSocketStatistics extends UdpTraffic {
  /** What the system refused, by its code (`ENOBUFS`, `ENETUNREACH`, `EMSGSIZE`, …): each one a lost datagram. */
  readonly sendErrors: Readonly<Record<string, number>>
  /** Datagrams dropped because the caller went on sending against backpressure. */
  readonly droppedOverflow: number
  /** Datagrams dropped because they were larger than any that UDP carries. */
  readonly droppedTooLarge: number
  /** Datagrams dropped on arrival because they claim to come from port 0, where no answer can go. */
  readonly droppedBadSource: number
  /** Datagrams dropped on arrival at a dialed link because they came from elsewhere than its peer's address and port. */
  readonly droppedForeign: number
  /** Datagrams that are with the system now. */
  readonly outstanding: number
  /** Kernel buffers in bytes: what was asked for and what the system gave (Linux reports twice what it grants; 0: it does not say). */
  readonly receiveBuffer: UdpBuffer
  readonly sendBuffer: UdpBuffer
}

export interface UdpBuffer {
  readonly requested: number
  readonly granted: number
}
