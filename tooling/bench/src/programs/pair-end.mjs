// One end of a pair: `pair-end.mjs ENTRY TASK` serves, with the address of that behind it dials. The task is a `Task` of
// pairs/measure.ts, as JSON. Imports a build's entry as it is, with no loader, and uses what every build has.
const [entry, json, address] = process.argv.slice(2)
const { kind, listen, udp, warm, amount } = JSON.parse(json)
const { Seed, STTNode } = await import(entry)
const seed = Seed.fromBytes(new Uint8Array(32).map((_, i) => i + 1))

/** What goes on when the parent says something. */
let wake = () => {}
const told = () =>
  new Promise(resolve => {
    wake = resolve
  })
process.on('message', () => wake())
process.once('disconnect', () => process.exit())

/** Microseconds of all threads of this process so far. */
const spent = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}

const works = {
  async upload(node) {
    const session = await node.connect(address)
    const stream = await session.openStream()
    const confirmations = stream[Symbol.asyncIterator]()
    const block = new Uint8Array(65_536)
    return async bytes => {
      for (let left = bytes; left > 0; left -= block.length) await stream.write(block.subarray(0, left))
      await confirmations.next()
    }
  },
  async ping(node) {
    const session = await node.connect(address)
    return async count => {
      for (let i = 0; i < count; i++) await session.ping()
    }
  },
  async handshake(node) {
    return async count => {
      for (let i = 0; i < count; i++) await (await node.connect(address)).close()
    }
  },
}

if (address === undefined) await serve()
else await dial()

/** Tells where it listens, and then, as often as it is asked, what it has spent. */
async function serve() {
  // Thousands of handshakes from one address are an attack everywhere but here.
  const limits = { handshakesPerSecond: 1e6, handshakesPerPrefix: 1e6 }
  const node = await STTNode.create({ seed, udp, listen: [listen], limits })
  node.onSession(session => session.onStream(confirm))
  process.send({ address: node.addresses[0] })
  for (;;) {
    await told()
    process.send({ spent: spent() })
  }
}

/** One byte says that the part for warming up is here, another one that all is. */
async function confirm(stream) {
  const marks = [warm, warm + amount]
  let received = 0
  for await (const chunk of stream) {
    received += chunk.length
    while (received >= marks[0]) {
      marks.shift()
      await stream.write(new Uint8Array(1))
    }
  }
  await stream.end()
}

/** Warms up, says so, and when it is told to go on does the work and tells what that took. */
async function dial() {
  const node = await STTNode.create({ seed, udp })
  const work = await works[kind](node)
  await work(warm)
  process.send({ warm: true })
  await told()
  const before = spent()
  await work(amount)
  process.send({ spent: spent() - before })
}
