import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

/** `peer-process.ts` and all that it imports as one file: a process starts in a tenth of the time that the sources take. */
export interface Program {
  readonly path: string
  remove(): Promise<void>
}

export async function bundleProgram(): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'stt-peer-'))
  const path = join(folder, 'peer.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'peer-process.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@stt/source'],
    sourcemap: 'inline',
    outfile: path,
    logLevel: 'silent',
  })
  return { path, remove: () => rm(folder, { recursive: true }) }
}
