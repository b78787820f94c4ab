import { externalLinks, linkProblem } from '../links/external-links.ts'
import type { Rule } from '../rule.ts'

/** Checks links to elsewhere without following them: `npm run links -- --follow` does that. */
export const external: Rule = {
  name: 'external',
  claim: 'links to elsewhere can be followed: https, no place for examples, and of this repository only what it has',
  check(repository) {
    return [...externalLinks(repository)].flatMap(([url, places]) => {
      const problem = linkProblem(repository, url)
      return problem === undefined ? [] : [`${[...places].join(', ')}: ${url} ${problem}`]
    })
  },
}
