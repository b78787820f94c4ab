export { type Bundle, bundleForPage } from './bundle.ts'
export { findChromium, launchChromium, openTab, type Site, serve } from './chromium.ts'
