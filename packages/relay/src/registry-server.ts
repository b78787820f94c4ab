import { performance } from 'node:perf_hooks'
import { RegistryEngine, type RegistryStatistics, type RelayEngineOptions } from '@stt/rendezvous'
import type { WebSocketLink, WebSocketOrigin } from '@stt/transport-ws'
import { legOriginOf } from './leg-origin.ts'
import { Wakeup } from './wakeup.ts'

/** Gives a relay's registry its connections and the time, and does what it says. */
export class RegistryServer {
  readonly #engine: RegistryEngine<WebSocketLink>
  readonly #wakeup: Wakeup

  /** @param guard what throws in a timer or a socket's callback ends that call, and never the process */
  constructor(options: RelayEngineOptions, guard: (call: () => void) => void) {
    this.#engine = new RegistryEngine(options)
    this.#wakeup = new Wakeup(() => guard(() => this.#drain()))
  }

  getStatistics(): RegistryStatistics {
    return this.#engine.getStatistics()
  }

  /** A connection that was upgraded. */
  take(link: WebSocketLink, origin: WebSocketOrigin): void {
    link.onPacket = message => {
      this.#engine.receive(link, message, performance.now())
      this.#drain()
    }
    // Who does not read what it asked for is not heard until it does.
    link.onDrain = () => link.resume()
    link.onClose = () => {
      this.#engine.closed(link, performance.now())
      this.#drain()
    }
    this.#engine.opened(link, legOriginOf(origin), performance.now(), Math.floor(Date.now() / 1_000))
    this.#drain()
  }

  stop(): void {
    this.#wakeup.cancel()
  }

  /** Does what follows until there is nothing to do before a certain time. */
  #drain(): void {
    for (;;) {
      const now = performance.now()
      const output = this.#engine.poll(now)
      if (output.type === 'timeout') return this.#wakeup.at(output.at, now)
      if (output.type === 'transmit') {
        // spec: STT-REG-10
        if (!output.to.send(output.packet)) output.to.pause()
      } else if (output.event.type === 'proved') output.event.link.confirm()
      else if (output.event.code === 1000) output.event.link.close()
      else output.event.link.refuse(output.event.code, output.event.reason)
    }
  }
}
