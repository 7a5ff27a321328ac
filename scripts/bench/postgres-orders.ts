import { hasRedis } from '../../adapters/cache/redis.world.ts'
import { embeddedIssuer } from '../../adapters/keys/tokens.ts'
import { postgresVault } from '../../adapters/postgres/vault.ts'
import { type Client, Refused } from '../client.ts'
import { type Cluster, startCluster } from '../cluster/cluster.ts'
import { buy, buyersOf, putOnSale } from './box-office.ts'
import { clientsOf } from './http.ts'
import { type Done, during, type Load, load, percentile, rateOf } from './load.ts'
import type { Options } from './report.ts'
import { CLIENTS, makeFolder, SETTINGS, type Server } from './server.ts'

/** One in so many orders is followed into its buyer's tickets: hundreds of samples, and little load. */
const FOLLOWED = 4

/** Orders of two tickets each by two command processes, against one; and how far my-tickets is behind the ledger meanwhile. */
export const postgresOrders = async (options: Options): Promise<void> => {
  if (!hasRedis) throw new Error('there is no redis-server here: install it, such as by apt-get install redis-server')
  const one = await measure(1, options)
  const two = await measure(2, options)
  const { report } = options
  report.figure({
    name: 'orders/s to confirmed, two command processes',
    value: rateOf(two.orders),
    unit: 'orders/s',
    baseline: rateOf(one.orders),
    note: `${CLIENTS} clients, PostgreSQL, Redis, one process for queries and one for projections; against one for commands`,
  })
  report.figure({ name: 'my-tickets behind the ledger, p50', value: percentile(two.lags, 0.5), unit: 'ms' })
  report.figure({
    name: 'my-tickets behind the ledger, p99',
    value: percentile(two.lags, 0.99),
    unit: 'ms',
    goal: { atMost: 1_000 },
    note: `under that load, from a command's answer to a list that shows it, ${two.lags.length} times`,
  })
}

type Measured = { readonly orders: readonly Done[]; readonly lags: readonly Done[] }

const measure = async (commands: number, options: Options): Promise<Measured> => {
  const deaths: string[] = []
  const cluster = await startCluster({
    folder: makeFolder(),
    counts: { projections: 1, commands, queries: 1 },
    settings: SETTINGS,
    died: (process, how) => deaths.push(`${process} ${how}`),
  })
  try {
    const front = await frontOf(cluster)
    const measured = await sell(front, options)
    front.close()
    if (deaths.length > 0) throw new Error(deaths.join('; '))
    return measured
  } finally {
    await cluster.stop()
  }
}

const sell = async (front: Front, { report, quick }: Options): Promise<Measured> => {
  const onSale = await putOnSale(await front.as('organizer', 'olga'), 200_000)
  const buyers = await buyersOf(front, CLIENTS)
  report.sound(await load(CLIENTS, during(quick ? 2 : 5), (client) => buy(buyers[client]!, onSale, 2)))
  const lags = myTickets()
  const watched = buyers.map(lags.watch)
  const orders = await load(CLIENTS, during(quick ? 4 : 15), (client) => buy(watched[client]!, onSale, 2))
  return { orders: report.sound(orders), lags: report.sound(await lags.seen()) }
}

type Front = Pick<Server, 'as'> & { readonly close: () => void }

/** What stands before the processes: it hands writes to the command processes in turn, and reads to the one for queries. */
const frontOf = async ({ databaseUrl, urlsOf }: Cluster): Promise<Front> => {
  const vault = await postgresVault({ url: databaseUrl })
  const issuer = await embeddedIssuer(vault)
  await vault.close()
  const commands = urlsOf('commands').map(clientsOf)
  const [queries] = urlsOf('queries').map(clientsOf)
  let turn = 0
  return {
    as: async (role, subject) => {
      const token = await issuer.issue({ subject, role, tenant: 'bench', venues: [], expiresIn: 86_400 })
      const writers = commands.map(({ as }) => as(token))
      const reader = queries!.as(token)
      return {
        call: (method, ...asked) => {
          const { call } = method === 'GET' ? reader : writers[turn++ % writers.length]!
          return call(method, ...asked)
        },
      }
    },
    close: () => {
      for (const { close } of [...commands, queries!]) close()
    },
  }
}

/** Follows some of what buyers order until their own tickets show it: of all that they ask, only that is answered with a position. */
const myTickets = () => {
  const done: Done[] = []
  const errors: string[] = []
  const looks: Promise<unknown>[] = []
  let orders = 0
  const look = async (buyer: Client, position: string) => {
    const began = performance.now()
    while (!(await isShown(buyer, position)));
    done.push({ began, ended: performance.now() })
  }
  return {
    watch: (buyer: Client): Client => ({
      call: async <T>(...asked: Parameters<Client['call']>) => {
        const answer = await buyer.call<T>(...asked)
        const { position } = answer
        if (position !== null && orders++ % FOLLOWED === 0)
          looks.push(look(buyer, position).catch((error: Error) => errors.push(error.message)))
        return answer
      },
    }),
    /** All of them, once they are. */
    seen: async (): Promise<Load> => {
      await Promise.all(looks)
      return { done, errors }
    },
  }
}

/** The server waits for it, two seconds at most. */
const isShown = (buyer: Client, position: string): Promise<boolean> =>
  buyer.call('GET', `/tickets?minPosition=${position}`).then(
    () => true,
    (error) => {
      if (error instanceof Refused && error.code === 'read_model_behind') return false
      throw error
    },
  )
