import { checkLaw } from '../law.ts'

/**
 * Holds the frame reader to what is promised for any bytes; throws where it breaks it.
 *
 * @returns the input's kind: two inputs of one kind took much the same way through the reader
 */
export function examine(bytes: Uint8Array): string {
  const { frames, refused } = checkLaw(bytes)
  return `${frames[0]?.type} ${refused?.rule ?? frames.length > 1}`
}
