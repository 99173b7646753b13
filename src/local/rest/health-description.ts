import { z } from 'zod';
import { HEALTH_PATH } from '../wire/health-route.js';
import type { RestOperation } from './rest-route.js';

const health = z.object({
  status: z.literal('healthy'),
  version: z.string(),
  pid: z.number().int().optional(),
  sessions: z.number().int().optional(),
  running: z.number().int().optional(),
  storedBytes: z.object({ memory: z.number(), disk: z.number() }).optional(),
});

/** Answered before these routes are loaded: who looks after the process asks it often. */
export const HEALTH: RestOperation = {
  method: 'GET',
  path: HEALTH_PATH,
  operationId: 'Health',
  summary: 'Status and version; the rest for who knows the password, as bearer token',
  query: z.object({}),
  answers: {
    200: { description: 'It is well.', schema: health },
    401: { description: 'That is not the password.', schema: health },
  },
};
