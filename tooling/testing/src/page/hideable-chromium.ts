import puppeteer, { type Browser as HideableChromium } from 'puppeteer-core'

export type { Browser as HideableChromium, Page as HideableTab } from 'puppeteer-core'

/** A Chromium in which a tab behind another one is hidden, and can be frozen: Playwright shows each of its tabs as if it were in front. */
export const launchHideableChromium = (executablePath: string): Promise<HideableChromium> =>
  puppeteer.launch({ browser: 'chrome', executablePath, headless: true, args: FLAGS, ignoreDefaultArgs: ALWAYS_AWAKE })

const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run']
const ALWAYS_AWAKE = [
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-background-timer-throttling',
]
