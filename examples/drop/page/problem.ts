import { isSttError } from '@stt/errors'
import { button, element } from './dom.ts'
import { sentenceOf } from './sentences.ts'
import { destroyVault } from './vault-key.ts'

/** Why the page cannot do anything, in the place of all else. */
export function showProblem(main: HTMLElement, title: string, text: string, ...actions: HTMLElement[]): void {
  const children = [element('h2', {}, title), element('p', { class: 'problem' }, text), ...actions]
  main.replaceChildren(element('section', { class: 'card', role: 'alert' }, ...children))
}

/** The same for an error, with what may help. */
export function showFailure(main: HTMLElement, error: unknown): void {
  const actions: HTMLElement[] = []
  if (isSttError(error, 'STT_CHAMBER_LOCKED'))
    actions.push(button('Try again', () => location.reload(), { class: 'main' }))
  if (isSttError(error, 'STT_CHAMBER_CORRUPT') || isSttError(error, 'STT_AUTHENTICATION')) {
    const forget = async (): Promise<void> => {
      try {
        await destroyVault()
        location.reload()
      } catch (why) {
        showFailure(main, why)
      }
    }
    actions.push(button('Forget everything here', () => void forget()))
  }
  showProblem(main, 'This page cannot begin', sentenceOf(error), ...actions)
}
