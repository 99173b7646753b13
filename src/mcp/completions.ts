import { type McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { CatalogNames, NameQuestion } from './catalog-names.js';
import { PROMPTS } from './prompts/prompts.js';
import { RESULT_URI_TEMPLATE } from './result-uri.js';
import { TABLE_URI_TEMPLATE } from './table-resource.js';
import type { OpenCall } from './tool.js';

/** The protocol's limit. */
const MOST_VALUES = 100;

/** Arguments of prompts and resource templates that are names out of the catalog; they are called alike everywhere. */
const NAMES_OF: Readonly<Record<string, NameQuestion['of']>> = {
  database: 'databases',
  schema: 'schemas',
  table: 'tables',
};

/**
 * Completions for the arguments of prompts and resource templates. The SDK's own completers are not told who asks, and names
 * are each client's own.
 */
export function registerCompletions(server: McpServer, open: OpenCall, names: CatalogNames): void {
  server.server.setRequestHandler('completion/complete', async ({ params }, context) => {
    checkReference(params.ref);
    const { name, value } = params.argument;
    const given = params.context?.arguments ?? {};
    const of = NAMES_OF[name];
    if (of !== undefined) {
      const { gateway, caller } = await open(context);
      const question = { of, database: given.database || undefined, schema: given.schema || undefined };
      return completion(await names.beginningWith(value, question, gateway, caller));
    }
    if (params.ref.type === 'ref/resource' && params.ref.uri === RESULT_URI_TEMPLATE && name === 'id') {
      const { gateway, caller } = await open(context);
      const { jobs } = await gateway.listJobs(caller, { states: ['succeeded'], limit: 1_000 });
      return completion(jobs.map((job) => job.job_id).filter((id) => id.startsWith(value)));
    }
    return completion([]);
  });
}

function checkReference(
  ref: { readonly type: 'ref/prompt'; readonly name: string } | { readonly type: 'ref/resource'; readonly uri: string },
): void {
  const known =
    ref.type === 'ref/prompt'
      ? PROMPTS.some((prompt) => prompt.name === ref.name)
      : [RESULT_URI_TEMPLATE, TABLE_URI_TEMPLATE].includes(ref.uri);
  if (known) return;
  const what = ref.type === 'ref/prompt' ? `prompt ${ref.name}` : `resource template ${ref.uri}`;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no ${what}.`);
}

function completion(values: readonly string[]) {
  return {
    completion: {
      values: values.slice(0, MOST_VALUES),
      total: values.length,
      hasMore: values.length > MOST_VALUES,
    },
  };
}
