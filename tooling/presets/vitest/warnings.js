import { afterAll } from 'vitest'

/*
 * Set up before each test file. A node's warnings to its operator look like faults among the output of tests that pass. So
 * an STT warning is not printed where a test listens for warnings, or its file has said that it expects this one; any
 * other is printed, and fails the file: it is a fault, or was not expected. What Node says of itself is printed only.
 */

const STATE = Symbol.for('stt.expected-warnings')
const UNEXPECTED = Symbol.for('stt.unexpected-warnings')
const OF_NODE = new Set(['ExperimentalWarning', 'DeprecationWarning'])

/** Says that tests of this file cause warnings with these codes: they are not printed. */
export function expectWarnings(...codes) {
  for (const code of codes) process[STATE].add(code)
}

const isListenedFor = () => process.listenerCount('warning') > 1

if (process[STATE] === undefined) {
  const printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', warning => {
    const isOurs = typeof warning.code === 'string' && warning.code.startsWith('STT_')
    if (isOurs && (process[STATE].has(warning.code) || isListenedFor())) return
    for (const printer of printers) printer.call(process, warning)
    if (!OF_NODE.has(warning.name)) process[UNEXPECTED].push(warning)
  })
}
// A worker that runs several files begins anew with each.
process[STATE] = new Set()
process[UNEXPECTED] = []

afterAll(() => {
  const [first] = process[UNEXPECTED]
  if (first === undefined) return
  const message = `nobody expected the warning ${first.code ?? first.name}: say expectWarnings() in this file, or mend what causes it`
  throw new Error(message, { cause: first })
})
