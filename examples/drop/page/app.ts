import type { Chamber } from '@stt/chamber'
import { type Invitation, parseInvitation } from '@stt/transfer'
import { ask } from './ask.ts'
import { AskedLink } from './asked-link.ts'
import { element, say } from './dom.ts'
import { takeFragment } from './fragment.ts'
import { Inbox } from './inbox.ts'
import { invite } from './invite.ts'
import { Machine } from './machine.ts'
import { MachineCard } from './machine-card.ts'
import { pairForm } from './pair-form.ts'
import { beginPairing, forgetPairing, joinPairing, listPairings, type Pairing } from './pairings.ts'
import { ReceivedList } from './received-list.ts'
import { checkRelay, ownRelay } from './relay-address.ts'
import { sentenceOf } from './sentences.ts'
import type { Transfer } from './transfer.ts'
import { openVault } from './vault-key.ts'

/** The page once what it keeps is open. */
export class App {
  readonly #vault: Chamber
  readonly #inbox: Inbox
  readonly #received: ReceivedList
  readonly #machines = element('div', { class: 'machines' })
  readonly #more = element('div', {})
  /** A link that somebody has to say yes to. */
  readonly #asked = element('div', {})
  readonly #link: AskedLink
  /** The words and the link that the other side of a new pairing needs. */
  readonly #invite = element('div', {})
  readonly #problem = element('p', { class: 'problem', role: 'alert', hidden: true })
  readonly #cards = new Map<string, MachineCard>()
  readonly #opened = new Map<string, Machine>()
  #isStale = false
  /** Turns in which nothing was drawn. */
  #quiet = 0

  private constructor(vault: Chamber) {
    this.#vault = vault
    this.#link = new AskedLink(vault)
    this.#inbox = new Inbox(vault)
    this.#received = new ReceivedList(this.#inbox)
  }

  /** @param invited what the page's address said when it was opened */
  static async open(main: HTMLElement, invited: string | undefined): Promise<void> {
    await new App(await openVault()).#start(main, invited)
  }

  async #start(main: HTMLElement, invited: string | undefined): Promise<void> {
    main.replaceChildren(this.#problem, this.#asked, this.#invite, this.#machines, this.#received.element, this.#more)
    for (const pairing of await listPairings(this.#vault)) await this.#open(pairing)
    this.#received.update()
    this.#showForms()
    // The page may be open when a code is scanned.
    addEventListener('hashchange', () => void this.#take(takeFragment()))
    await this.#take(invited ?? (await this.#link.find()))
    setInterval(() => this.#draw(), TURN)
  }

  /** Asks whether to join the pairing that the page's address had: nothing is dialed, and no pairing kept, before somebody said yes. */
  async #take(text: string | undefined): Promise<void> {
    if (text === undefined) return
    this.#problem.hidden = true
    try {
      const given = parseInvitation(text)
      // Before the question, so that the page can be loaded again while it is there. Without space for it there is the question alone.
      await this.#link.keep(text).catch(this.#show)
      const invitation = { ...given, relays: given.relays.length > 0 ? given.relays.map(checkRelay) : [ownRelay()] }
      const known = [...this.#opened.values()].find(
        ({ pairing: { peer } }) => peer !== undefined && peer === given.peer,
      )
      const asking = ask(invitation, known?.pairing.name, {
        join: async name => {
          await this.#join(name, invitation)
          await this.#answered()
        },
        decline: () => void this.#answered().then(() => say('Not paired.')),
      })
      this.#asked.replaceChildren(asking)
      // One question at a time.
      this.#more.hidden = true
      asking.querySelector('h2')!.focus()
    } catch (error) {
      await this.#answered()
      this.#show(error)
    }
  }

  async #answered(): Promise<void> {
    await this.#link.forget().catch(this.#show)
    this.#asked.replaceChildren()
    this.#more.hidden = false
  }

  readonly #show = (error: unknown): void => {
    this.#problem.textContent = sentenceOf(error)
    this.#problem.hidden = false
  }

  async #join(name: string, invitation: Invitation): Promise<void> {
    this.#problem.hidden = true
    // Some browsers ask, and wait for the answer; without it they may clear all of this when their disk is full.
    void navigator.storage?.persist?.().catch(() => {})
    const pairing = await joinPairing(this.#vault, name || this.#freeName(), invitation)
    // Who scans twice has one machine, at the relays that it said last.
    await this.#close(pairing)
    await this.#open(pairing)
    this.#showForms()
    say(`Paired with ${pairing.name}.`)
  }

  async #begin(name: string, relay: string): Promise<void> {
    this.#problem.hidden = true
    const { pairing, phrase, link } = await beginPairing(
      this.#vault,
      name || this.#freeName(),
      [relay],
      location.origin + location.pathname,
    )
    await this.#open(pairing)
    const panel = await invite({ phrase, link, relay, id: pairing.id }, () => this.#invite.replaceChildren())
    this.#showForms()
    this.#invite.replaceChildren(panel)
    panel.querySelector('h2')!.focus()
  }

  async #open(pairing: Pairing): Promise<void> {
    const update = (): void => {
      this.#isStale = true
    }
    let card: MachineCard | undefined
    const machine = await Machine.open(pairing, this.#vault, this.#inbox, {
      onChange: update,
      onTransfer: (transfer: Transfer) => card?.add(transfer),
      onReceived: this.#received.update,
      onProblem: error => (card ? card.show(error) : this.#show(error)),
    })
    card = new MachineCard(machine, {
      forget: async () => {
        await this.#forget(pairing)
        this.#showForms()
      },
    })
    this.#cards.set(pairing.id, card)
    this.#opened.set(pairing.id, machine)
    this.#machines.append(card.element)
  }

  async #forget(pairing: Pairing): Promise<void> {
    await this.#close(pairing)
    await forgetPairing(this.#vault, pairing)
  }

  async #close(pairing: Pairing): Promise<void> {
    await this.#opened.get(pairing.id)?.close()
    this.#cards.get(pairing.id)?.element.remove()
    this.#cards.delete(pairing.id)
    this.#opened.delete(pairing.id)
  }

  #showForms(): void {
    const forms = pairForm({ join: (name, invitation) => this.#join(name, invitation), begin: (name, relay) => this.#begin(name, relay) }) // biome-ignore format: one line
    const title = this.#cards.size === 0 ? undefined : element('summary', {}, 'Pair with another machine or page')
    this.#more.replaceChildren(title ? element('details', { class: 'more' }, title, forms) : forms)
  }

  #draw(): void {
    const isActive = [...this.#cards.values()].some(each => each.isActive)
    // The loss of a relay is no event, so its state is read now and then.
    if (!this.#isStale && !isActive && ++this.#quiet < LONGEST_QUIET) return
    this.#quiet = 0
    this.#isStale = false
    for (const card of this.#cards.values()) card.update()
  }

  #freeName(): string {
    for (let number = 1; ; number++) {
      const name = `Machine ${number}`
      if (![...this.#opened.values()].some(({ pairing }) => pairing.name === name)) return name
    }
  }
}

/** Milliseconds between two looks. */
const TURN = 250
/** Turns. */
const LONGEST_QUIET = 4
