// Writes the known answers of docs/PROTOCOL.md again: npm run answers
import { readFileSync, writeFileSync } from 'node:fs'
import { withAnswers } from './protocol-answers.ts'

const file = new URL('../../../docs/PROTOCOL.md', import.meta.url)
writeFileSync(file, withAnswers(readFileSync(file, 'utf8')))
