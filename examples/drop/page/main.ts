import { takeFragment } from './fragment.ts'
import { missing } from './support.ts'

// First of all, before anything else is loaded.
const invited = takeFragment()
const main = document.getElementById('main')!
const why = missing()
if (why === undefined) await begin()
else {
  const { showProblem } = await import('./problem.ts')
  showProblem(main, 'This page cannot begin here', why)
}

async function begin(): Promise<void> {
  try {
    const { App } = await import('./app.ts')
    await App.open(main, invited)
  } catch (error) {
    const { showFailure } = await import('./problem.ts')
    showFailure(main, error)
  }
}
