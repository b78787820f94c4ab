import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { tool } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** Runs publint and Are The Types Wrong on the tarballs that would be published. */
export const publish: Rule = {
  name: 'publish',
  claim: 'publint and attw find nothing wrong with the packed packages',
  needsBuild: true,
  async check(repository) {
    const folder = await mkdtemp(join(tmpdir(), 'stt-pack-'))
    try {
      const tarballs = await repository.pack(folder)
      const problems: string[] = []
      for (const { manifest } of repository.packages) {
        const tarball = tarballs.get(manifest.name)
        if (tarball === undefined) continue
        const { messages } = await publint({
          pack: { tarball: await arrayBuffer(tarball) },
          strict: true,
        })
        for (const message of messages) {
          problems.push(`${manifest.name}: publint: ${formatMessage(message, manifest, { color: false })}`)
        }
        const attw = await repository.run(tool('attw'), [
          tarball,
          '--profile',
          'esm-only',
          '--no-definitely-typed',
          '--format',
          'ascii',
          '--no-emoji',
        ])
        if (attw.status !== 0) problems.push(`${manifest.name}: attw:\n${attw.output}`)
      }
      return problems
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function arrayBuffer(path: string): Promise<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = await readFile(path)
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
}
