import { inspect } from 'node:util'
import { isSttError } from '@stt/errors'
import { Seed, type Session, STTNode, type Stream } from '@stt/node'
import { randomFrom } from '@stt/vitest-config/fuzz'
import { ApiFuzz } from './api-fuzz.ts'
import { loadModules } from './modules.ts'
import { methodsOf, targetsOf } from './targets.ts'

/** Calls of every export of a package, and of what they give. @returns what was wrong */
export async function fuzzPackage(name: string, seed: number, calls: number): Promise<readonly string[]> {
  const module = (await loadModules()).get(name)!
  const fuzz = new ApiFuzz(randomFrom(seed))
  const targets = targetsOf(name, module)
  if (targets.length === 0) return []
  for (let i = 0; i < calls; i++) {
    fuzz.step(targets)
    fuzz.stepOnMade(name)
    if (i % 20 === 19) await new Promise(resolve => setImmediate(resolve))
  }
  await fuzz.finish()
  return fuzz.problems
}

/** Calls of a node, a session and its streams while they live; then both ends still do what they are for. */
export async function fuzzSession(address: string, seed: number, calls: number): Promise<readonly string[]> {
  const random = randomFrom(seed)
  const fuzz = new ApiFuzz(random)
  const shared = Seed.generate()
  const limits = { closeDeadline: 100 }
  const server = await STTNode.create({ seed: shared, listen: [address], limits })
  const client = await STTNode.create({ seed: shared, limits })
  server.onSession(async session => {
    for await (const stream of session.streams()) void echo(stream)
  })
  const problems: string[] = []
  try {
    const session = await client.connect(server.addresses, { signal: AbortSignal.timeout(10_000) })
    const streams = [await session.openStream(), await session.openSendStream()]
    const keep = (name: string): boolean => !/\.(close|drain|setSeeds|\[Symbol)/.test(name)
    const targets = [
      ...methodsOf('@stt/node node', client).filter(({ name }) => keep(name)),
      ...methodsOf('@stt/node session', session).filter(({ name }) => keep(name)),
      ...streams.flatMap(stream => methodsOf('@stt/node stream', stream)),
    ]
    for (let i = 0; i < calls; i++) {
      fuzz.step(targets)
      if (i % 20 === 19) await new Promise(resolve => setImmediate(resolve))
    }
    problems.push(...(await stillWorks(session)))
  } finally {
    await client.close()
    await server.close()
  }
  await fuzz.finish()
  return [...problems, ...fuzz.problems]
}

/** Sends bytes back; a stream that the fuzz has ended is no concern of this side. */
async function echo(stream: Stream): Promise<void> {
  try {
    for await (const chunk of stream) if (!stream.unidirectional) await stream.write(chunk)
    if (!stream.unidirectional) await stream.end()
  } catch (error) {
    if (!isSttError(error)) throw error
  }
}

/** Whether nothing bad has stayed in any queue. */
async function stillWorks(session: Session): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(10_000)
  try {
    const stream = await session.openStream({ signal })
    const sent = Uint8Array.from({ length: 5_000 }, (_, i) => i)
    await stream.write(sent, { signal })
    await stream.end()
    const came = await stream.readAll({ maxBytes: 10_000, signal })
    if (Buffer.compare(came, sent) !== 0) return [`an echo came back as ${came.length} other bytes`]
    const outcome = await Promise.race([session.sendDatagram(Uint8Array.of(1, 2, 3)), aborted(signal)])
    return outcome === 'acknowledged' ? [] : [`a datagram after the others is ${outcome}`]
  } catch (error) {
    return [`after the calls the session does not work: ${inspect(error)}`]
  }
}

function aborted(signal: AbortSignal): Promise<string> {
  return new Promise(resolve => signal.addEventListener('abort', () => resolve('never answered')))
}
