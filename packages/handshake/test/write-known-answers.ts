// Writes vectors/handshake.json again: node --import tsx --conditions @stt/source test/write-known-answers.ts
import { writeFileSync } from 'node:fs'
import { knownAnswers } from './known-answers.ts'

writeFileSync(new URL('../vectors/handshake.json', import.meta.url), `${JSON.stringify(knownAnswers(), null, 1)}\n`)
