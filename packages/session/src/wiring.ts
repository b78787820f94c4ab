import { provider as defaultProvider } from '@stt/crypto'
import { Fifo } from '@stt/frame'
import { KeyExporter } from './keys/key-exporter.ts'
import { DEFAULT_KEY_UPDATE_LIMITS, KeyUpdates } from './keys/key-updates.ts'
import { PacketOpener } from './keys/packet-opener.ts'
import { PacketSealer } from './keys/packet-sealer.ts'
import { Lifecycle } from './life/lifecycle.ts'
import { LinkWatch } from './path/link-watch.ts'
import type { Path } from './path/path.ts'
import { PathChooser } from './path/path-chooser.ts'
import type { Follower, PathPolicy } from './path/path-policy.ts'
import { PathProbes } from './path/path-probes.ts'
import { Paths } from './path/paths.ts'
import type { PunchingPart } from './punch/punching-part.ts'
import { AckScheduler } from './receive/ack-scheduler.ts'
import { IncomingDatagrams } from './receive/incoming-datagrams.ts'
import { PacketReceiver } from './receive/packet-receiver.ts'
import { ControlFrames } from './send/control-frames.ts'
import { DatagramQueue } from './send/datagram-queue.ts'
import { createDeliveryHandler } from './send/delivery-handler.ts'
import { DeliveryTracker } from './send/delivery-tracker.ts'
import { PacketAssembler } from './send/packet-assembler.ts'
import {
  DEFAULT_DATAGRAM_QUEUE,
  DEFAULT_KEEP_ALIVE,
  DEFAULT_MAX_FAILURES,
  type SessionConfig,
} from './session-config.ts'
import type { SessionEvent } from './session-events.ts'
import { SessionCounters } from './statistics.ts'

/** The moving parts of one session. */
export interface SessionParts {
  readonly sealer: PacketSealer
  readonly opener: PacketOpener
  readonly keyUpdates: KeyUpdates
  readonly exporter: KeyExporter
  readonly control: ControlFrames
  readonly datagrams: DatagramQueue
  readonly incomingDatagrams: IncomingDatagrams
  readonly deliveries: DeliveryTracker
  readonly paths: Paths
  readonly linkWatch: LinkWatch
  readonly probes: PathProbes
  /** Decides when the session moves. */
  readonly policy: PathPolicy
  /** The same object at an initiator, which can be given links. */
  readonly chooser: PathChooser | undefined
  readonly punching: PunchingPart | undefined
  readonly lifecycle: Lifecycle
  readonly assembler: PacketAssembler
  readonly receiver: PacketReceiver
  readonly counters: SessionCounters
  /** Events that wait to be polled. */
  readonly events: Fifo<SessionEvent>
}

/**
 * Puts the parts of a session together. They take over the secrets, which are wiped in `config`.
 *
 * @param idleTimeout milliseconds of silence that end the session
 */
export function wire(config: SessionConfig, idleTimeout: number): SessionParts {
  const { options = {}, provider = defaultProvider, role, source, entropy, secrets, localCid, remoteCid, now } = config
  const { punching: plugin, follow, tierOf } = config
  // Closures below do not name `config`, which would then live as long as the session.
  const { observer } = config
  const { keepAlive = DEFAULT_KEEP_ALIVE } = options
  const events = new Fifo<SessionEvent>()
  const emit = (event: SessionEvent): void => events.push(event)
  const control = new ControlFrames()
  const counters = new SessionCounters()
  const acks = new AckScheduler()
  const sealer = new PacketSealer(provider, claim(secrets.send), remoteCid, options.maxPacketNumber)
  const opener = new PacketOpener(provider, claim(secrets.receive))
  const datagrams = new DatagramQueue(options.datagramQueue ?? DEFAULT_DATAGRAM_QUEUE, emit)
  const incomingDatagrams = new IncomingDatagrams(config.localLimits.maxDatagram, emit)
  const punching =
    entropy &&
    plugin?.create({
      role,
      entropy,
      emit,
      roundTrip: () => paths.active?.rtt.smoothed ?? 0,
      onAnswered({ link, tier }, at) {
        if (!paths.find(link)) chooser?.add(link, tier, at)
      },
    })
  const deliveries = new DeliveryTracker(createDeliveryHandler(source, control, emit, punching), observer)
  const linkWatch = new LinkWatch(deliveries, emit)
  const keyUpdates = new KeyUpdates({
    sealer,
    opener,
    limits: { ...DEFAULT_KEY_UPDATE_LIMITS, ...options.keyUpdate },
    now,
    onEpoch: epoch => emit({ type: 'epoch', epoch }),
  })
  const host = {
    emit,
    onAbandoned: (path: Path) => deliveries.leave(path),
    onLossTimer: (path: Path, at: number) => deliveries.onTime(path, at),
    onAdding: () => opener.widenReplayWindow(),
    onActive: () => lifecycle.onAttached(),
    // A responder follows packets that ask for an acknowledgement, and an idle session would send none.
    onMoved: () => void (role === 'initiator' && control.queueOwnPing()),
  }
  const paths: Paths = new Paths(host, role === 'initiator' ? ROOM_OF_INITIATOR : ROOM_OF_RESPONDER)
  const probes = new PathProbes(paths, entropy)
  const chooser =
    role === 'initiator'
      ? new PathChooser(paths, probes, entropy, { emit, ping: () => control.queueOwnPing() })
      : undefined
  const policy = chooser ?? (follow as Follower).createPolicy(paths, probes, tierOf)
  const sendsKeepAlive = role === 'initiator' && keepAlive !== false
  const lifecycle = new Lifecycle({
    role,
    now,
    idleTimeout,
    detachedTimeout: options.detachedTimeout ?? idleTimeout,
    dormantTimeout: options.dormantTimeout ?? 0,
    keepAlive: sendsKeepAlive ? Math.min(keepAlive, idleTimeout / 2) : Number.POSITIVE_INFINITY,
    paths,
    emit,
  })
  const receiver = new PacketReceiver({
    role,
    opener,
    sealer,
    keyUpdates,
    acks,
    source,
    datagrams: incomingDatagrams,
    deliveries,
    paths,
    probes,
    punching,
    lifecycle,
    linkWatch,
    counters,
    observer,
    resetToken: config.resetToken?.slice(),
    localCid,
    maxFailures: options.maxFailures ?? DEFAULT_MAX_FAILURES,
    onVerified(packetNumber, size, at) {
      counters.onReceived(size)
      observer?.onPacketReceived?.(packetNumber, size, at)
      lifecycle.onVerified(at)
      return keyUpdates.follow(at)
    },
    onPathAnswered: (path, at) => policy.onAnswered(path, at),
  })
  const assembler = new PacketAssembler({
    sealer,
    acks,
    keyUpdates,
    control,
    datagrams,
    source,
    punching,
    deliveries,
    entropy,
  })
  const exporter = new KeyExporter(provider, claim(secrets.exporter))
  if (role === 'initiator') control.queueHandshakeDone()
  return { sealer, opener, keyUpdates, exporter, control, datagrams, incomingDatagrams, deliveries, paths, linkWatch, probes, policy, chooser, punching, lifecycle, assembler, receiver, counters, events } // biome-ignore format: one line
}

/** Links beside the active one. An initiator opens some in vain. */
// spec: STT-PKT-48
const ROOM_OF_INITIATOR = 8
const ROOM_OF_RESPONDER = 6

/** Takes over a secret: the original is wiped. */
function claim(secret: Uint8Array): Uint8Array {
  const copy = secret.slice()
  secret.fill(0)
  return copy
}
