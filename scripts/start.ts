import { readConfig } from '../adapters/config.ts'
import { startCounterfoil } from './counterfoil.ts'

// npm start: all of Counterfoil in one process, on PORT and DATA_DIR.

const inOneLine = (error: unknown): string => {
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') return `port ${port} is taken: stop what listens there, or set PORT to another`
  return message
}

try {
  const counterfoil = await startCounterfoil(readConfig(process.env))
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
