import { SttError } from '@stt/errors'
import type { LoadLan } from './lan-platform.ts'

/** Loads `@stt/lan`, which is installed by who wants it: a node has no dependency on mDNS. */
export const loadLan: LoadLan = () => loadLanFrom('@stt/lan')

/** @param name of the package; no literal in an import, so that a bundler of a program without it does not look for it */
export async function loadLanFrom(name: string): ReturnType<LoadLan> {
  try {
    const { startLan } = await import(/* @vite-ignore */ name)
    return startLan
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new SttError('STT_UNSUPPORTED', `discovery.lan needs the package ${name}: npm install ${name}`, { cause })
  }
}
