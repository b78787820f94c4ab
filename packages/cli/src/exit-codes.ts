/** What `stt` ends with. Scripts may rely on these; `stt --help` and the README list them. */
export const ExitCode = {
  ok: 0,
  /** Something failed: a disk, a network, an error of the other side. */
  failed: 1,
  /** The command line cannot be used. */
  usage: 2,
  /** The other side was not reached in time. */
  unreachable: 3,
  /** The other side, or this one, refused: another machine has the pairing, or it is busy with something else. */
  refused: 4,
  /** All went well but for some files, which are named. */
  partial: 5,
  interrupted: 130,
  /** Who read the output went away. */
  brokenPipe: 141,
  terminated: 143,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
