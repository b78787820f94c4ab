import { randomFillSync } from 'node:crypto'

/** A fresh masking key from the platform's CSPRNG. Keys are drawn in batches, because a call for each frame costs more than the frame. */
export function nextMaskKey(): number {
  if (used === keys.length) {
    randomFillSync(keys)
    used = 0
  }
  const key = keys[used]!
  // A key must not be used twice, so a used one is cleared.
  keys[used++] = 0
  return key
}

const keys = new Uint32Array(2_048)
let used = keys.length
