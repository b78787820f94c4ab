// Writes the known answers of docs/PROTOCOL.md again: node --import tsx --conditions @stt/source test/write-protocol-answers.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { withAnswers } from './protocol-answers.ts'

const file = new URL('../../../docs/PROTOCOL.md', import.meta.url)
writeFileSync(file, withAnswers(readFileSync(file, 'utf8')))
