/** Exit codes of `stt`. Scripts may rely on them; `stt --help` and the README list them. */
export const ExitCode = {
  /** All went well. */
  ok: 0,
  /** Something failed: a disk, a network, an error of the other side. */
  failed: 1,
  /** The command line cannot be used. */
  usage: 2,
  /** The other side was not reached in time. */
  unreachable: 3,
  /** The other side, or this one, refused: another machine has the pairing, or it is busy with something else. */
  refused: 4,
  /** All went well except for some files, which were named. */
  partial: 5,
  /** SIGINT, or Control-C. */
  interrupted: 130,
  /** The reader of the output has gone. */
  brokenPipe: 141,
  /** SIGTERM. */
  terminated: 143,
} as const

/** One of the exit codes of `stt`. */

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
