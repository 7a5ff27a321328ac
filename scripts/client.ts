/** A client of the API for one token: what the demo, the bench and the tests of the whole talk through. */
export type Client = {
  /** The parsed body, and where the ledger stood. Throws with the problem's own words unless the answer is a 2xx. */
  readonly call: <T>(
    method: Method,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answer<T>>
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export type Answer<T> = { readonly status: number; readonly body: T; readonly position: string | null }

type Problem = { code: string; title: string; detail: string }

export class Refused extends Error {
  override name = 'Refused'
  readonly status: number
  readonly code: string
  constructor(what: string, status: number, problem: Problem) {
    super(`${what}: ${status} ${problem.code}. ${problem.title}. ${problem.detail}`)
    this.status = status
    this.code = problem.code
  }
}

export const clientOf = (url: string, token: string): Client => ({
  call: async <T>(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = response.status === 204 ? undefined : await response.json()
    if (!response.ok) throw new Refused(`${method} ${path}`, response.status, answer as Problem)
    return { status: response.status, body: answer as T, position: response.headers.get('ledger-position') }
  },
})
