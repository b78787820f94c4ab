import { type Finding, findingsAbout } from './finding.ts'

/** Pairings that this machine has and cannot use: what is said of relays is without them. */
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
