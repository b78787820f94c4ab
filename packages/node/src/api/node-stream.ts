import type { Duplex } from 'node:stream'
import type { Session } from './session.ts'
import type { Stream } from './stream.ts'

/** Options of `toDuplex`. */
export interface ToDuplexOptions {
  /** Bytes that may wait in each direction before the `Duplex` asks for a pause. Node's own default unless given. */
  readonly highWaterMark?: number
}

/** A stream with what only Node has. */
export interface NodeStream extends Stream {
  /**
   * The stream as a `Duplex` of `node:stream`, from where reading and writing have got to. Every call returns the same one.
   * It counts as the one reader. The end of one half leaves the other open (`allowHalfOpen`); for a one-way stream
   * the `Duplex` has the one half.
   *
   * A failure is an `error` event with the code that reading or writing would have failed with. `destroy()` gives up
   * what is left, as `reset` and `stop` do: with code 1 when it is given an error, otherwise with 0.
   *
   * @throws SttError `STT_INVALID_STATE` while something else reads, `STT_INVALID_ARGUMENT` for invalid options
   */
  toDuplex(options?: ToDuplexOptions): Duplex
}

/** A session whose streams have what only Node has. */
export type NodeSession = Session<NodeStream>
