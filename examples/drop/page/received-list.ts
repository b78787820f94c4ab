import { printable } from '@stt/errors'
import { button, element, say } from './dom.ts'
import type { Inbox, ReceivedFile } from './inbox.ts'
import { Latest } from './latest.ts'
import { describeSize } from './rate.ts'
import { save, saveAll } from './save.ts'
import { sentenceOf } from './sentences.ts'

/** Files that came, until they are saved or removed. */
export class ReceivedList {
  readonly element: HTMLElement
  readonly #inbox: Inbox
  readonly #latest = new Latest(() => this.#show())
  readonly #list = element('ul', { class: 'files' })
  readonly #problem = element('p', { class: 'problem', role: 'alert', hidden: true })
  readonly #footer = element('div', { class: 'row' })

  constructor(inbox: Inbox) {
    this.#inbox = inbox
    this.element = element('section', { class: 'card received', 'aria-labelledby': 'received', hidden: true }, element('h2', { id: 'received' }, 'Received'), element('p', { class: 'help' }, 'They are in this browser, encrypted, until you save or remove them.'), this.#list, this.#problem, this.#footer) // biome-ignore format: one line
  }

  /** Many files may come within a second. What cannot be shown is said here. */
  readonly update = (): void => this.#do(() => this.#latest.run())

  async #show(): Promise<void> {
    const files = await this.#inbox.list()
    const unfinished = await this.#inbox.unfinished()
    this.#list.replaceChildren(...files.slice(0, MOST_SHOWN).map(file => this.#row(file)))
    if (files.length > MOST_SHOWN) this.#list.append(element('li', {}, `and ${files.length - MOST_SHOWN} more`))
    this.#footer.replaceChildren()
    if (files.length > 1) this.#footer.append(button('Save all', () => this.#change(() => saveAll(this.#inbox, files)))) // biome-ignore format: one line
    if (unfinished > 0) {
      const text = `Remove ${describeSize(unfinished)} of files that are not complete`
      this.#footer.append(button(text, () => this.#change(() => this.#inbox.clear()), { class: 'quiet' }))
    }
    this.element.hidden = files.length === 0 && unfinished === 0
  }

  #row(file: ReceivedFile): HTMLElement {
    const { size, saved } = file
    const path = printable(file.path)
    return element(
      'li',
      {},
      element('span', { class: 'path' }, path),
      element('span', { class: 'numbers' }, `${describeSize(size)}${saved ? ', handed to downloads' : ''}`),
      element(
        'span',
        { class: 'row' },
        button(saved ? 'Save again' : 'Save', () => this.#change(() => save(this.#inbox, file)), { 'aria-label': `Save ${path}` }), // biome-ignore format: one line
        button('Remove', () => this.#change(() => this.#inbox.remove(file)), { class: 'quiet', 'aria-label': `Remove ${path}` }), // biome-ignore format: one line
      ),
    )
  }

  /** Does something with what is listed, and lists it anew. */
  #change(action: () => Promise<unknown>): void {
    this.#problem.hidden = true
    this.#do(async () => {
      try {
        const said = await action()
        if (typeof said === 'string') say(said)
      } finally {
        await this.#latest.run()
      }
    })
  }

  #do(action: () => Promise<void>): void {
    action().catch((error: unknown) => {
      this.#problem.textContent = sentenceOf(error)
      this.#problem.hidden = false
      this.element.hidden = false
    })
  }
}

const MOST_SHOWN = 200
