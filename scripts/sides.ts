/** What a process does: one of these, or all of them. */
export const SIDES = ['commands', 'queries', 'projections'] as const

export type Side = (typeof SIDES)[number]

/** The sides that a command line names; all where it names none. Throws one line on what cannot be started. */
export const sidesIn = (args: readonly string[], databaseUrl: string | undefined): readonly Side[] => {
  const unknown = args.find((arg) => !(SIDES as readonly string[]).includes(arg))
  if (unknown) throw new Error(`there is no ${unknown} to start: name ${SIDES.join(', ')}, or nothing for all of it`)
  if (args.length > 0 && !databaseUrl)
    throw new Error(`${args.join(' and ')} alone needs DATABASE_URL, since embedded parts serve one process: npm start`)
  return args.length > 0 ? (args as readonly Side[]) : SIDES
}
