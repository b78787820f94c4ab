import { SttError } from './stt-error.ts'

/**
 * Loads a part that is apart until it is first needed: in a page that is a file to be fetched. `load` has the `import()` itself,
 * where bundlers look for it.
 *
 * @param what the part does, as a person would name it: "what relays take"
 * @throws SttError `STT_LOAD_FAILED`; nothing of the failure is kept, so that it may be asked for again
 */
export async function loadPart<T>(what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const message = `${what} could not be loaded: look whether this device is online, then load the page or start the program again`
    throw new SttError('STT_LOAD_FAILED', message, { cause })
  }
}
