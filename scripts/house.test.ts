import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'

type Source = { readonly path: string; readonly text: string }

type Rule = {
  readonly name: string
  /** What in this file breaks the rule. */
  readonly breaches: (source: Source) => readonly string[]
  /** Files that would: what a rule never catches, it does not forbid. */
  readonly offenders: readonly Source[]
  /** Files that look like it, and are welcome. */
  readonly welcome: readonly Source[]
}

const FOLDERS = ['adapters', 'commands', 'domain', 'programs', 'projections', 'queries', 'scripts']
const root = new URL('../', import.meta.url)

const source = (path: string): Source => ({ path, text: readFileSync(new URL(path, root), 'utf8') })
const sources: readonly Source[] = [
  ...FOLDERS.flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  ),
  ...readdirSync(root),
]
  .filter((path) => path.endsWith('.ts'))
  .map(source)

const IMPORT = /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/gm

/** What a file imports: files by their path from the root, packages by their name. */
const importsOf = ({ path, text }: Source): string[] =>
  [...text.matchAll(IMPORT)].map(([, from, bare]) => {
    const target = (from ?? bare)!
    return target.startsWith('.') ? posix.join(posix.dirname(path), target) : target
  })

const folderOf = (path: string): string => path.slice(0, path.indexOf('/'))

/** Tests, the worlds that they play in, and the suites that adapters are held to. */
const isTest = (path: string): boolean => /\.(test|world|contract)\.ts$/.test(path)

/** Where a process is put together out of its parts. */
const isMain = (path: string): boolean => posix.basename(path) === 'main.ts'

const importing = (path: string, ...targets: string[]): Source => ({
  path,
  text: targets.map((target) => `import {\n  thing,\n} from '${target}'\n`).join(''),
})

const lines = (path: string, count: number): Source => ({ path, text: 'const x = 1\n'.repeat(count) })

/** Who may import which of the other two. A query reads the tables that a projection writes, and so knows their columns. */
const KNOWS: Readonly<Record<string, readonly string[]>> = { commands: [], projections: [], queries: ['projections'] }
const SIDES = Object.keys(KNOWS)

