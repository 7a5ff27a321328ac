import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../free-port.world.ts'
import { connectRedis, type SharedRedis } from './redis.ts'

/** Debian and Ubuntu: `apt-get install redis-server`. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0

/** A real Redis of the tests' own, on a free port, that keeps nothing on disk. */
export const redisServer = async () => {
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const begin = async () => {
    const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
      cwd: tmpdir(),
      stdio: 'ignore',
    })
    await reachable(url)
    return server
  }
  let server = await begin()
  return {
    url,
    kill: () => end(server),
    restart: async () => {
      server = await begin()
    },
    /** It keeps its connections, takes new ones, and answers nothing. */
    freeze: () => server.kill('SIGSTOP'),
    thaw: () => server.kill('SIGCONT'),
    stop: () => end(server),
  }
}

/** Waits, at most five seconds, until it answers. */
export const answering = async (redis: SharedRedis): Promise<void> => {
  for (const deadline = Date.now() + 5_000; ; await sleep(5)) {
    const answer = await redis.run('return 1', []).catch((error: Error) => error)
    if (answer === 1) return
    if (Date.now() > deadline) throw new Error('Redis did not answer within 5 s', { cause: answer })
  }
}

const reachable = async (url: string): Promise<void> => {
  const redis = connectRedis({ url, warn: () => {} })
  await answering(redis).finally(redis.close)
}

const end = async (server: ChildProcess): Promise<void> => {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGKILL')
  await once(server, 'exit')
}
