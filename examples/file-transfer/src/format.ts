/** A size for people: `64.0 MiB`. */
export function describeSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`
}

/** A rate for people: `212.4 MiB/s`. No time passed is no rate. */
export function describeRate(bytes: number, milliseconds: number): string {
  return milliseconds > 0 ? `${describeSize((bytes / milliseconds) * 1000)}/s` : '-'
}

/** A duration for people: `0.42 ms`, `12.3 ms`, `1,204 ms`. */
export function describeTime(milliseconds: number): string {
  return `${milliseconds < 1 ? milliseconds.toFixed(2) : milliseconds.toFixed(1)} ms`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
