import { once } from 'node:events'
import { isSttError } from '@stt/errors'
import { Chamber, type ChamberOptions } from '../src/index.ts'
import { childOptions, step } from './writer-steps.ts'

/*
 * A process of its own: `child.ts hold|write folder [number]`. Says what happened, a line each: `open`, then what it
 * did, or the code of its error.
 */

const [, , task, path = '', start = '0'] = process.argv

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function run(options: ChamberOptions): Promise<void> {
  const chamber = await Chamber.open(options)
  say('open')
  if (task === 'write') {
    for (let i = Number(start); ; i++) {
      await step(chamber, i)
      say(`${i}`)
    }
  }
  // An open chamber keeps no process alive: its input does, until that ends.
  process.stdin.resume()
  await once(process.stdin, 'end')
  await chamber.close()
  say('closed')
}

run(childOptions(path)).catch((error: unknown) => {
  say(isSttError(error) ? `${error.code} ${error.details['code'] ?? ''}`.trim() : String(error))
  process.exitCode = 1
})
