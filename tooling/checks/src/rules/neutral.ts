import type { Rule } from '../rule.ts'

/** Nothing that is committed names the machine it was written on or a host that packages come from. */
export const neutral: Rule = {
  name: 'neutral',
  claim: 'no committed file names a registry host or a path of one machine, and the lockfile holds no address',
  check(repository) {
    return repository
      .files()
      .filter(file => /\.([cm]?[jt]sx?|json|ya?ml|md|sh)$|^\.ci\//.test(file))
      .flatMap(file => {
        const text = repository.read(file)
        return PATTERNS.filter(({ only }) => !only || only.test(file)).flatMap(({ pattern, why }) => {
          const [found] = pattern.exec(text) ?? []
          return found === undefined ? [] : [`${file} has ${found}: ${why}`]
        })
      })
  },
}

const PATTERNS: readonly { readonly pattern: RegExp; readonly why: string; readonly only?: RegExp }[] = [
  { pattern: /https?:\/\/[^\s]+/, why: 'the lockfile must work with any registry', only: /^pnpm-lock\.yaml$/ },
  { pattern: /\bregistry\.[a-z]+\.[a-z]{2,}\b/, why: 'which registry to use is for each user to set' },
  { pattern: /(?<![\w.~:/-])\/(root|home\/\w+|Users\/\w+|work)\/\w/, why: 'a path of one machine' },
]
