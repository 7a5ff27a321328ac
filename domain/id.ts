import { z } from 'zod'

/** Lower case, for streams are named by it. */
export const Id = z.uuid().toLowerCase()
