import * as z from 'zod';
import { memoryRequest } from '../gateway/memory-requests.js';
import type { Gateway } from '../gateway/requests.js';
import { DATA_NOTICE } from '../memory/memory-answers.js';
import { type ArgumentsOf, MEMORY_ARGUMENTS, type MemoryOperation } from '../memory/memory-arguments.js';
import { JOB_STATES } from '../store/job.js';
import { defineTool, type Tool, type ToolCall, type ToolHints } from './tool.js';
import type { ToolAnswer } from './tool-result.js';

/** There instead of everything else while the job goes on. */
const unfinished = {
  job_id: z.string().optional(),
  state: z.enum(JOB_STATES).optional(),
  message: z.string().optional(),
};

export const memorySchema = z.looseObject({
  id: z.string(),
  namespace: z.string().optional(),
  text: z.string(),
  text_cut: z.boolean().optional(),
  tags: z.array(z.string()),
  links: z.array(z.string()),
  author: z.string(),
  version: z.int(),
  created_at: z.string(),
});

/** A tool that is one operation on memories. */
export function memoryTool<Name extends MemoryOperation>(
  name: Name,
  tool: {
    readonly title: string;
    readonly description: string;
    readonly output: z.core.$ZodLooseShape;
    readonly hints: ToolHints;
  },
): Tool {
  return defineTool({
    name,
    title: tool.title,
    description: tool.description,
    input: MEMORY_ARGUMENTS[name] as unknown as z.ZodObject,
    output: z.looseObject({ ...tool.output, ...unfinished }),
    hints: tool.hints,
    scope: 'memory',
    run: async (args, call) => asToolAnswer(await operated(name, args as ArgumentsOf<Name>, call)),
  });
}

export type Operated = Readonly<Record<string, unknown>>;

/** What the operation answers; or the job that goes on with it. */
export async function operated<Name extends MemoryOperation>(
  name: Name,
  args: ArgumentsOf<Name>,
  { gateway, caller, wait }: Pick<ToolCall, 'gateway' | 'caller' | 'wait'> & { readonly gateway: Gateway },
): Promise<Operated> {
  const { answer, job_id, state, message } = await gateway.operate(caller, memoryRequest(name, args), wait);
  return answer === undefined ? { job_id, state, message } : (answer as Operated);
}

/** Texts of memories are said to be data before they are read. */
export function asToolAnswer(answer: Operated): ToolAnswer {
  return 'notice' in answer ? { answer, notice: DATA_NOTICE } : { answer };
}
