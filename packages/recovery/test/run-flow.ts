import { type Conditions, createRandom, type PathCounters, VirtualLoop, VirtualPath } from '@stt/testing'
import { createLossRecovery, type LossRecoveryOptions } from '../src/index.ts'
import { Flow, type FlowItem } from './flow.ts'

export interface FlowRun {
  readonly seed: number
  readonly conditions: Partial<Conditions>
  readonly back?: Partial<Conditions>
  readonly size?: number
  readonly packets?: number
  readonly production?: number
  readonly recovery?: Partial<LossRecoveryOptions>
}

export interface FlowInstance {
  readonly flow: Flow
  readonly loop: VirtualLoop
  /** Counts of the forward direction. */
  readonly counters: PathCounters
}

/** One flow over a network of its own. */
export function createFlow(run: FlowRun): FlowInstance {
  const [flow] = createFlows(run, 1)
  return flow!
}

/** Several flows that share one bottleneck in the forward direction. */
export function createFlows(
  { seed, conditions, back: backConditions, size = 1_200, packets, production, recovery }: FlowRun,
  count: number,
): FlowInstance[] {
  const loop = new VirtualLoop()
  const random = createRandom(seed)
  const flows: Flow[] = []
  const shared = new VirtualPath<{ of: number; item: FlowItem }>({
    loop,
    random: random.fork('forward'),
    conditions,
    deliver: ({ of, item }) => flows[of]!.atReceiver(item),
  })
  return Array.from({ length: count }, (_, of) => {
    const back = new VirtualPath<FlowItem>({
      loop,
      random: random.fork(`back ${of}`),
      conditions: { delay: conditions.delay ?? 1, ...backConditions },
      deliver: item => flow.atSender(item),
    })
    const flow = new Flow({
      loop,
      recovery: createLossRecovery({ maxDatagramSize: size, ...recovery }),
      size,
      forward: { send: (item, bytes) => shared.send({ of, item }, bytes) },
      back,
      ...(packets === undefined ? {} : { packets }),
      ...(production === undefined ? {} : { production }),
    })
    flows.push(flow)
    return { flow, loop, counters: shared.counters }
  })
}
