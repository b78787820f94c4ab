/** How a link is asked for: `fetch`, or a test's. */
export type Ask = (url: string, method: 'HEAD' | 'GET') => Promise<{ readonly status: number }>

/**
 * Follows a link as a reader would, and a second time if there was no answer.
 *
 * @returns why it leads nowhere, or `undefined`
 */
export async function followLink(url: string, ask: Ask = askNetwork): Promise<string | undefined> {
  const first = await outcomeOf(url, ask)
  return first === undefined || /^says 4/.test(first) ? first : outcomeOf(url, ask)
}

async function outcomeOf(url: string, ask: Ask): Promise<string | undefined> {
  try {
    const head = await ask(url, 'HEAD')
    // Not every server knows HEAD, and some say "gone" to it.
    const { status } = head.status < 400 ? head : await ask(url, 'GET')
    // Who has asked too often, or is asked to prove that it is a person, has found somebody.
    return status < 400 || THERE.includes(status) ? undefined : `says ${status}`
  } catch (error) {
    const { message, cause } = error as Error
    return `does not answer: ${cause instanceof Error ? cause.message : message}`
  }
}

async function askNetwork(url: string, method: 'HEAD' | 'GET'): Promise<{ status: number }> {
  const { body, status } = await fetch(url, { method, signal: AbortSignal.timeout(PATIENCE) })
  await body?.cancel()
  return { status }
}

const THERE: readonly number[] = [403, 429]
/** Milliseconds. */
const PATIENCE = 20_000
