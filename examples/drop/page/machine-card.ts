import type { Chosen } from './chosen.ts'
import { ofDrop, ofField } from './chosen-files.ts'
import { button, element, say, setText } from './dom.ts'
import { tooMany } from './few.ts'
import type { Machine } from './machine.ts'
import { describeProgress, describeSize, Rate } from './rate.ts'
import { sentenceOf } from './sentences.ts'
import type { Transfer } from './transfer.ts'

export interface CardActions {
  forget(): Promise<void>
}

/** The part of the page for one machine, with the transfers to and from it. */
export class MachineCard {
  readonly element: HTMLElement
  readonly #machine: Machine
  readonly #status = element('p', { class: 'status' })
  readonly #problem = element('p', { class: 'problem', role: 'alert', hidden: true })
  readonly #interrupted = element('div', { class: 'notice', hidden: true })
  readonly #transfers = element('ul', { class: 'transfers', 'aria-label': 'Transfers' })
  readonly #rows: TransferRow[] = []

  constructor(machine: Machine, actions: CardActions) {
    this.#machine = machine
    const { id, name } = machine.pairing
    const title = element('h2', { id: `machine-${id.slice(0, 8)}` }, name)
    const send = (choose: () => Chosen | Promise<Chosen>): void =>
      this.#do(async () => {
        const chosen = await choose()
        if (chosen.entries.length + chosen.leftOut.length > 0) await machine.send(chosen)
      })
    const choose = (folder: boolean): HTMLInputElement => {
      const input = element('input', {
        type: 'file',
        multiple: true,
        hidden: true,
        webkitdirectory: folder,
        onchange() {
          const { files } = input
          if (files && files.length > 0) send(() => ofField(files))
          input.value = ''
        },
      })
      return input
    }
    const [files, folder] = [choose(false), choose(true)]
    const zone = element(
      'div',
      { class: 'zone' },
      element('p', {}, 'Drop files or folders here, or'),
      element(
        'div',
        { class: 'row' },
        button('Choose files', () => files.click(), { class: 'main', 'aria-label': `Choose files for ${name}` }),
        button('Choose a folder', () => folder.click(), { 'aria-label': `Choose a folder for ${name}` }),
      ),
      files,
      folder,
    )
    acceptDrops(zone, dropped => send(() => ofDrop(dropped)))
    this.element = element(
      'section',
      { class: 'card machine', 'aria-labelledby': title.id },
      element('div', { class: 'head' }, title, this.#menu(title, actions)),
      this.#status,
      this.#problem,
      this.#interrupted,
      zone,
      this.#transfers,
    )
    this.update()
  }

  add(transfer: Transfer): void {
    // A sender that begins anew after its session ended has one row.
    for (const row of this.#rows.filter(({ transfer: { direction, state } }) => direction === transfer.direction && ENDED.includes(state) && state !== 'done')) this.#remove(row) // biome-ignore format: one line
    const row = new TransferRow(transfer, () => this.#remove(row))
    this.#rows.unshift(row)
    this.#transfers.prepend(row.element)
    for (const old of tooMany(this.#rows, each => ENDED.includes(each.transfer.state))) this.#remove(old)
  }

  /** Says what went wrong beside transfers. */
  show(error: unknown): void {
    this.#problem.textContent = sentenceOf(error)
    this.#problem.hidden = false
  }

  get isActive(): boolean {
    return this.#rows.some(({ transfer }) => !ENDED.includes(transfer.state))
  }

  update(): void {
    const { isThere, isReachable, problem, pairing } = this.#machine
    this.element.classList.toggle('there', isThere && isReachable)
    this.element.classList.toggle('cut-off', problem !== undefined)
    const own = isReachable ? '' : problem === undefined ? ' This page is connecting to the relay…' : ` This page is not at the relay: ${problem}. It tries again by itself.` // biome-ignore format: one line
    const other = isThere ? 'It is there.' : pairing.peer === undefined ? 'Nobody has joined this pairing yet.' : 'It is not there now. Start “stt receive” or open its page.' // biome-ignore format: one line
    setText(this.#status, isReachable ? other : own.trim())
    this.#showInterrupted()
    for (const row of this.#rows) row.update()
  }

  #showInterrupted(): void {
    const { interrupted } = this.#machine
    this.#interrupted.hidden = interrupted === undefined
    if (interrupted === undefined || this.#interrupted.childElementCount > 0) return
    const text = `Sending ${interrupted} was interrupted. Choose the same again: it goes on where it was.`
    const hide = button('Hide', () => this.#do(() => this.#machine.forgetInterrupted()), { class: 'quiet' })
    this.#interrupted.replaceChildren(element('p', {}, text), hide)
  }

  #menu(title: HTMLElement, { forget }: CardActions): HTMLElement {
    const name = (): string => this.#machine.pairing.name
    const rename = (): void => {
      const given = prompt('Name', name())?.trim()
      if (!given) return
      this.#do(async () => {
        await this.#machine.rename(given)
        setText(title, given)
      })
    }
    const ask = (): void => {
      if (confirm(`Forget ${name()}? Files from it stay here until you remove them; to send again you pair anew.`))
        this.#do(forget)
    }
    return element('div', { class: 'row quiet' }, button('Rename', rename, { 'aria-label': `Rename ${name()}` }), button('Forget', ask, { 'aria-label': `Forget ${name()}` })) // biome-ignore format: one line
  }

  #do(action: () => Promise<void>): void {
    this.#problem.hidden = true
    action().catch((error: unknown) => this.show(error))
  }

  #remove(row: TransferRow): void {
    this.#rows.splice(this.#rows.indexOf(row), 1)
    row.element.remove()
  }
}

/** A transfer with its bar. */
class TransferRow {
  readonly element: HTMLElement
  readonly transfer: Transfer
  readonly #rate = new Rate()
  readonly #title = element('p', { class: 'what' })
  readonly #bar = element('progress', { max: '1' })
  readonly #text = element('p', { class: 'numbers' })
  readonly #refused = element('ul', { class: 'refused', hidden: true })
  readonly #stop: HTMLButtonElement
  #told = ''

  constructor(transfer: Transfer, onRemove: () => void) {
    this.transfer = transfer
    this.#stop = button('Stop', () => (ENDED.includes(this.transfer.state) ? onRemove() : this.transfer.stop()))
    this.element = element('li', {}, this.#title, this.#bar, element('div', { class: 'row' }, this.#text, this.#stop), this.#refused) // biome-ignore format: one line
    this.update()
  }

  update(): void {
    const { state, direction, what, bytes, total, way, refused } = this.transfer
    const verb =
      direction === 'out' ? (state === 'done' ? 'Sent' : 'Sending') : state === 'done' ? 'Received' : 'Receiving'
    setText(this.#title, `${verb} ${what}`)
    const share = total > 0 ? Math.min(1, Math.max(0, bytes / total)) : state === 'done' ? 1 : 0
    this.#bar.value = share
    this.#bar.setAttribute('aria-label', `${verb} ${what}`)
    if (state === 'running') this.#rate.add(bytes, performance.now())
    setText(this.#text, this.#describe())
    this.element.className = state
    const isEnded = ENDED.includes(state)
    setText(this.#stop, isEnded ? 'Hide' : 'Stop')
    this.#stop.setAttribute('aria-label', `${isEnded ? 'Hide' : 'Stop'}: ${verb} ${what}`)
    if (refused.first.length !== this.#refused.childElementCount) this.#showRefused()
    const news = `${verb} ${what}: ${state}${way === undefined ? '' : `, ${way}`}`
    if (news !== this.#told && state !== 'connecting') say(isEnded ? `${news}. ${this.#text.textContent}` : news)
    this.#told = news
  }

  #describe(): string {
    const { state, bytes, total, way, error, refused } = this.transfer
    const numbers = describeProgress(bytes, total, state === 'running' ? this.#rate.perSecond : undefined)
    switch (state) {
      case 'connecting':
        return 'Connecting…'
      case 'waiting':
        return `${error === undefined ? 'The connection ended.' : sentenceOf(error)} It goes on as soon as that changes.`
      case 'running':
        return way === undefined ? numbers : `${numbers}, ${way}`
      case 'done':
        return `${describeSize(total)}${way === undefined ? '' : `, ${way}`}${refused.count > 0 ? `; ${refused.count} not taken` : ''}`
      default:
        return error === undefined ? 'It ended.' : sentenceOf(error)
    }
  }

  #showRefused(): void {
    const shown = this.transfer.refused.first
    this.#refused.replaceChildren(...shown.map(({ path, reason }) => element('li', {}, `${path}: ${reason}`)))
    this.#refused.hidden = shown.length === 0
  }
}

function acceptDrops(zone: HTMLElement, onDrop: (dropped: DataTransfer) => void): void {
  const over = (isOver: boolean) => (event: DragEvent) => {
    event.preventDefault()
    zone.classList.toggle('over', isOver)
  }
  zone.addEventListener('dragover', over(true))
  zone.addEventListener('dragleave', over(false))
  zone.addEventListener('drop', event => {
    over(false)(event)
    if (event.dataTransfer) onDrop(event.dataTransfer)
  })
}

const ENDED: readonly Transfer['state'][] = ['done', 'failed', 'stopped']
