import { Conflict, type Ledger } from '../../domain/ledger.ts'
import { sampleFact } from '../ledger.sample.ts'
import { sqliteLedger } from './ledger.ts'

/** What became of an append, and the last fact in it. */
export type Report = (answer: 'recorded' | 'won' | 'lost', factId: string) => void

/** Eight callers, each in turn: three facts to a stream of its own, then one to a stream that every writer wants. */
export const write = (ledger: Ledger, name: string, rounds: number, report: Report) =>
  Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const stream = `ticket-${name}-${i}`
      for (let n = 0; n < rounds; n++) {
        const facts = [0, 1, 2].map((k) => sampleFact(`${stream}/${3 * n + k}`))
        await ledger.append(stream, n === 0 ? 'none' : 3 * n - 1, facts)
        report('recorded', facts.at(-1)!.id)
        const wanted = `ticket-wanted-${i}-${n}`
        const fact = sampleFact(`${wanted}/${name}`)
        report(await won(ledger.append(wanted, 'none', [fact])), fact.id)
      }
    }),
  )

const won = (append: Promise<unknown>) =>
  append.then(
    () => 'won' as const,
    (error: unknown) => {
      if (error instanceof Conflict) return 'lost' as const
      throw error
    },
  )

// As another process on the same file. A pipe is written to before this returns, so a kill takes no report back.
if (import.meta.main) {
  const [path, name, rounds] = process.argv.slice(2)
  await write(sqliteLedger(path!), name!, Number(rounds), (answer, factId) =>
    process.stdout.write(`${answer} ${factId}\n`),
  )
}
