/** One stream at one moment. Sizes are in bytes. */
export interface StreamStatistics {
  /** Stream id. */
  readonly id: number
  /** 0 (sent last) to 7 (sent first). */
  readonly priority: number
  /** Accepted by `write`. */
  readonly bytesWritten: number
  /** Put into packets, including repeated bytes. */
  readonly bytesSent: number
  /** Part of `bytesSent` that was sent again after a loss. */
  readonly bytesResent: number
  /** Arrived in packets, including repeated bytes. */
  readonly bytesReceived: number
  /** Taken by the application, or dropped. */
  readonly bytesRead: number
  /** Messages that `writeMessage` accepted completely. */
  readonly messagesSent: number
  /** Messages that `readMessage` returned. */
  readonly messagesReceived: number
  /** Kept until the peer acknowledges them. */
  readonly sendBuffered: number
  /** Credit that the peer has used and not got back yet. */
  readonly receiveBuffered: number
  /** Memory held for reading, including a fixed charge for each block and gap. */
  readonly receiveMemory: number
  /** The receive window, to which it has grown by now. */
  readonly receiveWindow: number
  /** Gaps between the bytes that arrived. */
  readonly gaps: number
}

/** All streams of a session at one moment. Sizes are in bytes, totals since the session began. */
export interface StreamManagerStatistics {
  /** Streams that are open now. */
  readonly open: number
  /** Streams that this side has opened. */
  readonly openedLocally: number
  /** Streams that the peer has opened or passed over. */
  readonly openedByPeer: number
  /** Streams that are over. */
  readonly finished: number
  /** Put into packets, including repeated bytes. */
  readonly bytesSent: number
  /** Part of `bytesSent` that was sent again after a loss. */
  readonly bytesResent: number
  /** Arrived in packets, including repeated bytes. */
  readonly bytesReceived: number
  /** Messages that were accepted completely. */
  readonly messagesSent: number
  /** Messages that were read. */
  readonly messagesReceived: number
  /** Kept until the peer acknowledges them. */
  readonly sendBuffered: number
  /** Memory held for reading, including a fixed charge for each block and gap. */
  readonly receiveMemory: number
  /** Credit that the peer granted and this side has not used. */
  readonly sendCredit: number
  /** Credit that this side granted and the peer has not used. */
  readonly receiveCredit: number
  /** Credit that the peer has used and not got back yet. */
  readonly receiveBuffered: number
  /** The receive window of the session, to which it has grown by now. */
  readonly receiveWindow: number
}
