import type { MemoryRecord } from '../memory-store.js';

export interface MemoryRow {
  readonly seq: number;
  readonly namespace: number;
  readonly id: string;
  readonly version: number;
  readonly text: string;
  readonly tags: string;
  readonly links: string;
  readonly source: string | null;
  readonly metadata: string | null;
  readonly author: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly expires_at: number | null;
}

export const MEMORY_COLUMNS =
  'seq, namespace, id, version, text, tags, links, source, metadata, author, created_at, updated_at, expires_at';

/** A memory past its time is gone at once, whenever it is deleted. */
export const ALIVE = '(expires_at IS NULL OR expires_at > @now)';

export function memoryOf(row: MemoryRow, namespace: string | undefined): MemoryRecord {
  return {
    id: row.id,
    ...(namespace !== undefined && { namespace }),
    text: row.text,
    tags: JSON.parse(row.tags) as readonly string[],
    links: JSON.parse(row.links) as readonly string[],
    ...(row.source !== null && { source: row.source }),
    ...(row.metadata !== null && { metadata: JSON.parse(row.metadata) as Record<string, unknown> }),
    author: row.author,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  };
}
