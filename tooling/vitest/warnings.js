/*
 * Set up before each test file. What a node warns its operator of looks like a fault among the output of tests that pass. So
 * a warning of ours is not printed where a test listens for warnings, or its file has said that it expects this one; any
 * other is printed as ever.
 */

const STATE = Symbol.for('stt.expected-warnings')

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
  })
}
// A worker that runs several files begins anew with each.
process[STATE] = new Set()
