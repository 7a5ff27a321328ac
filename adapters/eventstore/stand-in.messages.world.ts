import { createRequire } from 'node:module'
import gossip from '@eventstore/db-client/generated/gossip_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { AppendReq, AppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type * as Grpc from '@grpc/grpc-js'
import type { Appended, Sent, Stored } from './stand-in.log.world.ts'

/** The one that the client uses: another's classes would not be its own. */
export const grpc: typeof Grpc = createRequire(import.meta.resolve('@eventstore/db-client'))('@grpc/grpc-js')

const bytes = (text: string) => Buffer.from(text, 'utf8')

const nameOf = (identifier: { getStreamName_asU8: () => Uint8Array } | undefined) =>
  Buffer.from(identifier!.getStreamName_asU8()).toString('utf8')

/** What an append asks for. The server has numbers for the expectations that are words: `ExpectedVersion`. */
export const appendOf = ([first, ...messages]: readonly AppendReq[]) => {
  const options = first!.getOptions()!
  const expected = options.hasAny() ? -2 : options.hasNoStream() ? -1 : Number(options.getRevision())
  const events = messages.map((message): Sent => {
    const proposed = message.getProposedMessage()!
    return {
      id: proposed.getId()!.getString(),
      type: proposed.getMetadataMap().get('type')!,
      data: proposed.getData_asU8(),
      metadata: proposed.getCustomMetadata_asU8(),
    }
  })
  return { stream: nameOf(options.getStreamIdentifier()), expected, events }
}

/** A wrong expectation is an answer too, and no error: `Streams.Append.cs`. */
export const appendAnswer = (appended: Appended, expected: number): AppendResp => {
  const answer = new streams.AppendResp()
  if ('last' in appended) {
    const position = new streams.AppendResp.Position()
    position.setCommitPosition(`${appended.last.position}`)
    position.setPreparePosition(`${appended.last.position}`)
    const success = new streams.AppendResp.Success()
    success.setCurrentRevision(`${appended.last.revision}`)
    success.setPosition(position)
    return answer.setSuccess(success)
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion()
  wrong.setExpectedRevision(`${BigInt.asUintN(64, BigInt(expected))}`)
  if (appended.wrong === -1) wrong.setCurrentNoStream(new shared.Empty())
  else wrong.setCurrentRevision(`${appended.wrong}`)
  return answer.setWrongExpectedVersion(wrong)
}

/** What a read asks for. Forwards it begins at the position itself, backwards before it, and a subscription after it: `AllReader.cs`. */
export const readOf = (request: ReadReq) => {
  const options = request.getOptions()!
  const all = options.getAll()
  const stream = options.getStream()
  return {
    stream: stream && nameOf(stream.getStreamIdentifier()),
    revision: stream?.hasRevision() ? Number(stream.getRevision()) : 0,
    position: all?.hasPosition() ? Number(all.getPosition()!.getCommitPosition()) : undefined,
    backwards: options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS,
    count: Number(options.getCount()),
    filter: options.hasSubscription() ? new RegExp(options.getFilter()!.getEventType()!.getRegex()) : undefined,
  }
}

export const eventAnswer = ({ id, stream, revision, type, data, metadata, position }: Stored): ReadResp => {
  const event = new streams.ReadResp.ReadEvent.RecordedEvent()
  event.setId(new shared.UUID().setString(id))
  event.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(bytes(stream)))
  event.setStreamRevision(`${revision}`)
  event.setCommitPosition(`${position}`)
  event.setPreparePosition(`${position}`)
  const contentType = type === '$>' ? 'application/octet-stream' : 'application/json'
  event.getMetadataMap().set('type', type).set('content-type', contentType).set('created', '0')
  event.setData(data)
  event.setCustomMetadata(metadata)
  const read = new streams.ReadResp.ReadEvent()
  read.setEvent(event)
  read.setCommitPosition(`${position}`)
  return new streams.ReadResp().setEvent(read)
}

export const notFoundAnswer = (stream: string): ReadResp => {
  const identifier = new shared.StreamIdentifier().setStreamName(bytes(stream))
  return new streams.ReadResp().setStreamNotFound(new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier))
}

export const confirmation = () =>
  new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation())

export const caughtUp = () => new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp())

export const checkpoint = ({ position }: Stored): ReadResp => {
  const reached = new streams.ReadResp.Checkpoint()
  reached.setCommitPosition(`${position}`)
  reached.setPreparePosition(`${position}`)
  return new streams.ReadResp().setCheckpoint(reached)
}

/** Batched appends included, so that an append without credentials would try one. */
export const supportedMethods = () => {
  const methods = ['read', 'append', 'batchappend'].map((name) => {
    const method = new features.SupportedMethod()
    method.setServiceName('event_store.client.streams.streams')
    method.setMethodName(name)
    return method
  })
  const answer = new features.SupportedMethods()
  answer.setEventStoreServerVersion('23.10.0')
  answer.setMethodsList(methods)
  return answer
}

/** A cluster as one of its nodes tells of it: the leader alone. */
export const clusterOf = (port: number) => {
  const endPoint = new gossip.EndPoint()
  endPoint.setAddress('127.0.0.1')
  endPoint.setPort(port)
  const member = new gossip.MemberInfo()
  member.setInstanceId(new shared.UUID().setString('6f5d1c3e-0000-4000-8000-000000000001'))
  member.setState(gossip.MemberInfo.VNodeState.LEADER)
  member.setIsAlive(true)
  member.setHttpEndPoint(endPoint)
  return new gossip.ClusterInfo().setMembersList([member])
}

/** As `RpcExceptions.cs` has them: a status, and trailers that the client knows the error by. */
export const refusal = (code: Grpc.status, details: string, trailers: Readonly<Record<string, string>> = {}) => {
  const metadata = new grpc.Metadata()
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value)
  return Object.assign(new Error(details), { code, details, metadata })
}

export const notLeader = (port: number) =>
  refusal(grpc.status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': '127.0.0.1',
    'leader-endpoint-port': `${port}`,
  })
