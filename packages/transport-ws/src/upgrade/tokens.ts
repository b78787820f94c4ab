/** The parts of a comma-separated header value (RFC 9110 §5.6.1), without the space around them. */
export function headerTokens(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(',').map(token => token.trim())
}

/** Whether a header lists `token`, whatever its case. */
export function listsToken(value: string | undefined, token: string): boolean {
  return headerTokens(value).some(each => each.toLowerCase() === token)
}
