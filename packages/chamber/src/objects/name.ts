import { toBase32 } from '@stt/crypto'

/** The name of one generation of a key, which is written once. */
// spec: STT-CHA-3
export function objectName(objectId: Uint8Array, generation: number): string {
  return `${OBJECT_FOLDER}${toBase32(objectId)}.${generation}`
}

/** Whether a chamber may have written this name; other names are left alone. */
export function isObjectName(name: string): boolean {
  return /^obj\/[a-z2-7]{32}\.[1-9][0-9]{0,15}$/.test(name)
}

export const OBJECT_FOLDER = 'obj/'
