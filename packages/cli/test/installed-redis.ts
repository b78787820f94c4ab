import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledProgram } from '@stt/testing'
import { temporaryFolder } from './stt.ts'

/** A folder in which `npm install @stt/relay-redis` was run, with what the sources are now. */
export async function folderWithRedis(): Promise<string> {
  const folder = temporaryFolder()
  const installed = join(folder, 'node_modules/@stt/relay-redis')
  mkdirSync(installed, { recursive: true })
  const made = await bundledProgram(join(import.meta.dirname, '../../relay-redis/src/index.ts'))
  copyFileSync(made, join(installed, 'index.mjs'))
  const manifest = { name: '@stt/relay-redis', version: '0.0.0', exports: { '.': { default: './index.mjs' } } }
  writeFileSync(join(installed, 'package.json'), JSON.stringify(manifest))
  return folder
}
