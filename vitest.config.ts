import { defineConfig } from 'vitest/config'
import { closingLine } from './scripts/closing-line.ts'

export default defineConfig({
  test: {
    include: ['{adapters,commands,domain,programs,projections,queries,scripts}/**/*.test.ts'],
    reporters: ['default', closingLine],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more workers than that only make PGlite's start-up slower.
    maxWorkers: 2,
  },
})
