import type { LossRecoveryOptions } from '../src/index.ts'
import { createFlow } from './run-flow.ts'

/** A network of the grid: bits a second, milliseconds there and back, probability that a packet is lost. */
export interface Cell {
  readonly rate: number
  readonly rtt: number
  readonly loss: number
}

export interface CellResult extends Cell {
  /** Mean smoothed round trip, in milliseconds: `rtt`, a packet's time on the wire, and the queue that the flow makes. */
  readonly seenRtt: number
  /** Bytes a second: what was reached, and what the equations of RFC 9438 give at the round trip that was seen. */
  readonly reached: number
  readonly equation: number
  /** `reached` over the smaller of `equation` and the rate of the network. */
  readonly ratio: number
}

const SIZE = 1_200

/**
 * Runs a flow that always has more to send through a bottleneck with a queue of one bandwidth-delay product, and
 * measures the second half of the run.
 */
export function measureCell(cell: Cell, seed: number, recovery: Partial<LossRecoveryOptions> = {}): CellResult {
  const bytesPerSecond = cell.rate / 8
  const product = (bytesPerSecond * cell.rtt) / 1000
  const { flow, loop } = createFlow({
    seed,
    recovery,
    conditions: {
      rate: bytesPerSecond,
      delay: cell.rtt / 2,
      queue: Math.max(product, 25 * SIZE),
      loss: { rate: cell.loss, burst: 1 },
    },
  })
  const duration = runTime(cell, Math.min(equationRate(cell, cell.rtt), bytesPerSecond))
  flow.start()
  loop.runUntil(duration / 2)
  const before = flow.delivered
  let sum = 0
  for (let i = 1; i <= RTT_SAMPLES; i++) {
    loop.runUntil((duration / 2) * (1 + i / RTT_SAMPLES))
    sum += flow.recovery.rtt.smoothed
  }
  const seenRtt = sum / RTT_SAMPLES
  const reached = ((flow.delivered - before) * SIZE * 1000) / (duration / 2)
  const equation = equationRate(cell, seenRtt)
  return { ...cell, seenRtt, reached, equation, ratio: reached / Math.min(equation, bytesPerSecond) }
}

const RTT_SAMPLES = 1_000

/**
 * The larger of CUBIC's average rate (RFC 9438 §5.1) and that of Reno, which it must not fall below (§4.3), less what
 * is lost of it: the equations give what is sent.
 */
function equationRate({ loss }: Cell, rtt: number): number {
  const seconds = rtt / 1000
  const cubic = 1.054 * (seconds / loss) ** 0.75
  const reno = Math.sqrt(1.5 / loss)
  return ((1 - loss) * Math.max(cubic, reno) * SIZE) / seconds
}

/** Long enough for hundreds of losses or, without any, for the window to settle; short where there is much to carry. */
function runTime({ rtt, loss }: Cell, expected: number): number {
  const packetsPerSecond = expected / SIZE
  const wanted = loss > 0 ? 600 / loss : 200_000
  return Math.max(Math.min((wanted / packetsPerSecond) * 1000, 600_000), 200 * rtt, 10_000)
}
