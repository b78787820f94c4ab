import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes that are reachable after a full collection: heapUsed + external + arrayBuffers. */
export async function measureMemory(): Promise<number> {
  const collect = collector()
  // Buffers are let go of by finalizers, which run between turns of the event loop.
  for (let i = 0; i < 3; i++) {
    collect()
    await new Promise(resolve => setImmediate(resolve))
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

let found: (() => void) | undefined

function collector(): () => void {
  if (!found) {
    setFlagsFromString('--expose-gc')
    found = runInNewContext('gc') as () => void
  }
  return found
}
