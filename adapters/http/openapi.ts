import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { actions } from '../../domain/roles.ts'
import { ProblemDocument } from './problem.ts'

const DOCS = '/docs'

const IdempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Repeating a write under its key records nothing twice. Made and echoed when absent.'),
})

/** OpenAPI 3.1 from the routes' zod schemas: to read at /docs, as a document at /docs/json. */
export const openApi = async (server: FastifyInstance): Promise<void> => {
  // The routes of the UI itself cannot be given a config in another way.
  server.addHook('onRoute', (route) => {
    if (route.prefix.startsWith(DOCS)) route.config = { ...route.config, action: 'public' }
  })
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Counterfoil', description: 'An event-sourced ticket ledger.', version: '1' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    transform: (document) => jsonSchemaTransform({ ...document, schema: described(document) }),
    transformObject: jsonSchemaTransformObject,
  })
  await server.register(swaggerUi, { routePrefix: DOCS })
}

type Described = Parameters<typeof jsonSchemaTransform>[0]

/** What is true of all routes is said here and not in each: problems, keys, who may. For the document only. */
const described = ({ schema, route }: Described): FastifySchema => {
  const action = route.config?.action
  const roles = action && action !== 'public' && action !== 'webhook' ? actions[action] : undefined
  const isWrite = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(String(route.method))
  const says = [schema?.description, roles && `For ${roles.join(', ')}.`].filter(Boolean)
  return {
    ...schema,
    ...(says.length > 0 && { description: says.join(' ') }),
    security: roles ? [{ bearer: [] }] : [],
    ...(isWrite && roles && { headers: IdempotencyKey }),
    response: { ...(schema?.response ?? { 200: z.unknown() }), default: problem },
  }
}

const problem = {
  description: 'A problem as in RFC 9457; its code is stable.',
  content: { 'application/problem+json': { schema: ProblemDocument } },
}
