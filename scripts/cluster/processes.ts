import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** A process that is started again and again with the same command. */
export type Process = {
  /** Resolves once it said that it is ready, or was killed before that. Throws when it ended by itself. */
  readonly start: () => Promise<void>
  readonly kill: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>
}

type Options = {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What it says on stdout once it is ready. */
  readonly ready: RegExp
  /** All that it says is kept there. */
  readonly log: string
  /** Called when it ends and nobody killed it. */
  readonly died: (how: string) => void
}

const ROOT = new URL('../../', import.meta.url).pathname

const PATIENCE_MS = 60_000

const RUNNING = new Set<ChildProcess>()

process.once('exit', () => {
  for (const child of RUNNING) child.kill('SIGKILL')
})

export const processOf = ({ name, command, args, env, ready, log, died }: Options): Process => {
  const file = createWriteStream(log, { flags: 'a' })
  let child: ChildProcess | undefined
  return {
    start: async () => {
      const started = spawn(command, args, {
        cwd: ROOT,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = started
      RUNNING.add(started)
      let said = ''
      for (const output of [started.stdout, started.stderr])
        output.on('data', (text) => {
          said = `${said}${text}`.slice(-2_000)
          file.write(text)
        })
      started.once('exit', (code, signal) => {
        RUNNING.delete(started)
        if (child === started) died(`ended by itself with ${code ?? signal}: ${said.trim()}`)
      })
      const deadline = Date.now() + PATIENCE_MS
      while (child === started && !ready.test(said)) {
        if (Date.now() > deadline || started.exitCode !== null)
          throw new Error(`${name} is not ready: ${said.trim() || 'it said nothing'}. See ${log}`)
        await setTimeout(10)
      }
    },
    kill: async (signal) => {
      const ending = child
      // From here on its end is ours.
      child = undefined
      if (!ending || !RUNNING.has(ending)) return
      const exited = once(ending, 'exit')
      ending.kill(signal)
      const patience = setTimeout(PATIENCE_MS, undefined, { ref: false }).then(() => 'patience')
      if ((await Promise.race([exited, patience])) !== 'patience') return
      died(`did not end on ${signal}`)
      ending.kill('SIGKILL')
      await exited
    },
  }
}
