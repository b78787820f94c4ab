import type { Page as Tab } from 'playwright-core'

type Calls<Page extends Methods<Page>> = <K extends keyof Page>(
  tab: Tab,
  method: K,
  ...parameters: Parameters<Page[K]>
) => Promise<Awaited<ReturnType<Page[K]>>>

type Methods<Page> = { readonly [K in keyof Page]: (...parameters: never[]) => unknown }

/** Calls functions of a page that was bundled with `globalThis.page`. */
export const callsOf =
  <Page extends Methods<Page>>(): Calls<Page> =>
  (tab, method, ...parameters) =>
    tab.evaluate(
      ([method, parameters]) =>
        (globalThis as unknown as { page: Record<string, (...p: unknown[]) => never> }).page[method]!(...parameters),
      [method as string, parameters as unknown[]] as const,
    )
