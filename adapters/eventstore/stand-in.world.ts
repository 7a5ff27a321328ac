import { EventEmitter, once } from 'node:events'
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js'
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type { AppendReq, AppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import type * as Grpc from '@grpc/grpc-js'
import { type Stored, standInLog } from './stand-in.log.world.ts'
import {
  appendAnswer,
  appendOf,
  caughtUp,
  checkpoint,
  clusterOf,
  confirmation,
  eventAnswer,
  grpc,
  notFoundAnswer,
  notLeader,
  readOf,
  refusal,
  supportedMethods,
} from './stand-in.messages.world.ts'
import { wireTo } from './wire.world.ts'

/** What befalls an append. `late`: it is written once the caller has given up. */
export type Fault =
  | 'drop-before'
  | 'drop-after'
  | 'hang-before'
  | 'hang-after'
  | 'late'
  | 'timed-out'
  | 'busy'
  | 'denied'

/** Events that a filtered subscription looks through before it sends a checkpoint: `Enumerator.cs`. */
const SEARCH_WINDOW = 32

type Tls = { readonly key: Buffer; readonly cert: Buffer; readonly caFile: string }

type Subscription = Grpc.ServerWritableStream<ReadReq, ReadResp>

/**
 * Answers the client's own protocol as a node of EventStoreDB, without a disk: enough of it for a ledger, with faults on demand.
 * Its behaviour follows the server's source, `Services/Transport/Grpc/Streams.*.cs` and `Services/Transport/Enumerators`.
 */
export const standIn = async ({ lateMs = 200, tls }: { lateMs?: number; tls?: Tls } = {}) => {
  const log = standInLog()
  const news = new EventEmitter<{ written: [] }>().setMaxListeners(0)
  const faults: Fault[] = []
  const subscriptions = new Set<Subscription>()
  const users: string[] = []
  let muted = false
  let following = false

  /** A follower answers only those who do not ask for the leader. */
  const misses = (call: { metadata: Grpc.Metadata; getHost: () => string }) =>
    following && call.getHost().endsWith(`:${wire.port}`) && call.metadata.get('requires-leader').length > 0

  const append: Grpc.handleClientStreamingCall<AppendReq, AppendResp> = (call, answer) => {
    const requests: AppendReq[] = []
    call.on('error', () => {})
    call.on('data', (request) => requests.push(request))
    users.push(userOf(call))
    call.on('end', () => {
      if (misses(call)) return answer(notLeader(leader.port))
      const write = () => {
        const { stream, expected, events } = appendOf(requests)
        const written = log.append(stream, expected, events)
        news.emit('written')
        return appendAnswer(written, expected)
      }
      const fault = faults.shift()
      switch (fault) {
        case undefined:
          return answer(null, write())
        case 'drop-before':
          return wire.cut()
        case 'drop-after':
          write()
          return wire.cut()
        case 'hang-before':
          return
        case 'hang-after':
          return void write()
        case 'late':
          return void setTimeout(write, lateMs)
        case 'timed-out':
          return answer(refusal(grpc.status.ABORTED, 'Operation timed out: Prepare phase timeout.'))
        case 'busy':
          return answer(refusal(grpc.status.UNAVAILABLE, 'Server Is Too Busy'))
        case 'denied':
          return answer(refusal(grpc.status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' }))
      }
    })
  }

  const read = async (call: Subscription) => {
    call.on('error', () => {})
    users.push(userOf(call))
    // Nobody drains what is given up.
    call.on('cancelled', () => call.emit('drain'))
    if (misses(call)) return call.emit('error', notLeader(leader.port))
    const { stream, revision, position, backwards, count, filter } = readOf(call.request)
    if (filter) return subscribe(call, position, filter)
    const known = stream === undefined ? log.all : log.of(stream)
    if (stream !== undefined && known.length === 0) call.write(notFoundAnswer(stream))
    const at = stream === undefined ? indexOf(known, position, backwards) : revision
    const events = backwards ? known.slice(0, at).reverse() : known.slice(at)
    for (const event of events.slice(0, count)) if (!call.write(eventAnswer(event))) await once(call, 'drain')
    call.end()
  }

  /** Sends what the filter lets through, and a checkpoint where there was much to leave out. */
  const subscribe = async (call: Subscription, position: number | undefined, filter: RegExp) => {
    subscriptions.add(call)
    call.on('cancelled', () => subscriptions.delete(call))
    call.write(confirmation())
    let next = position === undefined ? 0 : indexOf(log.all, position + 1)
    let skipped = 0
    let live = false
    while (subscriptions.has(call)) {
      const event = muted ? undefined : log.all[next]
      if (!event) {
        if (!live && !muted) live = call.write(caughtUp())
        await once(news, 'written')
        continue
      }
      next++
      if (filter.test(event.type)) {
        if (!call.write(eventAnswer(event))) await once(call, 'drain')
      } else if (++skipped % SEARCH_WINDOW === 0) call.write(checkpoint(event))
    }
  }

  const release = (how: (call: Subscription) => unknown) => {
    for (const call of subscriptions) how(call)
    subscriptions.clear()
    news.emit('written')
  }

  const server = new grpc.Server()
  const serve = (service: object, methods: Grpc.UntypedServiceImplementation) =>
    server.addService(service as Grpc.ServiceDefinition, methods)
  const answering = (answer: () => unknown) => (_: unknown, done: Grpc.sendUnaryData<unknown>) => done(null, answer())
  serve(StreamsService, { append, read } as unknown as Grpc.UntypedServiceImplementation)
  serve(ServerFeaturesService, { getSupportedMethods: answering(supportedMethods) })
  serve(GossipService, { read: answering(() => clusterOf(leader.port)) })
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, at: number) => (error ? reject(error) : resolve(at))
    const credentials = tls
      ? grpc.ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.cert }])
      : grpc.ServerCredentials.createInsecure()
    server.bindAsync('127.0.0.1:0', credentials, bound)
  })
  const wire = await wireTo(port)
  const leader = await wireTo(port)

  const options = tls ? `tls=true&tlsCAFile=${tls.caFile}` : 'tls=false'

  return {
    url: `esdb://admin:changeit@127.0.0.1:${wire.port}?${options}`,
    /** Asks this node about its cluster first, and goes to the leader. */
    clusterUrl: `esdb+discover://admin:changeit@127.0.0.1:${wire.port}?${options}`,
    /** Who has made each call. The client sends no credentials over an insecure connection. */
    users,
    log,
    wire,
    /** Another wire to the same log. */
    leader,
    /** What befalls the next appends, first one first. */
    faults,
    subscriptions: () => subscriptions.size,
    endSubscriptions: () => release((call) => call.end()),
    failSubscriptions: () =>
      release((call) => call.emit('error', refusal(grpc.status.UNAVAILABLE, 'Server Is Not Ready'))),
    /** Subscriptions are confirmed, kept, and told nothing. */
    mute: (on: boolean) => {
      muted = on
      news.emit('written')
    },
    /** From now on, whoever asks this node for the leader is told where that is. */
    stepDown: () => {
      following = true
    },
    close: async () => {
      release((call) => call.end())
      server.forceShutdown()
      await Promise.all([wire.close(), leader.close()])
    },
  }
}

const userOf = ({ metadata }: { metadata: Grpc.Metadata }): string => {
  const [basic = 'Basic '] = metadata.get('authorization')
  return Buffer.from(String(basic).slice('Basic '.length), 'base64').toString('utf8')
}

/** The first event at a position or after it. Positions grow, so from the end backwards is where to look. */
const indexOf = (all: readonly Stored[], position: number | undefined, backwards = false): number => {
  if (position === undefined) return backwards ? all.length : 0
  return all.findLastIndex((event) => event.position < position) + 1
}
