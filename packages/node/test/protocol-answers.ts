import { toHex } from '@stt/crypto'
import { frames } from './protocol-answers/frames.ts'
import { handshake, shakeHands } from './protocol-answers/handshake.ts'
import type { Answers } from './protocol-answers/inputs.ts'
import { keys } from './protocol-answers/keys.ts'
import { localNetwork, registries, relays } from './protocol-answers/meeting.ts'
import { packets } from './protocol-answers/packets.ts'
import { sealed, values } from './protocol-answers/stored.ts'

// The known answers that docs/PROTOCOL.md prints: what the engines give for inputs that count upwards. They are in the
// text so that whoever writes a second implementation sees which of a dozen derivations is wrong: on the wire all of them
// are silence.

/** Every block of the document, in its order. */
export function protocolAnswers(): readonly Answers[] {
  const run = shakeHands()
  return [
    ...[keys(), handshake(run), frames(), packets(run), values(), sealed()],
    ...[relays(), registries(), localNetwork()],
  ]
}

/** A block as the document prints it, 32 bytes a line. */
export function printed({ section, values }: Answers): string {
  const lines = values.flatMap(([name, value, bytes]) => {
    const rows = [...(typeof value === 'string' ? [value] : rowsOf(value)), ...(bytes ? rowsOf(bytes) : [])]
    return rows.map((row, i) => `${(i === 0 ? name : '').padEnd(NAME_WIDTH)}${row}`)
  })
  return ['```', `${TITLE}${section}`, ...lines, '```'].join('\n')
}

/** The document with each of its blocks as the engines give them now. */
export function withAnswers(text: string): string {
  return protocolAnswers().reduce((document, answers) => {
    const start = document.indexOf(`\`\`\`\n${TITLE}${answers.section}\n`)
    const end = document.indexOf('\n```', start + 3)
    if (start < 0 || end < 0)
      throw new Error(`the document has no block of known answers for section ${answers.section}`)
    return document.slice(0, start) + printed(answers) + document.slice(end + 4)
  }, text)
}

const rowsOf = (bytes: Uint8Array): string[] => toHex(bytes).match(/.{1,64}/g) ?? []

const TITLE = 'known answers of §'
const NAME_WIDTH = 22
