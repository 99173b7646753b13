import * as z from 'zod';
import { SnowError } from '../../errors/snow-error.js';
import type { ArgumentsOf } from '../../memory/memory-arguments.js';
import { asToolAnswer, memorySchema, type Operated, operated } from '../memory-tool.js';
import { defineTool, LOOKS, type Tool, type ToolCall, type ToolHints } from '../tool.js';

/** Tools under the names and with the arguments that other memory services have, for clients that know those. */

const ADDS: ToolHints = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const DELETES: ToolHints = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false };

const count = z.int().min(1).max(50).optional().describe('Most memories in the answer.');
const hash = z.string().min(1).max(100).describe('id of the memory.');
const date = z.string().min(1).max(200);
const oneOrMore = z.union([z.string(), z.array(z.string())]);
const confirm = z
  .string()
  .max(100)
  .optional()
  .describe('confirm of the first call, which only tells what would be deleted.');

const answerSchema = z.looseObject({
  memories: z.array(memorySchema).optional(),
  deleted: z.int().optional(),
  would_delete: z.int().optional(),
  confirm: z.string().optional(),
});

/** A list, as a list or as words with commas between. */
function listOf(tags: string | readonly string[] | undefined): string[] {
  const given = typeof tags === 'string' ? tags.split(',') : (tags ?? []);
  return given.map((tag) => tag.trim()).filter((tag) => tag !== '');
}

function alias<Input extends z.ZodObject>(
  name: string,
  description: string,
  input: Input,
  hints: ToolHints,
  run: (args: z.output<Input>, call: ToolCall) => Promise<Operated>,
): Tool {
  return defineTool({
    name,
    title: description,
    description: `${description}.`,
    input,
    output: answerSchema,
    hints,
    scope: 'memory',
    run: async (args, call) => asToolAnswer(withHashes(await run(args as z.output<Input>, call))),
  });
}

/** Each memory's id under the name that those services have for it, too. */
function withHashes(answer: Operated): Operated {
  const { memories, id } = answer;
  return {
    ...answer,
    ...(typeof id === 'string' && { content_hash: id }),
    ...(Array.isArray(memories) && { memories: memories.map((memory) => ({ ...memory, content_hash: memory.id })) }),
  };
}

function deletion(given: Omit<ArgumentsOf<'memory_delete'>, 'dry_run'>, call: ToolCall): Promise<Operated> {
  return operated('memory_delete', given, call);
}

const storeMemory = alias(
  'store_memory',
  'Store a memory',
  z.object({
    content: z.string(),
    tags: oneOrMore.optional(),
    memory_type: z.string().max(100).optional(),
    metadata: z.looseObject({ tags: oneOrMore.optional(), type: z.string().optional() }).optional(),
  }),
  ADDS,
  ({ content, tags, memory_type, metadata = {} }, call) => {
    const { tags: inMetadata, type, ...rest } = metadata;
    const kind = memory_type ?? type;
    const kept = { ...rest, ...(kind !== undefined && { type: kind }) };
    const allTags = [...listOf(tags), ...listOf(inMetadata)];
    return operated(
      'memory_store',
      { text: content, tags: allTags, ...(Object.keys(kept).length > 0 && { metadata: kept }) },
      call,
    );
  },
);

const retrieveMemory = alias(
  'retrieve_memory',
  'Find memories by words',
  z.object({ query: z.string(), n_results: count }),
  LOOKS,
  ({ query, n_results: limit }, call) => operated('memory_search', { query, limit }, call),
);

const recallMemory = alias(
  'recall_memory',
  'Find memories by words and a time in words: orders last week',
  z.object({ query: z.string().max(2_000), n_results: count, time_zone: z.string().optional() }),
  LOOKS,
  async ({ query, n_results: limit, time_zone }, call) => {
    const { questionInTime } = await import('../../memory/time/question-in-time.js');
    return await operated('memory_search', { ...(await questionInTime(query)), limit, time_zone }, call);
  },
);

const recallByTimeframe = alias(
  'recall_by_timeframe',
  'List memories stored between two dates',
  z.object({ start_date: date, end_date: date.optional(), n_results: count, tag: z.string().optional() }),
  LOOKS,
  ({ start_date, end_date, n_results: limit, tag }, call) =>
    operated('memory_list', { when: between(start_date, end_date), limit, tags: listOf(tag) }, call),
);

const searchByTag = alias(
  'search_by_tag',
  'Find memories by tag',
  z.object({ tags: oneOrMore, operation: z.enum(['AND', 'OR']).optional() }),
  LOOKS,
  ({ tags, operation }, call) =>
    operated('memory_list', { tags: listOf(tags), tag_match: operation === 'AND' ? 'all' : 'any' }, call),
);

const deleteMemory = alias(
  'delete_memory',
  'Delete a memory',
  z.object({ content_hash: hash }),
  DELETES,
  ({ content_hash: id }, call) => deletion({ id }, call),
);

