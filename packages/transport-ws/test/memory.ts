import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that live after a garbage collection: heap, and what it refers to outside. */
export async function liveMemory(): Promise<number> {
  // Buffers of a closed socket go with its last callbacks, which run between two collections.
  for (let i = 0; i < 3; i++) {
    collect()
    await new Promise(resolve => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  // `external` counts array buffers already.
  return heapUsed + external
}
