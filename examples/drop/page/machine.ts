import type { Chamber } from '@stt/chamber'
import { printable } from '@stt/errors'
import { type CloseReason, isSttError, type Session, STTNode, toHex } from '@stt/node'
import { BACK_SOON, metadataOf, receiveTransfer, sendTransfer, serves, TransferError, verbOf } from '@stt/transfer'
import type { Chosen, ChosenEntry } from './chosen.ts'
import { chosenFiles } from './chosen-files.ts'
import { isFull, NO_SPACE } from './full.ts'
import { hashing, readyHashing } from './hashing.ts'
import type { Inbox } from './inbox.ts'
import { changePairing, keysOf, type Pairing } from './pairings.ts'
import { Said } from './sentences.ts'
import { follow, newTransfer, type Transfer } from './transfer.ts'

export interface MachineEvents {
  /** Something of this machine is to be shown anew. */
  readonly onChange: () => void
  readonly onTransfer: (transfer: Transfer) => void
  /** A file is in the inbox. */
  readonly onReceived: () => void
  /** Something that no transfer shows went wrong. */
  readonly onProblem: (error: unknown) => void
}

/** The other machine of a pairing, as this page sees it: whether it is there, and what goes to and comes from it. */
export class Machine {
  readonly #node: STTNode
  readonly #vault: Chamber
  readonly #inbox: Inbox
  readonly #events: MachineEvents
  readonly #present = new Set<string>()
  /** Over which something is sent or received. */
  readonly #sessions = new Set<Session>()
  /** Ends with this machine. */
  readonly #closing: AbortController
  #pairing: Pairing
  #interrupted: string | undefined

  private constructor(
    node: STTNode,
    closing: AbortController,
    pairing: Pairing,
    vault: Chamber,
    inbox: Inbox,
    events: MachineEvents,
  ) {
    this.#node = node
    this.#closing = closing
    this.#pairing = pairing
    this.#vault = vault
    this.#inbox = inbox
    this.#events = events
  }

  /** Joins what is at the pairing's relays. @throws STT_BAD_ADDRESS */
  static async open(pairing: Pairing, vault: Chamber, inbox: Inbox, events: MachineEvents): Promise<Machine> {
    const { seed, identity } = await keysOf(vault, pairing)
    const closing = new AbortController()
    let machine: Machine | undefined
    let node: STTNode | undefined
    // A pairing is of two: who comes first has the other place.
    const admit = (id: string): boolean => {
      const { peer } = machine?.pairing ?? pairing
      return peer === undefined || peer === id
    }
    const leave = (): void => {
      if (machine) machine.#leave()
    }
    // Before the node does it, which has no more to say than goodbye.
    addEventListener('pagehide', ({ persisted }) => persisted || leave(), { signal: closing.signal })
    try {
      node = await STTNode.create({
        seed,
        identity,
        relays: pairing.relays,
        plainRelays: true,
        metadata: metadataOf('receive'),
        authorize: ({ id }) => admit(toHex(id)),
        limits: { maxStreamWindow: 4 * 1_048_576, sessionsPerPeer: 4 },
      })
      machine = new Machine(node, closing, pairing, vault, inbox, events)
      const begun = (await vault.getMetadata(SENDING + pairing.id))?.metadata as { what: string } | undefined
      machine.#interrupted = begun?.what
      machine.#watch().catch(events.onProblem)
      machine.#serve().catch(events.onProblem)
      return machine
    } catch (error) {
      closing.abort()
      await node?.close()
      throw error
    }
  }

  get pairing(): Pairing {
    return this.#pairing
  }

  /** Whether the other machine is at a relay now. */
  get isThere(): boolean {
    const { peer } = this.#pairing
    return peer === undefined ? this.#present.size > 0 : this.#present.has(peer)
  }

  /** Whether this page can be reached: it is at a relay. */
  get isReachable(): boolean {
    return this.#node.relays.some(({ state }) => state === 'listening')
  }

  /** Why a relay of the pairing refused or was lost. */
  get problem(): string | undefined {
    return this.isReachable ? undefined : this.#node.relays.find(({ problem }) => problem !== undefined)?.problem
  }

  /** The files that were being sent when the page was closed, in a few words: a page may not read them again by itself. */
  get interrupted(): string | undefined {
    return this.#interrupted
  }

  async forgetInterrupted(): Promise<void> {
    this.#interrupted = undefined
    await this.#vault.delete(SENDING + this.#pairing.id)
    this.#events.onChange()
  }

