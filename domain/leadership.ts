/**
 * The port that lets one of several processes do a piece of work: a projector, a worker. Whatever is done under it stays right
 * when two do it for a moment, for a process may learn late that another has taken over.
 */
export type Leadership = {
  /**
   * Resolves once this process leads the work, with a signal that aborts when it no longer does. Another takes over within seconds
   * of a leader's end, however that ends. Rejects when the given signal aborts, which also gives the work up.
   */
  readonly lead: (work: string, signal: AbortSignal) => Promise<AbortSignal>
  readonly close: () => Promise<void>
}
