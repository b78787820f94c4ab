/**
 * Sorts dict keys in place in the order of their UTF-8 bytes, which is the order of their code points.
 * JavaScript compares UTF-16 units, which puts U+10000 and above before U+E000 … U+FFFF.
 */
export function sortKeys(keys: string[]): string[] {
  // spec: STT-SER-12
  let wide = false
  let sorted = true
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!
    if (index > 0 && keys[index - 1]! > key) sorted = false
    if (!wide && surrogate.test(key)) wide = true
  }
  if (wide) return keys.sort(compareCodePoints)
  return sorted ? keys : keys.sort()
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return codePointRank(left) - codePointRank(right)
  }
  return a.length - b.length
}

/** Moves the surrogates above all other units, where the code points that they stand for belong. */
const codePointRank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)

const surrogate = /[\ud800-\udfff]/
