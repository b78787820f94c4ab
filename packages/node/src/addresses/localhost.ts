/** Whether a name means this machine itself, whatever the system's files say of it (RFC 6761 §6.3). */
export const isLocalhost = (name: string): boolean => /^(.+\.)?localhost\.?$/i.test(name)
