/** As a node names it, for example `{ InstructionError: [0, { Custom: 1 }] }`. */
export type TransactionError = string | { readonly [kind: string]: unknown }

/** What JSON-RPC answers instead of a result. Codes: https://www.jsonrpc.org/specification and rpc-client-api of Agave. */
export class RpcError extends Error {
  override name = 'RpcError'
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }
}

export const invalidParams = (why: string): RpcError => new RpcError(-32602, `Invalid params: ${why}`)

/** What the engine's errors are called where the kind stands alone. */
const SAID: { readonly [kind: string]: string } = {
  AccountNotFound: 'Attempt to debit an account but found no record of a prior credit.',
  AddressLookupTableNotFound: "Transaction loads an address table account that doesn't exist",
  BlockhashNotFound: 'Blockhash not found',
  InsufficientFundsForFee: 'Insufficient funds for fee',
  InvalidAccountForFee: 'This account may not be used to pay transaction fees',
  InvalidProgramForExecution: 'This program may not be used for executing instructions',
  SanitizeFailure: 'Transaction failed to sanitize accounts offsets correctly',
}

/**
 * The error out of the engine's own account of a failure, such as `… { err: InstructionError(0, Custom(1)), meta: …`. Its bindings number
 * the kinds and lose their names; those in this text are the names that nodes give them.
 */
export const transactionError = (account: string): TransactionError => {
  const text = /err: (.+?), meta: TransactionMetadata/s.exec(account)?.[1] ?? 'SanitizeFailure'
  const instruction = /^InstructionError\((\d+), (\w+)(?:\((.*)\))?\)$/s.exec(text)
  if (instruction) {
    const [, index, kind, detail] = instruction
    return { InstructionError: [Number(index), detail === undefined ? kind : { [kind!]: detailOf(detail) }] }
  }
  const ofAccount = /^(\w+) \{ account_index: (\d+) \}$/.exec(text)
  if (ofAccount) return { [ofAccount[1]!]: { account_index: Number(ofAccount[2]) } }
  const ofInstruction = /^(\w+)\((\d+)\)$/.exec(text)
  return ofInstruction ? { [ofInstruction[1]!]: Number(ofInstruction[2]) } : text
}

const detailOf = (detail: string): string | number => (/^\d+$/.test(detail) ? Number(detail) : detail)

/** As nodes word it. What went wrong in an instruction, the log says last. */
export const wordsFor = (error: TransactionError, logs: readonly string[]): string => {
  if (typeof error === 'string') return SAID[error] ?? error
  const [kind, detail] = Object.entries(error)[0]!
  if (kind === 'InsufficientFundsForRent') {
    const { account_index: index } = detail as { account_index: number }
    return `Transaction results in an account (${index}) with insufficient funds for rent`
  }
  if (kind !== 'InstructionError') return `${kind}: ${JSON.stringify(detail)}`
  const [index, reason] = detail as [number, unknown]
  const said = logs.findLast((line) => / failed: /.test(line))?.replace(/^.*? failed: /, '')
  return `Error processing Instruction ${index}: ${said ?? JSON.stringify(reason)}`
}
