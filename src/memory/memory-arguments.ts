import * as z from 'zod';
import { isTimeZone } from '../config/time-zone.js';

/** UTF-8 bytes of one memory's text. */
const LONGEST_TEXT_BYTES = 100_000;

/** Bytes of JSON of its metadata. */
const LONGEST_METADATA = 16_384;

const MOST_LABELS = 50;
const MOST_IDS = 1_000;

/** Records, and bytes of their JSON, that one import takes. */
const MOST_IMPORTED = 500;

const MOST_FOUND = 50;
const MOST_LISTED = 500;

const tag = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u, 'has control characters');
const tags = z.array(tag).max(MOST_LABELS);
const link = z.string().min(1).max(800);
const links = z.array(link).max(MOST_LABELS);
const source = z.string().trim().min(1).max(500);
const id = z.string().min(1).max(100);
const time = z.string().min(1).max(200);
const metadata = z
  .record(z.string(), z.unknown())
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= LONGEST_METADATA,
    `is longer than ${LONGEST_METADATA} bytes`,
  );
const text = z
  .string()
  .refine((value) => value.trim() !== '', 'is empty')
  .refine((value) => Buffer.byteLength(value) <= LONGEST_TEXT_BYTES, `is longer than ${LONGEST_TEXT_BYTES} bytes`);
const namespace = z.string().min(1).max(200);
const ttl = z.number().min(1).max(315_360_000);
const cursor = z.string().max(500);

const inNamespace = { namespace: namespace.optional().describe('A shared namespace (yours).') };
const overNamespaces = {
  namespace: namespace
    .optional()
    .describe('A shared namespace, or own for yours only (yours and all shared ones you may read).'),
};

const labels = {
  tags: tags.optional().describe('Short words to find it by.'),
  links: links.optional().describe('What it is about: DATABASE, DATABASE.SCHEMA or DATABASE.SCHEMA.TABLE.'),
  source: source.optional().describe('Where it is known from: a document, a person, a query.'),
  metadata: metadata.optional().describe('Anything else, as an object.'),
};

const expiry = {
  expires_at: time.optional().describe('When it is over: 2026-12-31, or a time.'),
  ttl_s: ttl.optional().describe('Or in so many seconds.'),
};

const filter = {
  tags: tags.optional(),
  tag_match: z.enum(['all', 'any']).optional().describe('Whether it has to have all of the tags (all).'),
  link: link
    .optional()
    .describe('Linked to this database, schema or table, to something in it, or to what it lies in.'),
  source: source.optional(),
  when: time
    .optional()
    .describe('When it was stored: 2026-03, 2026-03-01/2026-03-05, yesterday, last week, since March.'),
  since: time.optional(),
  until: time.optional(),
  time_zone: z.string().max(100).refine(isTimeZone, 'is no time zone').optional().describe('Of when, since and until.'),
};

/** What each operation on memories takes. */
export const MEMORY_ARGUMENTS = {
  memory_store: z.strictObject({
    text: text.describe('One fact, in a sentence or a few, that stands by itself.'),
    ...labels,
    ...expiry,
    ...inNamespace,
  }),
  memory_search: z.strictObject({
    query: z
      .string()
      .max(2_000)
      .optional()
      .describe('Words, "a phrase", begin*, -without. Without it: the newest that pass the filters.'),
    ...filter,
    ...overNamespaces,
    limit: z.int().min(1).max(MOST_FOUND).optional().describe('Memories in one page (10).'),
    cursor: cursor.optional().describe('next_cursor of the page before.'),
    max_chars: z.int().min(50).max(LONGEST_TEXT_BYTES).optional().describe('Characters of each text (2000).'),
  }),
  memory_list: z.strictObject({
    id: id.optional().describe('Only this memory, its text in full.'),
    ...filter,
    ...overNamespaces,
    limit: z.int().min(1).max(MOST_LISTED).optional().describe('Memories in one page (20).'),
    cursor: cursor.optional().describe('next_cursor of the page before.'),
    max_chars: z.int().min(50).max(LONGEST_TEXT_BYTES).optional().describe('Characters of each text (500).'),
  }),
  memory_update: z.strictObject({
    id: id.describe('Of the memory.'),
    version: z.int().min(1).describe('The version you have seen; if it was changed since, nothing happens.'),
    text: text.optional(),
    tags: tags.optional().describe('In the place of all its tags.'),
    links: links.optional(),
    source: source.nullable().optional(),
    metadata: metadata.nullable().optional(),
    expires_at: time.nullable().optional().describe('null: never.'),
    ttl_s: ttl.optional(),
  }),
  memory_delete: z.strictObject({
    id: id.optional(),
    ids: z.array(id).min(1).max(MOST_IDS).optional(),
    ...filter,
    ...inNamespace,
    dry_run: z
      .boolean()
      .optional()
      .describe('Only tell what would be deleted. So it is for more than one without confirm.'),
    confirm: z.string().max(100).optional().describe('confirm of the dry run: delete exactly that.'),
  }),
  memory_cleanup: z.strictObject({
    ...inNamespace,
    dry_run: z.boolean().optional(),
    confirm: z.string().max(100).optional().describe('confirm of the dry run.'),
  }),
  memory_health: z.strictObject({ ...overNamespaces }),
  memory_import: z.strictObject({
    records: z.array(z.unknown()).min(1).max(MOST_IMPORTED),
    /** Number of the first record in its file, for messages. */
    first_line: z.int().min(1).optional(),
    ...inNamespace,
  }),
} as const;

export type MemoryOperation = keyof typeof MEMORY_ARGUMENTS;
export type ArgumentsOf<Name extends MemoryOperation> = z.output<(typeof MEMORY_ARGUMENTS)[Name]>;

/** One line of an export. */
export const MEMORY_RECORD = z.object({
  id: z.uuid().optional(),
  text,
  tags: tags.optional(),
  links: links.optional(),
  source: source.optional(),
  metadata: metadata.optional(),
  created_at: z.iso.datetime({ offset: true }).optional(),
  expires_at: z.iso.datetime({ offset: true }).optional(),
});

/** Those that change something. */
const WRITES: ReadonlySet<string> = new Set<MemoryOperation>([
  'memory_store',
  'memory_update',
  'memory_delete',
  'memory_cleanup',
  'memory_import',
]);

export function changesMemories(operation: MemoryOperation): boolean {
  return WRITES.has(operation);
}

export function isMemoryOperation(name: string): name is MemoryOperation {
  return Object.hasOwn(MEMORY_ARGUMENTS, name);
}
