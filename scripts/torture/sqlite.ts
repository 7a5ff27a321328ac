import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../adapters/free-port.world.ts'
import { embeddedIssuer } from '../../adapters/keys/tokens.ts'
import { sqliteVault } from '../../adapters/sqlite/vault.ts'
import { processOf } from '../cluster/processes.ts'
import { LIMITS, mismatchesOn, type Setup } from './setup.ts'

/** The embedded set-up: one process on a data folder. */
export const sqliteSetup = async (folder: string, died: (process: string, how: string) => void): Promise<Setup> => {
  const port = await freePort()
  const data = join(folder, 'data')
  const name = 'counterfoil'
  const server = processOf({
    name,
    command: process.execPath,
    args: ['scripts/start.ts'],
    env: { ...LIMITS, PORT: String(port), DATA_DIR: data },
    ready: / is ready/,
    log: join(folder, `${name}.log`),
    died: (how) => died(name, how),
  })
  await server.start()
  const vault = sqliteVault(join(data, 'vault.db'))
  const issuer = await embeddedIssuer(vault)
  await vault.close()

  const urls = [`http://127.0.0.1:${port}`]
  return {
    folder,
    commandUrls: urls,
    queryUrls: urls,
    processes: { [name]: 1 },
    kill: (_, signal) => server.kill(signal),
    restart: server.start,
    tokenOf: (role, subject) => issuer.issue({ subject, role, tenant: 'demo', venues: [], expiresIn: 86_400 }),
    rebuild: async () => {
      await server.kill('SIGTERM')
      await rm(join(data, 'read-models'), { recursive: true })
      await server.start()
    },
    mismatches: () => mismatchesOn({ DATA_DIR: data }),
    stop: () => server.kill('SIGTERM'),
  }
}
