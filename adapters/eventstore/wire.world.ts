import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A wire to a port on this machine that can be cut and silenced. */
export const wireTo = async (port: number) => {
  const ends = new Set<Socket>()
  let silent = false
  let calls = 0

  const server = createServer({ noDelay: true }, (near) => {
    calls++
    const far = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from)
      // A silent peer takes what it is sent and says nothing, not even that it is gone.
      from.on('data', (data) => !silent && to.write(data))
      from.on('error', () => {})
      from.on('close', () => {
        ends.delete(from)
        to.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const end of ends) end.destroy()
  }

  return {
    port: (server.address() as { port: number }).port,
    /** How often somebody has connected. */
    calls: () => calls,
    cut,
    silence: () => {
      silent = true
    },
    /** For new connections: what was said meanwhile is lost, and with it the old ones. */
    mend: () => {
      silent = false
      cut()
    },
    close: async () => {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}

export type Wire = Awaited<ReturnType<typeof wireTo>>
