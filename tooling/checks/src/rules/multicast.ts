import { builtinModules } from 'node:module'
import { build } from 'esbuild'
import type { Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** Who wants mDNS installs it: a node has none of it by itself, and a page nothing that a bundler could find. */
export const multicast: Rule = {
  name: 'multicast',
  claim: 'nothing that @stt/node depends on speaks mDNS, and nothing that a page gets of it',
  async check(repository) {
    return [...installed(repository), ...(await bundled(repository))]
  },
}

/** With all that is installed with it, to the ends. */
function installed(repository: Repository): string[] {
  const ways = [['@stt/node']]
  const problems: string[] = []
  // A list that grows while it is gone through is gone through to its end; layers have no circles.
  for (const way of ways) {
    const manifest = repository.packages.find(each => each.manifest.name === way.at(-1))?.manifest
    const { dependencies, peerDependencies, optionalDependencies } = manifest ?? {}
    for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
      if (SPEAKS.test(name)) problems.push(`${[...way, name].join(' → ')}: ${WHY}`)
      else ways.push([...way, name])
    }
  }
  return problems
}

/** As a bundler goes through it, what is loaded apart included. */
async function bundled(repository: Repository): Promise<string[]> {
  if (!repository.exists(PAGE)) return []
  const { metafile } = await build({
    stdin: { contents: `export * from './${PAGE}'`, resolveDir: repository.root },
    absWorkingDir: repository.root,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@stt/source', 'browser'],
    // Other tests check that a page does not need Node's modules.
    external: ['node:*', ...builtinModules],
    outdir: 'page',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  return Object.keys(metafile.inputs)
    .filter(path => path.split(/\/?node_modules\/|^packages\//).some(part => SPEAKS.test(part)))
    .map(path => `a page gets ${path}: ${WHY}`)
}

const PAGE = 'packages/node/src/index.browser.ts'
/** Names of packages, or folders of this repository. */
const SPEAKS = /^(@stt\/)?lan(\/|$)|^(@[^/]+\/)?[^/]*(mdns|dns-packet|dns-sd|multicast|bonjour|zeroconf)/
const WHY = 'mDNS is installed by who asks for it (discovery.lan)'
