import { type Client, Refused } from '../client.ts'
import { headerOf, openWire } from './wire.ts'

/** Clients of one server that share its connections. */
export type Clients = {
  readonly as: (token: string) => Client
  /** What `/health` says, ready or not. */
  readonly health: () => Promise<Health>
  readonly close: () => void
}

export type Health = {
  readonly readModels: Readonly<Record<string, { readonly position: string }>>
  readonly chain: { readonly open: number; readonly behindSeconds: number }
}

export const clientsOf = (url: string): Clients => {
  const { hostname, port, host } = new URL(url)
  const wire = openWire(hostname, Number(port))
  const get = (path: string) => wire.ask(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)

  const call = async <T>(token: string, method: string, path: string, body: unknown, more: Record<string, string>) => {
    const json = body === undefined ? '' : JSON.stringify(body)
    const fields = [
      `${method} /api/v1${path} HTTP/1.1`,
      `host: ${host}`,
      `authorization: Bearer ${token}`,
      ...(json === '' ? [] : ['content-type: application/json', `content-length: ${Buffer.byteLength(json)}`]),
      ...Object.entries(more).map(([name, value]) => `${name}: ${value}`),
    ]
    const { status, headers, body: text } = await wire.ask(`${fields.join('\r\n')}\r\n\r\n${json}`)
    const answer = text === '' ? undefined : JSON.parse(text)
    if (status < 200 || status > 299) throw new Refused(`${method} ${path}`, status, answer)
    return { status, body: answer as T, position: headerOf(headers, 'ledger-position') ?? null }
  }

  return {
    as: (token) => ({ call: (method, path, body, more = {}) => call(token, method, path, body, more) }),
    health: async () => JSON.parse((await get('/health')).body),
    close: wire.close,
  }
}
