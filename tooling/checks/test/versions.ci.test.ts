import { execFileSync } from 'node:child_process'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { Copy } from '../src/copy.ts'
import { changesetCommand, Repository } from '../src/repository.ts'

const copies: Copy[] = []
let copy: Copy

// As after a release: every package at 0.1.0, no changeset waiting.
beforeEach(() => {
  copy = new Copy()
  copies.push(copy)
  copy.dropChangesets()
  for (const { folder } of new Repository(copy.root).packages) {
    copy.edit(`packages/${folder}/package.json`, manifest => Object.assign(manifest, { version: '0.1.0' }))
  }
  copy.commitAll()
})
afterAll(() => {
  for (const each of copies) each.delete()
})

/** Runs the version step with one changeset and gives the packages that got another version. */
function versionsAfter(name: string, bump: 'patch' | 'minor'): Record<string, string> {
  copy.write('.changeset/a-change.md', `---\n"${name}": ${bump}\n---\n\nA change.\n`)
  copy.git('add', '-A')
  copy.git('commit', '-q', '-m', 'a change')
  const [command, ...parameters] = changesetCommand('version')
  execFileSync(command, parameters, { cwd: copy.root, stdio: 'pipe' })
  return Object.fromEntries(
    new Repository(copy.root).packages
      .map(({ manifest }) => [manifest.name, manifest.version] as const)
      .filter(([, version]) => version !== '0.1.0'),
  )
}

/** The published packages that name this one as a dependency, with the version after a patch; the ranges of others take that. */
function dependentsOf(name: string): Record<string, string> {
  const naming = new Repository(copy.root).packages.filter(({ manifest }) => name in (manifest.dependencies ?? {}))
  return Object.fromEntries(naming.map(({ manifest }) => [manifest.name, '0.1.1']))
}

test('packages have versions of their own', () => {
  expect(JSON.parse(copy.read('.changeset/config.json'))).toMatchObject({ fixed: [], linked: [] })
})

test('a fix in @stt/frame is a new version of @stt/frame alone: the ranges of its dependents take it', () => {
  expect(versionsAfter('@stt/frame', 'patch')).toEqual({ '@stt/frame': '0.1.1' })
})

test('a minor version of @stt/frame leaves the 0.x range of its dependents, so that they and only they get a patch', () => {
  const dependents = dependentsOf('@stt/frame')
  expect(Object.keys(dependents)).toContain('@stt/node')
  expect(Object.keys(dependents)).not.toContain('@stt/crypto')
  expect(versionsAfter('@stt/frame', 'minor')).toEqual({ '@stt/frame': '0.2.0', ...dependents })
})

test('a minor version of @stt/node leaves the layers below it as they are', () => {
  const dependents = dependentsOf('@stt/node')
  expect(versionsAfter('@stt/node', 'minor')).toEqual({ '@stt/node': '0.2.0', ...dependents })
})
