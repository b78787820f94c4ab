import type { Duplex } from 'node:stream'
import { checkInteger, checkOptions } from '@stt/errors'
import type { StreamEngine } from '@stt/stream'
import type { NodeStream, ToDuplexOptions } from '../api/node-stream.ts'
import { StreamDuplex } from './duplex.ts'
import { StreamCore, type StreamHandle } from './stream-core.ts'
import type { StreamOwner } from './stream-owner.ts'

/** A stream with what only Node has, as its session has it. */
export class NodeStreamCore extends StreamCore implements NodeStream {
  #duplex: Duplex | undefined

  static override create(engine: StreamEngine, session: StreamOwner): StreamHandle<NodeStreamCore> {
    return StreamCore.handleOf(new NodeStreamCore(engine, session))
  }

  toDuplex(options?: ToDuplexOptions): Duplex {
    checkOptions(options, 'toDuplex', ['highWaterMark'])
    if (options?.highWaterMark !== undefined)
      checkInteger(options.highWaterMark, 'highWaterMark', 0, Number.MAX_SAFE_INTEGER)
    return (this.#duplex ??= new StreamDuplex(this, StreamCore.halvesOf(this), options))
  }
}
