// Writes vectors/handshake.json again: npm run answers
import { writeFileSync } from 'node:fs'
import { knownAnswers } from './known-answers.ts'

writeFileSync(new URL('../vectors/handshake.json', import.meta.url), `${JSON.stringify(knownAnswers(), null, 2)}\n`)