  async rename(name: string): Promise<void> {
    await this.#change({ ...this.#pairing, name })
  }

  /** Sends files; one that was begun before goes on where it was. A session that ends on the way is dialed anew. */
  async send({ entries, leftOut }: Chosen): Promise<void> {
    const stopping = new AbortController()
    const files = entries.filter(({ kind }) => kind === 'file')
    const total = sizeOf(files)
    const what = files.length === 1 ? files[0]!.path : files.length === 0 ? 'folders' : `${files.length} files`
    const transfer = newTransfer('out', what, files.length, total, () => stopping.abort(new Said('Stopped.')))
    for (const { path, reason } of leftOut) transfer.refused.add(path, reason)
    this.#events.onTransfer(transfer)
    const left = new Set(entries)
    this.#interrupted = undefined
    try {
      if (entries.length === 0) throw new Said('None of it has a name that every system takes.')
      await this.#vault.store(SENDING + this.#pairing.id, new Uint8Array(0), { metadata: { what } })
      await readyHashing()
      while (!(await this.#sendOnce(transfer, left, stopping.signal))) {
        transfer.state = 'waiting'
        this.#events.onChange()
        await until(stopping.signal, RETRY)
      }
      transfer.bytes = total
      transfer.state = 'done'
    } catch (error) {
      transfer.state = stopping.signal.aborted ? 'stopped' : 'failed'
      transfer.error = stopping.signal.aborted ? stopping.signal.reason : error
    }
    await this.forgetInterrupted()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#node.close()
  }

  /** @returns false where the session ended on the way, or the other machine is not there yet */
  async #sendOnce(transfer: Transfer, left: Set<ChosenEntry>, signal: AbortSignal): Promise<boolean> {
    const session = await this.#dial(transfer, signal)
    if (!session) return false
    const stop = (): void => void session.close({ code: 130, reason: 'interrupted', deadline: 500 })
    signal.addEventListener('abort', stop)
    follow(session, transfer, this.#events.onChange)
    try {
      const entries = [...left]
      const done = transfer.total - sizeOf(entries)
      transfer.state = 'running'
      await sendTransfer(await session.openStream({ signal }), {
        entries,
        source: chosenFiles,
        hashing,
        signal,
        events: {
          onFile: (entry, _outcome, reason) => {
            left.delete(entry)
            if (reason !== undefined) transfer.refused.add(entry.path, reason)
          },
          onProgress: bytes => {
            transfer.bytes = done + bytes
          },
        },
      })
      await session.close({ code: 0, reason: 'done' })
      return true
    } catch (error) {
      signal.throwIfAborted()
      if (!isSttError(error)) {
        await session.close({ code: 1, reason: 'the sender failed', deadline: 500 })
        throw error
      }
      const reason = await session.closed
      if (isOver(reason)) throw endOf(reason, error)
      return false
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async #dial(transfer: Transfer, signal: AbortSignal): Promise<Session | undefined> {
    const { peer } = this.#pairing
    let session: Session
    try {
      const bounds = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])
      session = await this.#node.connect({ ...(peer !== undefined && { peer }), signal: bounds, metadata: metadataOf('send') }) // biome-ignore format: one line
    } catch (error) {
      signal.throwIfAborted()
      if (!isSttError(error) || !WORTH_WAITING.includes(error.code)) throw error
      transfer.error = error
      return undefined
    }
    transfer.error = undefined
    const verb = verbOf(session)
    if (!serves(verb, 'send')) {
      await session.close({ deadline: 0 })
      throw new Said(`That machine runs “stt ${verb ?? 'something else'}” now. Start “stt receive” there.`)
    }
    await this.#met(session)
    return session
  }

  /** The page is loaded anew, or closed: a sender goes on when it is there again. */
  #leave(): void {
    for (const session of this.#sessions)
      void session.close({ code: BACK_SOON, reason: 'the page was left', deadline: 0 })
  }

