import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { knownAnswers } from './known-answers.ts'

const folder = fileURLToPath(new URL('../vectors/', import.meta.url))
const file = join(folder, 'handshake.json')
const reader = join(folder, 'check_handshake.py')
const hasPython = spawnSync('python3', ['--version']).status === 0

// spec: STT-HS-1, STT-HS-17, STT-HS-18, STT-HS-19, STT-HS-38, STT-HS-41
test('the engines still give every message and value of the known answers', () => {
  expect(knownAnswers()).toEqual(JSON.parse(readFileSync(file, 'utf8')))
})

// The reader is a second implementation of the key schedule, in another language's standard library.
describe.skipIf(!hasPython)('the reader in Python', () => {
  test('recomputes every value', () => {
    const { status, stdout, stderr } = spawnSync('python3', [reader, file], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^\d{3} values of 6 handshakes agree\n$/)
    expect(status).toBe(0)
  })

  test.each(['confirm', 'exporter', 'sessionId', 'root'])('notices one changed digit of %s', name => {
    const temporary = mkdtempSync(join(tmpdir(), 'stt-known-answers-'))
    try {
      const answers = JSON.parse(readFileSync(file, 'utf8'))
      const { schedule } = answers.handshakes[3]
      schedule[name] = schedule[name].replace(/^./, (digit: string) => (digit === '0' ? '1' : '0'))
      const altered = join(temporary, 'altered.json')
      writeFileSync(altered, JSON.stringify({ ...answers, handshakes: [answers.handshakes[3]] }))
      expect(spawnSync('python3', [reader, altered], { encoding: 'utf8' }).status).toBe(1)
    } finally {
      rmSync(temporary, { recursive: true })
    }
  })
})
