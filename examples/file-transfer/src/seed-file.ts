import { readFile, stat, writeFile } from 'node:fs/promises'
import { Seed } from '@stt/node'
import { Failure, reasonOf } from './cli.ts'

/** Makes a seed and writes it as 64 hex digits to a new file that only its owner can read. */
export async function createSeedFile(path: string): Promise<void> {
  await writeFile(path, `${Seed.generate().toHex()}\n`, { mode: 0o600, flag: 'wx' })
}

/** Reads a seed file. A file that other users can read is refused, as ssh refuses such a key. */
export async function readSeedFile(path: string): Promise<Seed> {
  let text: string
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new Failure(`seed file ${path} can be read by other users: chmod 600 ${path}`)
    }
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure(`cannot read the seed file ${path}: ${reasonOf(error)}`, { cause: error })
  }
  const hex = text.trim()
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Failure(`seed file ${path} must hold 64 hex digits and nothing else`)
  return Seed.fromHex(hex)
}