  /** Takes what the other machine sends. */
  async #serve(): Promise<void> {
    for await (const session of this.#node.sessions()) {
      const verb = verbOf(session)
      if (!serves('receive', verb)) {
        void session.close({ code: 4, reason: 'this side runs stt receive' })
        continue
      }
      try {
        await this.#met(session)
        if (verb !== 'ping') void this.#receive(session)
      } catch (error) {
        this.#refuse(session, error)
      }
    }
  }

  /** Who it is could not be kept: after a reload anybody else could be in its place. The next one is taken as ever. */
  #refuse(session: Session, error: unknown): void {
    const transfer = newTransfer('in', 'files', 0, 0, () => {})
    Object.assign(transfer, { state: 'failed', error } satisfies Partial<Transfer>)
    this.#events.onTransfer(transfer)
    this.#events.onChange()
    const reason = isFull(error) ? NO_SPACE : 'the page cannot keep who this is'
    void session.close({ code: 1, reason, deadline: 500 })
  }

  async #receive(session: Session): Promise<void> {
    const stopping = new AbortController()
    const transfer = newTransfer('in', 'files', 0, 0, () => stopping.abort(new Said('Stopped.')))
    this.#events.onTransfer(transfer)
    follow(session, transfer, this.#events.onChange)
    stopping.signal.addEventListener('abort', () => void session.close({ code: 130, reason: 'the receiver stopped', deadline: 500 })) // biome-ignore format: one line
    const target = this.#inbox.target(session.peer.id, () => stopping.abort(new Said('It goes on in a later connection of the same sender.'))) // biome-ignore format: one line
    try {
      await readyHashing()
      for await (const stream of session.streams()) {
        transfer.state = 'running'
        await receiveTransfer(stream, {
          target,
          signal: stopping.signal,
          events: {
            onBegin: (files, bytes) => {
              transfer.files = files
              transfer.total = bytes
              transfer.what = files === 1 ? 'a file' : `${files} files`
            },
            onFile: (path, _size, outcome, reason) => {
              if (transfer.files === 1) transfer.what = printable(path)
              if (outcome === 'refused') transfer.refused.add(path, reason ?? 'it was refused')
              else this.#events.onReceived()
            },
            onProgress: bytes => {
              transfer.bytes = bytes
            },
            onReceived() {},
          },
        })
        transfer.state = 'done'
        this.#events.onChange()
        // The sender closes once it has read that everything is here.
        await Promise.race([session.closed, until(stopping.signal, RETRY)])
        return
      }
      throw new TransferError('left', 'it left before it sent anything')
    } catch (error) {
      transfer.state = stopping.signal.aborted ? 'stopped' : 'failed'
      transfer.error = stopping.signal.aborted ? stopping.signal.reason : error
      // It was told in a message of the transfer; this is for one that reads no more.
      await session.close({ code: 1, reason: 'the receiver could not go on', deadline: 500 })
    }
    this.#events.onChange()
  }

  async #watch(): Promise<void> {
    for await (const { type, id } of this.#node.peers()) {
      const peer = toHex(id)
      if (type === 'appeared') this.#present.add(peer)
      else this.#present.delete(peer)
      this.#events.onChange()
    }
  }

  /** Keeps who the other machine is. */
  async #met(session: Session): Promise<void> {
    this.#sessions.add(session)
    void session.closed.then(() => this.#sessions.delete(session))
    const peer = toHex(session.peer.id)
    if (this.#pairing.peer === undefined) await this.#change({ ...this.#pairing, peer })
  }

  async #change(pairing: Pairing): Promise<void> {
    const before = this.#pairing
    this.#pairing = pairing
    try {
      if (!this.#closing.signal.aborted) await changePairing(this.#vault, pairing)
    } catch (error) {
      this.#pairing = before
      throw error
    }
    this.#events.onChange()
  }
}

/** Whether the other side ended the session on purpose, or this one did. */
const isOver = ({ by, app, code }: CloseReason): boolean =>
  (by === 'peer' && app && code !== BACK_SOON) || by === 'local' || by === 'violation' || by === 'fault'

const endOf = ({ by, app, reason }: CloseReason, error: unknown): unknown =>
  by === 'peer' && app ? new Said(`The other machine ended it: ${printable(reason) || 'it gave no reason'}.`) : error

/** Resolves after so many milliseconds, rejects when it is stopped. */
const until = (signal: AbortSignal, milliseconds: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })

const sizeOf = (entries: readonly ChosenEntry[]): number => entries.reduce((sum, { size }) => sum + size, 0)

const SENDING = 'sending/'
/** Somebody may start the other side, or the network come back. */
const WORTH_WAITING: readonly string[] = ['STT_TIMEOUT', 'STT_NOT_FOUND', 'STT_CONNECT_FAILED', 'STT_LINK_FAILED', 'STT_BUSY', 'STT_HANDSHAKE_FAILED', 'STT_CLOSED'] // biome-ignore format: one line
/** Milliseconds. */
const RETRY = 2_000
const PATIENCE = 20_000
