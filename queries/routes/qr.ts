import { toBuffer } from 'qrcode'
import { z } from 'zod'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { At } from '../../domain/time.ts'
import { type Deps, liveCode } from '../live-code.ts'

const CodeView = z.object({
  code: z.string(),
  expiresAt: At,
  ttlSeconds: z.int().describe('How long this code is still good. Ask again then.'),
  png: z.string().describe('The code drawn, as a data URL.'),
})

/** The live code of a ticket, for its holder and for nobody else, whatever their role. */
export const qrRoutes = (server: HttpServer, deps: Deps): void => {
  server.get(
    '/api/v1/tickets/:ticketId/qr',
    {
      config: { action: 'ticket.qr' },
      schema: {
        tags: ['tickets'],
        description:
          'The code of a ticket at this moment, for its holder alone. ' +
          'With Accept: image/png the drawing by itself, with text/plain the text by itself.',
        params: z.strictObject({ ticketId: Id }),
        response: {
          200: {
            content: {
              'application/json': { schema: CodeView },
              'image/png': { schema: z.custom<Buffer>().meta({ type: 'string', format: 'binary' }) },
              'text/plain': { schema: z.string() },
            },
          },
        },
      },
    },
    async ({ params: { ticketId }, caller, headers }, reply) => {
      const found = await liveCode(deps, ticketId, { tenant: caller.tenant, personId: caller.actor.id })
      if ('refused' in found) throw problemOf(found.refused, found.why)
      const { code, expiresAt } = found
      reply.header('cache-control', 'no-store').header('vary', 'accept')
      const form = formOf(headers.accept)
      if (form === 'text/plain') return reply.type(form).send(code)
      const png = await toBuffer(code, DRAWING)
      if (form === 'image/png') return reply.type(form).send(png)
      const ttlSeconds = Math.ceil((Date.parse(expiresAt) - Date.parse(deps.now())) / 1_000)
      return reply.send({ code, expiresAt, ttlSeconds, png: `data:image/png;base64,${png.toString('base64')}` })
    },
  )
}

/** Of the levels of error correction the second: a screen is neither torn nor stained. */
const DRAWING = { scale: 8, margin: 4, errorCorrectionLevel: 'M' } as const

const FORMS: Readonly<Record<string, 'application/json' | 'image/png' | 'text/plain'>> = {
  'application/json': 'application/json',
  '*/*': 'application/json',
  'image/png': 'image/png',
  'text/plain': 'text/plain',
}

/** The first that the client names: few clients weigh what they ask for, and many name everything. */
const formOf = (accept = '*/*') => {
  const named = accept.split(',').map((range) => range.split(';', 1)[0]!.trim().toLowerCase())
  const form = named.find((name) => Object.hasOwn(FORMS, name))
  return form === undefined ? 'application/json' : FORMS[form]!
}
