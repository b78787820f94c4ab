import { element, say } from './dom.ts'
import { sentenceOf } from './sentences.ts'

export const input = (properties: Readonly<Record<string, string | boolean>>): HTMLInputElement =>
  element('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...properties })

interface Work {
  /** The text of its button. */
  readonly does: string
  readonly run: () => Promise<void>
  readonly beside?: HTMLElement
}

/** A card with a form that works for a few seconds, and says what went wrong. */
export function working(
  title: string,
  { does, run, beside }: Work,
  ...parts: (HTMLElement | undefined)[]
): HTMLFormElement {
  const problem = element('p', { class: 'problem', role: 'alert', hidden: true })
  const submit = element('button', { type: 'submit', class: 'main' }, does)
  const work = async (event: Event): Promise<void> => {
    event.preventDefault()
    problem.hidden = true
    submit.disabled = true
    submit.textContent = 'Working…'
    say('Working. This takes a few seconds.')
    // Stretching the phrase keeps the page busy: what it shows is painted before.
    await new Promise(resolve => setTimeout(resolve, 50))
    try {
      await run()
    } catch (error) {
      problem.textContent = sentenceOf(error)
      problem.hidden = false
    }
    submit.disabled = false
    submit.textContent = does
  }
  return element(
    'form',
    { class: 'card', onsubmit: (event: Event) => void work(event) },
    element('h2', { tabindex: '-1' }, title),
    ...parts,
    problem,
    element('div', { class: 'row' }, submit, beside),
  )
}
