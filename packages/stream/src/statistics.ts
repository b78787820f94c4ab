/** One stream at one moment. Sizes in bytes. */
export interface StreamStatistics {
  readonly id: number
  readonly priority: number
  /** Accepted by `write`. */
  readonly bytesWritten: number
  /** Stream data put into packets, repetitions included. */
  readonly bytesSent: number
  /** Of these, sent again after a loss. */
  readonly bytesResent: number
  /** Stream data that packets brought, repetitions included. */
  readonly bytesReceived: number
  /** Taken by the application, or dropped. */
  readonly bytesRead: number
  /** Messages that `writeMessage` took whole, and that `readMessage` gave. */
  readonly messagesSent: number
  readonly messagesReceived: number
  /** Kept until the peer acknowledges them. */
  readonly sendBuffered: number
  /** Credit that the peer used and that was not given back. */
  readonly receiveBuffered: number
  /** Memory for what waits to be read, a fixed charge for each block and gap included. */
  readonly receiveMemory: number
  /** The receive window as it has grown. */
  readonly receiveWindow: number
  readonly gaps: number
}

/** All streams of a session at one moment. Sizes in bytes, totals since the session began. */
export interface StreamManagerStatistics {
  /** Streams that are open now. */
  readonly open: number
  readonly openedLocally: number
  readonly openedByPeer: number
  readonly finished: number
  readonly bytesSent: number
  readonly bytesResent: number
  readonly bytesReceived: number
  readonly messagesSent: number
  readonly messagesReceived: number
  /** Kept until the peer acknowledges them. */
  readonly sendBuffered: number
  /** Memory for what waits to be read, a fixed charge for each block and gap included. */
  readonly receiveMemory: number
  /** Credit that the peer granted and that nothing was written against. */
  readonly sendCredit: number
  /** Credit that we granted and that the peer has not used. */
  readonly receiveCredit: number
  /** Credit that the peer used and that was not given back. */
  readonly receiveBuffered: number
  /** The session's receive window as it has grown. */
  readonly receiveWindow: number
}
