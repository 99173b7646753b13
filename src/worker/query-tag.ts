import type { JobRecord } from '../store/job.js';

/** Snowflake's limit for QUERY_TAG, in characters. */
const LONGEST_TAG = 2_000;

/** Names are cut, never the JSON around them: three of them and the frame fit into the limit. */
const LONGEST_NAME = 300;

/** Who is behind a statement, for the warehouse's own history. */
export function queryTagOf(job: Pick<JobRecord, 'id' | 'client' | 'session'>): string {
  const tag = JSON.stringify({
    app: 'mcp-snow',
    client: cut(job.client),
    session: cut(job.session ?? 'default'),
    job: job.id,
  });
  // Escapes can make a name six times as long as it is.
  return tag.length <= LONGEST_TAG ? tag : JSON.stringify({ app: 'mcp-snow', job: job.id });
}

function cut(name: string): string {
  return name.length <= LONGEST_NAME ? name : name.slice(0, LONGEST_NAME).replace(/[\uD800-\uDBFF]$/, '');
}
