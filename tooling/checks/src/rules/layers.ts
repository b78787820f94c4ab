import { cruise, type ICruiseResult, type IForbiddenRuleType, type IModule, type IViolation } from 'dependency-cruiser'
import { LAYERS, PLATFORM_NEUTRAL } from '../layers.ts'
import { isTest, type Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** Imports go up the layers, through public entries, to declared packages, in no circle. */
export const layers: Rule = {
  name: 'layers',
  claim: 'packages import only from the layers above, through public entries, what they declare, in no circle',
  async check(repository) {
    const unknown = repository.packages.filter(each => !LAYERS[each.folder])
    const { output } = await cruise(
      ['packages'],
      {
        baseDir: repository.root,
        ruleSet: { forbidden: FORBIDDEN },
        validate: true,
        // Types count: a type from below is a dependency on what is below.
        tsPreCompilationDeps: true,
        exclude: { path: '^packages/[^/]+/(dist|etc|coverage|\\.turbo)/|\\.config\\.ts$' },
        doNotFollow: { path: 'node_modules' },
        enhancedResolveOptions: {
          exportsFields: ['exports'],
          conditionNames: ['@stt/source', 'import', 'node', 'default', 'types'],
          extensions: ['.ts', '.js', '.mjs', '.d.ts'],
        },
      },
      // The linked packages resolve to their sources, as they do in the tests.
      { symlinks: true },
    )
    const { summary, modules } = output as ICruiseResult
    return [
      ...unknown.map(each => `packages/${each.folder} has no layer: add it to tooling/checks/src/layers.ts`),
      ...problemsOf(summary.violations),
      ...undeclared(modules, repository),
    ]
  },
}

/** A line a violation; a circle is one, from wherever it was found and whichever rule it breaks. */
function problemsOf(violations: readonly IViolation[]): string[] {
  const lines = new Map<string, string>()
  for (const { rule, from, to, cycle } of violations) {
    const files = cycle?.map(({ name }) => name)
    const way = files ? [files.at(-1), ...files] : [from, to]
    const key = files ? [...files].sort().join() : `${rule.name} ${from} ${to}`
    if (!lines.has(key)) lines.set(key, `${way.join(' → ')}: ${COMMENTS.get(rule.name) ?? rule.name}`)
  }
  return [...lines.values()]
}

/** Linked packages that published code imports without depending on them: a link of a devDependency resolves too. */
function undeclared(modules: readonly IModule[], repository: Repository): string[] {
  return modules.flatMap(({ source, dependencies }) => {
    const owner = repository.packages.find(each => source.startsWith(`packages/${each.folder}/src/`))
    if (!owner || isTest(source)) return []
    const declared = Object.keys({ ...owner.manifest.dependencies, ...owner.manifest.optionalDependencies })
    return dependencies
      .map(({ module }) => /^@stt\/[^/]+/.exec(module)?.[0])
      .filter(name => name !== undefined && !declared.includes(name))
      .map(name => `${source} imports ${name}, which is not among the dependencies of ${owner.manifest.name}`)
  })
}

function layerRule(folder: string, above: readonly string[]): IForbiddenRuleType {
  const allowed = [folder, ...above].join('|')
  return {
    name: `layer-${folder}`,
    comment: `@stt/${folder} may import ${above.length > 0 ? above.join(', ') : 'no other package'}`,
    severity: 'error',
    from: { path: `^packages/${folder}/src/`, pathNot: TESTS },
    to: { path: `^(tooling|examples)/|^packages/(?!(?:${allowed})/)` },
  }
}

const TESTS = '\\.(test|bench)\\.ts$|/(test|interop|bench|testing)/'

const GENERAL: IForbiddenRuleType[] = [
  {
    name: 'no-circle',
    comment: 'imports go round in a circle',
    severity: 'error',
    from: {},
    // Types that name each other are no circle once they are compiled.
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'no-circle-of-types',
    comment: 'imports go round in a circle, types included: move what both need to a file of its own',
    severity: 'error',
    from: { path: '^packages/[^/]+/src/', pathNot: TESTS },
    to: { circular: true },
  },
  {
    name: 'resolvable',
    comment: 'this import leads nowhere: declare the package, or name one of its public entries',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'public-entry',
    comment: 'a relative path into another package: import its public entry',
    severity: 'error',
    from: { path: '^packages/([^/]+)/' },
    to: { path: '^(packages|tooling|examples)/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
  },
  {
    name: 'declared',
    comment: 'not among the dependencies in package.json: add it there',
    severity: 'error',
    from: {},
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-dev', 'npm-peer', 'npm-optional'] },
  },
  {
    name: 'no-development-dependency',
    comment: 'only a devDependency: what is published must not import it',
    severity: 'error',
    from: { path: '^packages/[^/]+/src/', pathNot: TESTS },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer', 'npm-optional'] },
  },
  {
    name: 'platform-neutral',
    comment: 'this package runs anywhere: no module of Node in it',
    severity: 'error',
    from: { path: `^packages/(${PLATFORM_NEUTRAL.join('|')})/src/`, pathNot: TESTS },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'relay-apart',
    comment: 'only a relay may load @stt/rendezvous/server: a node loads the rest of @stt/rendezvous without it',
    severity: 'error',
    from: { path: '^packages/', pathNot: `^packages/(relay|rendezvous/src/server)/|${TESTS}` },
    to: { path: '^packages/rendezvous/src/server/' },
  },
  {
    name: 'segments-apart',
    comment: 'only @stt/stream/segments may use cryptography: a session loads the rest of @stt/stream without it',
    severity: 'error',
    from: { path: '^packages/stream/src/', pathNot: `^packages/stream/src/segments/|${TESTS}` },
    to: { path: '^packages/(crypto|stream/src/segments)/' },
  },
]

const FORBIDDEN = [...GENERAL, ...Object.entries(LAYERS).map(([folder, above]) => layerRule(folder, above))]

const COMMENTS = new Map(FORBIDDEN.map(({ name, comment }) => [name, comment]))
