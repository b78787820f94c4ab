/** Counters of a socket since it was opened, in datagrams and bytes. */
export interface UdpSocketStatistics {
  /** Datagrams handed to the system. */
  readonly packetsSent: number
  /** Bytes of those datagrams, without the headers of IP and UDP. */
  readonly bytesSent: number
  /** Datagrams received and handed on. */
  readonly packetsReceived: number
  /** Bytes of those datagrams. */
  readonly bytesReceived: number
  /** Datagrams that the system refused to send, by its error code (`ENOBUFS`, `ENETUNREACH`, `EMSGSIZE`, …); each is lost. */
  readonly sendErrors: Readonly<Record<string, number>>
  /** Datagrams dropped because the caller ignored backpressure. */
  readonly droppedOverflow: number
  /** Datagrams dropped because UDP carries none that large. */
  readonly droppedTooLarge: number
  /** Received datagrams dropped because they claim to come from port 0, which cannot be answered. */
  readonly droppedBadSource: number
  /** Datagrams received by a dialed link and dropped because they came from another address or port than its peer's. */
  readonly droppedForeign: number
  /** Datagrams that the system has not finished sending. */
  readonly outstanding: number
  /** Size of the kernel buffer for received datagrams. */
  readonly receiveBuffer: UdpBuffer
  /** Size of the kernel buffer for datagrams to send. */
  readonly sendBuffer: UdpBuffer
}

/** Size of a kernel buffer in bytes. */
export interface UdpBuffer {
  /** The size that was asked for. */
  readonly requested: number
  /** The size that the system reports: Linux reports twice what it grants; 0 if the system does not tell. */
  readonly granted: number
}
