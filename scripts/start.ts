import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { sidesIn } from './sides.ts'

// npm start: all of Counterfoil in one process, on PORT and DATA_DIR.
// npm run start:commands, start:queries, start:projections: one side of it, of which there may be any number on one DATABASE_URL.

const inOneLine = (error: unknown): string => {
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') return `port ${port} is taken: stop what listens there, or set PORT to another`
  return message
}

// Before anything large is imported. A folder that cannot be written to costs half a second, and nothing else.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/counterfoil/code', import.meta.url)))

try {
  const { readConfig } = await import('../adapters/config.ts')
  const { openParts } = await import('../adapters/parts.ts')
  const config = readConfig(process.env)
  const sides = sidesIn(process.argv.slice(2), config.databaseUrl)
  // The database of the read models starts on a thread of its own; meanwhile the rest of the code is read in.
  const [parts, { serve }] = await Promise.all([openParts(config), import('./counterfoil.ts')])
  const counterfoil = await serve(parts, sides)
  console.log(`Counterfoil is ready: ${counterfoil.url}/docs`)
  const stop = async () => {
    await counterfoil.stop()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
} catch (error) {
  console.error(`Counterfoil cannot start: ${inOneLine(error)}`)
  process.exit(1)
}
