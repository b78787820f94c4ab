import type { Page as Tab } from 'playwright-core'
import type { Page } from './page.ts'

/** Calls a function of a page that was bundled with `globalThis.page`. */
export const callPage = <K extends keyof Page>(
  tab: Tab,
  method: K,
  ...parameters: Parameters<Page[K]>
): Promise<Awaited<ReturnType<Page[K]>>> =>
  tab.evaluate(
    ([method, parameters]) =>
      (globalThis as unknown as { page: Record<string, (...p: unknown[]) => never> }).page[method]!(...parameters),
    [method, parameters] as const,
  )
