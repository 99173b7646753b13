import * as z from 'zod';

export const sessionSchema = z.object({
  session: z.string(),
  context: z.object({
    database: z.string().optional(),
    schema: z.string().optional(),
    warehouse: z.string().optional(),
    role: z.string().optional(),
    parameters: z.record(z.string(), z.string()).optional(),
  }),
  pinned: z.enum(['held', 'lost']).optional(),
});
