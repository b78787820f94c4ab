import type { Link } from '@stt/frame'
import type { LinkKind } from '@stt/testing'
import type { SessionEvent } from '../src/index.ts'
import type { Path } from '../src/path/path.ts'
import { PathChooser } from '../src/path/path-chooser.ts'
import { PathFollower } from '../src/path/path-follower.ts'
import type { Arrival, PathPolicy } from '../src/path/path-policy.ts'
import { type PathPacket, PathProbes } from '../src/path/path-probes.ts'
import { Paths } from '../src/path/paths.ts'
import { deadLink } from './links.ts'
import { ScriptedRecovery } from './scripted-recovery.ts'

/** A challenge, or an answer, with the time at which it left. */
export interface Asked extends PathPacket {
  readonly at: number
}

/** A policy with its paths and no session around it: time passes as the deadlines say, and the test answers what is asked. */
export class PathRig<T extends PathPolicy> {
  readonly events: SessionEvent[] = []
  readonly abandoned: Path[] = []
  readonly paths: Paths
  readonly probes: PathProbes
  readonly policy: T
  readonly link: Link
  readonly recovery: ScriptedRecovery = new ScriptedRecovery()
  /** How often the peer was to acknowledge something. */
  pings = 0
  /** How often the peer was to hear that the session goes over another path. */
  moves = 0
  /** How often a path was added beside the active one. */
  added = 0
  now = 0

  constructor(kind: LinkKind, tier: number | undefined, canAsk: boolean, policyOf: (rig: PathRig<T>) => T) {
    let drawn = 0
    const onAbandoned = (path: Path): void => void this.abandoned.push(path)
    const host = {
      emit: (event: SessionEvent) => this.events.push(event),
      onAbandoned,
      onLossTimer: () => {},
      onAdding: () => void this.added++,
      onActive: () => {},
      onMoved: () => void this.moves++,
    }
    this.paths = new Paths(host, 6)
    this.probes = new PathProbes(this.paths, canAsk ? length => new Uint8Array(length).fill(++drawn) : undefined)
    this.policy = policyOf(this)
    this.link = deadLink(kind, 1_200, kind === 'datagram' ? this.recovery : undefined)
    this.paths.attach(this.link, tier, 0)
  }

  get active(): Path {
    return this.paths.active!
  }

  path(link: Link): Path {
    return this.paths.find(link)!
  }

  /** The challenges and answers until `time`, which is then the present. */
  runUntil(time: number): Asked[] {
    const asked: Asked[] = []
    for (let turn = 0; turn < 10_000; turn++) {
      this.policy.onTime(this.now)
      for (let next = this.#next(); next; next = this.#next()) asked.push({ ...next, at: this.now })
      const at = Math.max(this.now, this.policy.deadline(this.now))
      if (at > time) {
        this.now = time
        return asked
      }
      if (at === this.now && ++this.#idle > 20) throw new Error(`a deadline at ${at} that does nothing`)
      if (at > this.now) this.#idle = 0
      this.now = at
    }
    throw new Error('time does not pass')
  }

  run(milliseconds: number): Asked[] {
    return this.runUntil(this.now + milliseconds)
  }

  /** The peer answers challenges over the links that they went over. */
  answer(...asked: readonly PathPacket[]): void {
    for (const { data, link } of asked) {
      this.arrive(link, { isProbing: true })
      const path = this.probes.onResponse(data, link, this.now)
      if (path) this.policy.onAnswered(path, this.now)
    }
  }

  /** A packet verifies. */
  arrive(link: Link, what: Partial<Arrival> = {}): boolean {
    const isProbing = what.isProbing ?? false
    return this.policy.onPacket(
      { link, size: 1_200, isNewest: !isProbing, isProbing, isEliciting: false, asks: false, joinSerial: 0, ...what },
      this.now,
    )
  }

  eventsOf(type: SessionEvent['type']): SessionEvent[] {
    return this.events.filter(event => event.type === type)
  }

  #idle = 0

  #next(): PathPacket | undefined {
    return this.probes.nextAnswer() ?? this.policy.next(this.now)
  }
}

/** @param canAsk whether the session has the entropy that challenges are made of */
export const chooserRig = (kind: LinkKind = 'datagram', tier?: number, canAsk = true): PathRig<PathChooser> =>
  new PathRig(kind, tier, canAsk, rig => {
    const draw = canAsk ? (length: number) => new Uint8Array(length).fill(128) : undefined
    const ping = (): void => void rig.pings++
    return new PathChooser(rig.paths, rig.probes, draw, { emit: event => rig.events.push(event), ping })
  })

export const followerRig = (kind: LinkKind = 'datagram', canAsk = true): PathRig<PathFollower> =>
  new PathRig(kind, undefined, canAsk, ({ paths, probes }) => new PathFollower(paths, probes))
