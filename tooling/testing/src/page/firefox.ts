import { existsSync } from 'node:fs'
import puppeteer, { type Browser as Firefox } from 'puppeteer-core'

export type { Browser as Firefox, Page as FirefoxTab } from 'puppeteer-core'

/** The Firefox of this machine, if there is one (Debian: firefox-esr), which Playwright cannot drive. */
export const findFirefox = (): string | undefined =>
  ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(path => existsSync(path))

/** @param preferences what `about:config` has, beyond what is usual */
export const launchFirefox = (
  executablePath: string,
  preferences: Readonly<Record<string, unknown>> = {},
): Promise<Firefox> =>
  puppeteer.launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox: { ...preferences } })
