import { Chamber as PortableChamber } from './chamber.ts'
import type { ChamberOptions } from './options.ts'
import { FilesystemStore } from './store/filesystem/filesystem-store.ts'

/** An encrypted store of bytes under keys, in a folder too. Keys are texts of any kind, up to 65,536 bytes of UTF-8. */
export class Chamber extends PortableChamber {
  /**
   * Opens a chamber, and makes it when there is none.
   *
   * @throws STT_CHAMBER_LOCKED when another writer has it open; STT_AUTHENTICATION for another key or passphrase;
   *   STT_CHAMBER_CORRUPT when what is stored was changed; STT_CHAMBER_STORE when the store fails; STT_INVALID_ARGUMENT;
   *   STT_INVALID_STATE for `readOnly` where there is no chamber; STT_ABORTED and STT_TIMEOUT by `signal`
   */
  static override async open(options: ChamberOptions): Promise<Chamber> {
    return Chamber.openWith(options, path => new FilesystemStore(path))
  }
}
