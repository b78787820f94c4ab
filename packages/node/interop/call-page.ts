import { callsOf } from '@stt/testing/page'
import type { Page } from './page.ts'

/** Calls a function of a page that was bundled with `globalThis.page`. */
export const callPage: ReturnType<typeof callsOf<Page>> = callsOf<Page>()
