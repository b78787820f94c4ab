import fc from 'fast-check'
import type { Flow } from './flow.ts'
import type { Side, World } from './world.ts'

/** The world is its own model: its flows know what was asked of them. */
type Command = fc.AsyncCommand<object, World>

/** Something an application or a network may do, followed by the check of all that has to hold. */
function command(name: string, act: (world: World) => void | Promise<void>): Command {
  return {
    check: () => true,
    async run(_model, world) {
      await act(world)
      // Of what was asked for the first packets leave now.
      await world.pass(0)
      world.check()
    },
    toString: () => name,
  }
}

const side = fc.constantFrom<Side>('initiator', 'responder')
const which = fc.nat(15)

/** A command on one of a side's flows, if it has any. */
function onFlow(
  name: string,
  flowsOf: (world: World, side: Side) => Flow[],
  act: (world: World, flow: Flow, amount: number) => void,
  amount: fc.Arbitrary<number> = fc.nat(255),
): fc.Arbitrary<Command> {
  return fc.tuple(side, which, amount).map(([by, index, value]) =>
    command(`${name}(${by}, ${index}, ${value})`, world => {
      const flows = flowsOf(world, by)
      if (flows.length > 0) act(world, flows[index % flows.length]!, value)
    }),
  )
}

const writable = (world: World, by: Side): Flow[] => world.writable(by)
const readable = (world: World, by: Side): Flow[] => world.readable(by)

const onSide = (name: string, act: (world: World, by: Side, amount: number) => void, amount: fc.Arbitrary<number>) =>
  fc.tuple(side, amount).map(([by, value]) => command(`${name}(${by}, ${value})`, world => act(world, by, value)))

const percent = (most: number): fc.Arbitrary<number> => fc.nat(most).map(number => number / 100)

const change = fc
  .record({
    delay: fc.nat(200),
    jitter: fc.nat(20),
    loss: fc.record({ rate: percent(30), burst: fc.integer({ min: 1, max: 3 }) }),
    reorder: percent(20),
    duplicate: percent(20),
    corrupt: percent(10),
    rate: fc.constantFrom(20_000, 125_000, 1_250_000, Number.POSITIVE_INFINITY),
    queue: fc.constantFrom(15_000, 60_000),
  })
  .chain(conditions =>
    fc.constantFrom('toServer', 'toClient').map(direction =>
      command(`change(${direction}, ${JSON.stringify(conditions)})`, world =>
        world.pair[direction as 'toServer'].change({
          ...conditions,
          loss: { ...conditions.loss, longest: 5 },
        }),
      ),
    ),
  )

const length = fc.oneof(fc.nat(100), fc.nat(5_000), fc.nat(60_000))

/** @param closes whether a side may close the session on the way */
export function commandsOf(closes: boolean): fc.Arbitrary<Iterable<Command>> {
  const one = (arbitrary: fc.Arbitrary<Command>, weight: number) => ({ arbitrary, weight })
  const kinds = [
    one(
      onSide('open', (world, by, value) => world.open(by, value >= 8, value % 8), fc.nat(15)),
      6,
    ),
    one(
      onFlow('write', writable, (world, flow, amount) => world.write(flow, amount), length),
      14,
    ),
    one(
      onFlow('end', writable, (world, flow) => world.end(flow)),
      3,
    ),
    one(
      onFlow('reset', writable, (world, flow, code) => world.reset(flow, code)),
      1,
    ),
    one(
      onFlow('stop', readable, (world, flow, code) => world.stop(flow, code)),
      1,
    ),
    one(
      onFlow('pause', readable, (_world, flow) => flow.pause()),
      2,
    ),
    one(
      onFlow('resume', readable, (_world, flow) => flow.resume()),
      2,
    ),
    one(
      onSide('datagram', (world, by, value) => world.sendDatagram(by, value), fc.nat(1_100)),
      3,
    ),
    one(
      onSide('ping', (world, by) => world.ping(by), fc.constant(0)),
      1,
    ),
    one(
      onSide('rotateKeys', (world, by) => world.rotateKeys(by), fc.constant(0)),
      3,
    ),
    one(
      onSide('jump', (world, by, value) => world.jump(by, value), fc.oneof(fc.nat(2_000), fc.nat(20_000))),
      1,
    ),
    one(
      fc.oneof(fc.nat(50), fc.nat(3_000)).map(time => command(`pass(${time})`, world => world.pass(time))),
      12,
    ),
    one(change, 3),
    ...(closes
      ? [
          one(
            onSide('close', (world, by, code) => world.close(by, code, `by ${by}`), fc.nat(99)),
            1,
          ),
        ]
      : []),
  ]
  const weighted = fc.oneof(...kinds)
  return fc.commands([weighted], { maxCommands: 120, size: 'max' })
}

/** Runs one sequence of commands in a world of its own, to its end. */
export async function runModel(
  world: World,
  commands: Iterable<Command>,
  observe: (world: World) => void = () => {},
): Promise<void> {
  await fc.asyncModelRun(() => ({ model: {}, real: world }), commands)
  await world.finish()
  observe(world)
}
