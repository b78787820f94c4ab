/** The address of a node at a relay. @param id 64 hexadecimal digits; of a circuit that came its ticket */
export const relayAddress = (url: string, id: string): string => `relay:${url}#${id}`

export const isAtRelay = (text: string): boolean => /^relay:/i.test(text)
