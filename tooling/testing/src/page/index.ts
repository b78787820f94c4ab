export type { Browser, Page as Tab } from 'playwright-core'
export { type Bundle, bundleForPage } from './bundle.ts'
export { callsOf } from './call-page.ts'
export { findChromium, launchChromium, openTab, type Site, serve } from './chromium.ts'
