import { RpcError } from './errors.ts'
import type { Methods } from './methods.ts'

type Answer =
  | { readonly jsonrpc: '2.0'; readonly id: unknown; readonly result: unknown }
  | { readonly jsonrpc: '2.0'; readonly id: unknown; readonly error: Failure }

type Failure = { readonly code: number; readonly message: string; readonly data?: unknown }

/** As many requests as one body may hold. */
const MAX_BATCH = 1_000

/** JSON-RPC 2.0 (https://www.jsonrpc.org/specification), batches too: the answer to a body. Never throws. */
export const jsonRpc =
  (methods: Methods) =>
  (body: string): string => {
    const asked = parsed(body)
    if (asked === undefined) return JSON.stringify(failed(null, { code: -32700, message: 'Parse error' }))
    if (!Array.isArray(asked)) return JSON.stringify(answerTo(methods, asked))
    if (asked.length === 0 || asked.length > MAX_BATCH) return JSON.stringify(failed(null, NO_REQUEST))
    return JSON.stringify(asked.map((request) => answerTo(methods, request)))
  }

const NO_REQUEST: Failure = { code: -32600, message: 'Invalid request' }

const answerTo = (methods: Methods, request: unknown): Answer => {
  const { id = null, method, params } = (request ?? {}) as { id?: unknown; method?: unknown; params?: unknown }
  if (typeof method !== 'string') return failed(id, NO_REQUEST)
  if (!Object.hasOwn(methods, method)) return failed(id, { code: -32601, message: 'Method not found' })
  try {
    return { jsonrpc: '2.0', id, result: methods[method]!(params) }
  } catch (error) {
    if (error instanceof RpcError) return failed(id, { code: error.code, message: error.message, data: error.data })
    return failed(id, { code: -32603, message: `Internal error: ${(error as Error).message}` })
  }
}

const failed = (id: unknown, error: Failure): Answer => ({ jsonrpc: '2.0', id, error })

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