const rules: readonly Rule[] = [
  {
    name: 'the domain imports only the domain and zod, and its tests only what tests need',
    breaches: ({ path, text }) => {
      if (folderOf(path) !== 'domain') return []
      const tools = isTest(path) || path === 'domain/spec.ts' ? ['vitest', 'fast-check', 'node:fs'] : []
      const allowed = ['zod', ...tools]
      return importsOf({ path, text }).filter((target) => !target.startsWith('domain/') && !allowed.includes(target))
    },
    offenders: [
      importing('domain/ticket/sale.ts', '../../commands/handle.ts'),
      importing('domain/money.ts', 'node:crypto'),
      importing('domain/money.ts', 'vitest'),
      importing('domain/money.test.ts', '../adapters/memory-ledger.ts'),
    ],
    welcome: [
      importing('domain/order/order.ts', '../decider.ts', 'zod'),
      importing('domain/money.test.ts', 'fast-check'),
    ],
  },
  {
    name: 'commands, queries and projections leave the adapters to main.ts, all but adapters/http',
    breaches: ({ path, text }) => {
      if (!SIDES.includes(folderOf(path)) || isTest(path) || isMain(path)) return []
      return importsOf({ path, text }).filter((target) => /^adapters\/(?!http\/)/.test(target))
    },
    offenders: [
      importing('commands/ordering.ts', '../adapters/sqlite/ledger.ts'),
      importing('queries/routes/orders.ts', '../../adapters/pglite/read-models.ts'),
      { path: 'projections/mail.ts', text: "export const mail = () => import('../adapters/mail/outbox.ts')" },
    ],
    welcome: [
      importing('commands/main.ts', '../adapters/sqlite/ledger.ts'),
      importing('commands/routes/events.ts', '../../adapters/http/server.ts'),
      importing('commands/order-process.world.ts', '../adapters/memory-ledger.ts'),
    ],
  },
  {
    name: 'commands, queries and projections know nothing of each other, but that a query reads what a projection wrote',
    breaches: ({ path, text }) => {
      const side = folderOf(path)
      const strangers = SIDES.filter((other) => other !== side && !KNOWS[side]?.includes(other))
      if (!SIDES.includes(side) || isTest(path) || isMain(path)) return []
      return importsOf({ path, text }).filter((target) => strangers.includes(folderOf(target)))
    },
    offenders: [
      importing('commands/ordering.ts', '../projections/availability.ts'),
      importing('commands/ordering.ts', '../queries/orders.ts'),
      importing('queries/orders.ts', '../commands/handle.ts'),
      importing('projections/availability.ts', '../queries/orders.ts'),
      importing('projections/mail.ts', '../commands/handle.ts'),
    ],
    welcome: [
      importing('queries/orders.ts', '../projections/orders.ts', '../domain/money.ts', 'kysely'),
      importing('commands/main.ts', '../projections/availability.ts'),
    ],
  },
  {
    name: 'a GET is a query and everything else a command, so that a proxy can tell them apart',
    breaches: ({ path, text }) => {
      if (isTest(path) || !/^(?:commands|queries)\/routes\//.test(path)) return []
      const strangers = path.startsWith('commands/') ? /server\.get\b/g : /server\.(?:post|put|patch|delete)\b/g
      return text.match(strangers) ?? []
    },
    offenders: [
      { path: 'commands/routes/orders.ts', text: "server.get('/api/v1/orders', options, handler)" },
      { path: 'queries/routes/orders.ts', text: "server.post('/api/v1/orders', options, handler)" },
    ],
    welcome: [
      { path: 'commands/routes/orders.ts', text: "server.post('/api/v1/orders', options, handler)" },
      { path: 'queries/routes/orders.ts', text: "server.get('/api/v1/orders', options, handler)" },
    ],
  },
  {
    name: 'nothing imports scripts',
    breaches: ({ path, text }) => {
      if (folderOf(path) === 'scripts' || path === 'vitest.config.ts') return []
      return importsOf({ path, text }).filter((target) => target.startsWith('scripts/'))
    },
    offenders: [
      importing('commands/main.ts', '../scripts/start.ts'),
      importing('other.config.ts', './scripts/start.ts'),
    ],
    welcome: [
      importing('scripts/start.test.ts', './start.ts'),
      importing('vitest.config.ts', './scripts/closing-line.ts'),
    ],
  },
  {
    name: 'no file but a test has more than 300 lines',
    breaches: ({ path, text }) => {
      const count = text.trimEnd().split('\n').length
      return isTest(path) || path.includes('/vectors/') || count <= 300 ? [] : [`${count} lines`]
    },
    offenders: [lines('commands/everything.ts', 301)],
    welcome: [lines('commands/enough.ts', 300), lines('commands/all.test.ts', 900)],
  },
  {
    name: 'a file is named for its idea: no utils, no barrels',
    breaches: ({ path, text }) => [
      ...path.split('/').filter((part) => /^(utils?|helpers?|misc|common|index)(\.|$)/i.test(part)),
      ...(text.match(/^export\s+(type\s+)?(\*|\{[^}]*\})[^'"\n]*\bfrom\b.*$/gm) ?? []),
    ],
    offenders: [
      lines('domain/utils.ts', 1),
      lines('commands/helpers/retry.ts', 1),
      lines('domain/ticket/index.ts', 1),
      { path: 'domain/ticket.ts', text: "export * from './ticket/sale.ts'\n" },
      { path: 'domain/ticket.ts', text: "export type {\n  Ticket,\n} from './ticket/state.ts'\n" },
    ],
    welcome: [{ path: 'domain/index-of.ts', text: 'export const from = (date: string) => date\n' }],
  },
  {
    name: 'a comment speaks of the code, not of the work on it',
    breaches: ({ text }) =>
      (text.match(/\/\/.*|\/\*[\s\S]*?\*\//g) ?? []).filter((comment) =>
        /\b(TODO|FIXME|HACK|XXX)\b|(?<!PKCS )#\d+\b|\b(issues|pull)\/\d+/.test(comment),
      ),
    offenders: ['// TODO: later', '/** See #12. */', '/*\n * https://example.org/a/b/issues/7\n */'].map((text) => ({
      path: 'domain/money.ts',
      text,
    })),
    welcome: [{ path: 'domain/money.ts', text: "/** PKCS #8, ISO 4217. */\nconst colour = '#123'\n" }],
  },
]

/** This file shows what offends, and so is not held to what comments may say. */
const judged = sources.filter(({ path }) => path !== 'scripts/house.test.ts')

describe.each(rules)('$name', ({ breaches, offenders, welcome }) => {
  it('is kept', () =>
    expect(judged.flatMap((file) => breaches(file).map((breach) => `${file.path}: ${breach}`))).toEqual([]))

  it.each(offenders)('can be broken: $path', (offender) => expect(breaches(offender)).not.toEqual([]))

  it.each(welcome)('lets others be: $path', (file) => expect(breaches(file)).toEqual([]))
})

it('the house is read whole: every folder has files, and their imports are found', () => {
  for (const folder of ['adapters', 'commands', 'domain', 'scripts'])
    expect(sources.some(({ path }) => folderOf(path) === folder)).toBe(true)
  expect(importsOf(source('domain/order/pricing.ts'))).toEqual([
    'domain/event/facts.ts',
    'domain/money.ts',
    'domain/venue.ts',
    'domain/order/facts.ts',
  ])
  expect(importsOf(source('vitest.config.ts'))).toEqual(['vitest/config', 'scripts/closing-line.ts'])
})
