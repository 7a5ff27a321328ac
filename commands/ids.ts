import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'

/** What is asked, of what, by whom. The operation is a name, not a URL: two routes may lead to one. */
export type Asked = {
  readonly tenant: string
  readonly actorId: string
  readonly operation: string
  readonly target: string
  readonly idempotencyKey: string
}

/** Changing it makes new commands of all that clients repeat. */
const COUNTERFOIL = '0b5f7f0e-3c52-4c0c-9d3a-6a1f3f6f2d11'

/** Never the client's key itself: reused for another command it would find that one done. */
export const commandIdOf = ({ tenant, actorId, operation, target, idempotencyKey }: Asked): string =>
  v5(JSON.stringify([tenant, actorId, operation, target, idempotencyKey]), COUNTERFOIL)

/** A process's command is named by its step, so a repeated step is the same command. */
export const stepIdOf = (processId: string, step: string): string => v5(step, processId)

export const factIdOf = (commandId: string, stream: string, index: number): string =>
  v5(`${stream}/${index}`, commandId)

export const ticketIdOf = (eventId: string, slot: string, edition: number): string => v5(`${slot}/${edition}`, eventId)

/** One device of a tenant's by each label: registering it again finds it. */
export const deviceIdOf = (tenant: string, label: string): string =>
  v5(JSON.stringify(['device', tenant, label]), COUNTERFOIL)

/** A stream has one tenant, and a person may be in several. */
export const personStreamIdOf = (tenant: string, personId: string): string =>
  v5(JSON.stringify(['person', tenant, personId]), COUNTERFOIL)

/** What a person sells in a tenant, and is paid for. */
export const accountIdOf = (tenant: string, personId: string): string =>
  v5(JSON.stringify(['account', tenant, personId]), COUNTERFOIL)

/** One log of heads for each authority that publishes them. */
export const anchorIdOf = (authority: string): string => v5(JSON.stringify(['anchor', authority]), COUNTERFOIL)

/** SHA-256, hex, over RFC 8785 canonical JSON: neither key order nor white space makes it another request. */
export const requestHash = (sent: unknown): string => hash('sha256', canonicalize(sent) ?? '')

/** RFC 9562 UUID version 5. By Node's one-shot hash: the uuid package takes four times as long, on every fact. */
function v5(name: string, namespace: string): string {
  const prefix = Buffer.from(namespace.replaceAll('-', ''), 'hex')
  if (prefix.length !== 16) throw new Error(`${namespace} is no UUID to derive ids from: pass the id of a stream`)
  const hex = hash('sha1', Buffer.concat([prefix, Buffer.from(name)]))
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
