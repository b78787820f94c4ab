// Calls of functions on another machine: a stream for each call, so that a slow one holds up no other.
//
//   rpc.ts serve udp://0.0.0.0:4400 ws://0.0.0.0:4400
//   rpc.ts call add 2 3 udp://that-machine:4400 ws://that-machine:4400
import { setTimeout as delay } from 'node:timers/promises'
import { Seed, type Session, STTNode } from '@stt/node'

const seed = Seed.fromHex(process.env['STT_SEED'] ?? '')
const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
const decode = (bytes: Uint8Array) => JSON.parse(String(Buffer.from(bytes)))
const MAX = 1 << 20

/** The functions that a peer may call; inherited properties are excluded. */
const functions: Record<string, (...values: never[]) => unknown> = {
  add: (a: number, b: number) => a + b,
  sleep: async (milliseconds: number) => {
    await delay(milliseconds)
    return 'slept'
  },
}

function serve(session: Session): void {
  session.onStream(async stream => {
    const { name, values } = decode(await stream.readAll({ maxBytes: MAX }))
    let answer: object
    try {
      if (!Object.hasOwn(functions, name)) throw new Error(`there is no function ${name}`)
      answer = { result: await functions[name]!(...(values as never[])) }
    } catch (error) {
      answer = { error: (error as Error).message } // The message, and not the stack: that is for this side's log.
    }
    await stream.write(encode(answer))
    await stream.end()
  })
}

/** @param signal ends the waiting; the other side's work goes on */
async function call(session: Session, name: string, values: readonly unknown[], signal: AbortSignal): Promise<unknown> {
  const stream = await session.openStream({ signal })
  await stream.write(encode({ name, values }))
  await stream.end()
  const { result, error } = decode(await stream.readAll({ maxBytes: MAX, signal }))
  if (error !== undefined) throw new Error(error)
  return result
}

const [mode, ...words] = process.argv.slice(2)
const addresses = words.filter(word => word.includes('://'))
if (mode === 'serve') {
  const node = await STTNode.create({ seed, listen: addresses })
  console.log(`listening on ${node.addresses.join(' ')}`)
  node.onSession(serve)
} else {
  const [name = '', ...values] = words.filter(word => !word.includes('://'))
  const node = await STTNode.create({ seed })
  try {
    const session = await node.connect(addresses)
    console.log(await call(session, name, values.map(Number), AbortSignal.timeout(10_000)))
  } catch (error) {
    console.error(`${name} failed: ${(error as Error).message}`)
    process.exitCode = 1
  }
  await node.close()
}
