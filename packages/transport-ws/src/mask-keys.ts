import { randomFillSync } from 'node:crypto'

/** A fresh masking key from the platform's CSPRNG, drawn in batches: one call for each frame would cost more than the frame. */
export function nextMaskKey(): number {
  if (used === keys.length) {
    randomFillSync(keys)
    used = 0
  }
  const key = keys[used]!
  // A key that was used is on the wire; one that was not must not be used twice.
  keys[used++] = 0
  return key
}

const keys = new Uint32Array(2_048)
let used = keys.length
