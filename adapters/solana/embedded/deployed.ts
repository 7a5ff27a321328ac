import { readFileSync } from 'node:fs'
import { PROGRAM_ID } from '../program.ts'
import type { Program } from './engine.ts'

const BUILT = new URL('../../../programs/built/ticket_ledger.so', import.meta.url)

/** What the embedded chain comes with: the ledger's own program. */
export const deployed = (address = PROGRAM_ID): readonly Program[] => [{ address, elf: readFileSync(BUILT) }]