const deleteByTag = alias(
  'delete_by_tag',
  'Delete memories that have one of these tags',
  z.object({ tags: oneOrMore.optional(), tag: oneOrMore.optional(), confirm }),
  DELETES,
  ({ tags, tag, confirm: token }, call) =>
    deletion({ tags: [...listOf(tags), ...listOf(tag)], tag_match: 'any', confirm: token }, call),
);

const deleteByTags = alias(
  'delete_by_tags',
  'Delete memories that have one of these tags',
  z.object({ tags: oneOrMore, confirm }),
  DELETES,
  ({ tags, confirm: token }, call) => deletion({ tags: listOf(tags), tag_match: 'any', confirm: token }, call),
);

const deleteByTimeframe = alias(
  'delete_by_timeframe',
  'Delete memories stored between two dates',
  z.object({ start_date: date, end_date: date.optional(), tag: z.string().optional(), confirm }),
  DELETES,
  ({ start_date, end_date, tag, confirm: token }, call) =>
    deletion({ when: between(start_date, end_date), tags: listOf(tag), confirm: token }, call),
);

const deleteBeforeDate = alias(
  'delete_before_date',
  'Delete memories stored before a date',
  z.object({ before_date: date, tag: z.string().optional(), confirm }),
  DELETES,
  ({ before_date: until, tag, confirm: token }, call) => deletion({ until, tags: listOf(tag), confirm: token }, call),
);

const cleanupDuplicates = alias(
  'cleanup_duplicates',
  'Delete memories that say the same as a newer one',
  z.object({ confirm }),
  DELETES,
  ({ confirm: token }, call) => operated('memory_cleanup', { confirm: token }, call),
);

const LONGEST_PHRASE = 1_500;

const exactMatchRetrieve = alias(
  'exact_match_retrieve',
  'Find the memory with exactly this text',
  z.object({ content: z.string() }),
  LOOKS,
  async ({ content }, call) => {
    const phrase = content.slice(0, LONGEST_PHRASE).replaceAll('"', ' ');
    const found = await operated('memory_search', { query: `"${phrase}"`, max_chars: 100_000, limit: 50 }, call);
    const memories = (found.memories ?? []) as readonly { readonly text: string }[];
    return { ...found, memories: memories.filter(({ text }) => text.trim() === content.trim()) };
  },
);

const MOST_PAGED = 500;

const listMemories = alias(
  'list_memories',
  'List memories, the newest first',
  z.object({
    page: z.int().min(1).optional(),
    page_size: z.int().min(1).max(100).optional(),
    tag: z.string().optional(),
  }),
  LOOKS,
  async ({ page = 1, page_size: size = 10, tag }, call) => {
    if (page * size > MOST_PAGED)
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `list_memories goes as far as the first ${MOST_PAGED} memories.`,
        hint: 'memory_list goes through all of them by its next_cursor.',
      });
    const found = await operated('memory_list', { limit: page * size, namespace: 'own', tags: listOf(tag) }, call);
    const { memories = [], next_cursor: next, ...rest } = found;
    const shown = (memories as readonly unknown[]).slice((page - 1) * size);
    return { ...rest, memories: shown, page, page_size: size, has_more: next !== undefined };
  },
);

const checkDatabaseHealth = alias(
  'check_database_health',
  'How many memories there are, and whether all is well',
  z.object({}),
  LOOKS,
  (_, call) => operated('memory_health', {}, call),
);

const updateMemoryMetadata = alias(
  'update_memory_metadata',
  'Change tags and metadata of a memory',
  z.object({
    content_hash: hash,
    updates: z.looseObject({
      tags: oneOrMore.optional(),
      memory_type: z.string().optional(),
      metadata: z.record(z.string(), z.unknown()).optional(),
    }),
    preserve_timestamps: z.boolean().optional().describe('created_at always stays, updated_at never does.'),
  }),
  { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  async ({ content_hash: id, updates: { tags, memory_type: type, metadata, ...more } }, call) => {
    const { memories } = await operated('memory_list', { id }, call);
    const [there] = memories as readonly { readonly version: number; readonly metadata?: Record<string, unknown> }[];
    const merged = { ...there?.metadata, ...metadata, ...more, ...(type !== undefined && { type }) };
    return await operated(
      'memory_update',
      {
        id,
        version: there?.version ?? 1,
        metadata: merged,
        ...(tags !== undefined && { tags: listOf(tags) }),
      },
      call,
    );
  },
);

function between(start: string, end: string | undefined): string {
  return `${start}/${end ?? start}`;
}

export const MEMORY_ALIASES: readonly Tool[] = [
  storeMemory,
  retrieveMemory,
  recallMemory,
  recallByTimeframe,
  searchByTag,
  exactMatchRetrieve,
  listMemories,
  updateMemoryMetadata,
  deleteMemory,
  deleteByTag,
  deleteByTags,
  deleteByTimeframe,
  deleteBeforeDate,
  cleanupDuplicates,
  checkDatabaseHealth,
];
