import { type Finding, findingsAbout } from './finding.ts'

/** Findings about pairings that this machine cannot use, so their relays are not asked. */
export function pairingFindings(
  pairings: readonly { readonly name: string; readonly problem?: string | undefined }[],
): readonly Finding[] {
  const find = findingsAbout('peer')
  return pairings.flatMap(({ name, problem }) =>
    problem === undefined
      ? []
      : [find('broken', 'pairing-damaged', `the pairing ${name} cannot be used: ${problem}`, { subject: name })],
  )
}
