/** The version of every message here. */
export const VERSION = 1

/** Every version that this implementation speaks, ascending, as P1 lists them. */
export const VERSIONS: readonly number[] = [VERSION]

/** The highest version that both lists name; 0 when there is none. spec: STT-HS-45 */
export function bestCommonVersion(own: readonly number[], peer: readonly number[]): number {
  return Math.max(0, ...own.filter(version => peer.includes(version)))
}
