import type { Duplex } from 'node:stream'
import { checkInteger, checkOptions } from '@stt/errors'
import type { StreamEngine } from '@stt/stream'
import type { Session } from '../session/session.ts'
import { StreamDuplex, type ToDuplexOptions } from './duplex.ts'
import { Stream, type StreamHandle } from './stream.ts'
import type { StreamOwner } from './stream-owner.ts'

/** A session whose streams have what only Node has. */
export type NodeSession = Session<NodeStream>

/** A stream with what only Node has. */
export class NodeStream extends Stream {
  #duplex: Duplex | undefined

  static override create(engine: StreamEngine, session: StreamOwner): StreamHandle<NodeStream> {
    return Stream.handleOf(new NodeStream(engine, session))
  }

  /**
   * The stream as a `Duplex` of `node:stream`, from what was read and written so far on; every call gives the same one.
   * It is a reader: there is no other beside it. The end of one half leaves the other open (`allowHalfOpen`); of a
   * one-way stream it has the one half.
   *
   * What goes wrong is an `error` event with the code that reading or writing would have failed with. `destroy()`
   * gives up what is not over, as `reset` and `stop` do: with code 1 for an error, otherwise with 0.
   *
   * @throws SttError `STT_INVALID_STATE` while something else reads, `STT_INVALID_ARGUMENT` for options that cannot be
   */
  toDuplex(options?: ToDuplexOptions): Duplex {
    checkOptions(options, 'toDuplex', ['highWaterMark'])
    if (options?.highWaterMark !== undefined)
      checkInteger(options.highWaterMark, 'highWaterMark', 0, Number.MAX_SAFE_INTEGER)
    return (this.#duplex ??= new StreamDuplex(this, Stream.halvesOf(this), options))
  }
}
