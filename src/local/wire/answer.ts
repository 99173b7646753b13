import type { QueryResult } from './query.js';
import { type ParameterMap, resultParameters } from './result-parameters.js';
import { rowTypeItem } from './row-type.js';

/** Whose parameters say how drivers format the values. */
export interface AskingSession {
  readonly atLogin: ParameterMap;
  readonly engine: { readonly parameters: ParameterMap };
}

/**
 * The answer to a statement that ended well, as pieces of JSON text: the row set is spliced in as it came from the engine.
 * Values are formatted as the session that asks wants them; `baseUrl` is where the client reaches this server, for the chunks' addresses.
 */
export function answerOf(result: QueryResult, session: AskingSession, baseUrl: string): Buffer[] {
  const { rows, context } = result;
  const data = {
    parameters: resultParameters(session.atLogin, session.engine.parameters),
    rowtype: result.columns.map(rowTypeItem),
    total: rows.totalRows,
    returned: rows.totalRows,
    queryId: result.queryId,
    databaseProvider: null,
    finalDatabaseName: context.database ?? null,
    finalSchemaName: context.schema ?? null,
    finalWarehouseName: context.warehouse ?? null,
    finalRoleName: context.role ?? null,
    numberOfBinds: result.numberOfBinds,
    arrayBindSupported: (result.statementTypeId & 0xf000) === 0x3000,
    statementTypeId: result.statementTypeId,
    version: 1,
    sendResultTime: Date.now(),
    queryResultFormat: 'json',
    queryContext: { entries: [] },
    ...result.transfer,
    ...(rows.chunks.length > 0 && {
      chunks: rows.chunks.map((chunk, index) => ({
        url: `${baseUrl}/chunks/${rows.secret}/${index}`,
        rowCount: chunk.rows,
        uncompressedSize: chunk.bytes,
        compressedSize: chunk.bytes,
      })),
    }),
    ...(result.children.length > 0 && {
      resultIds: result.children.map((child) => child.queryId).join(','),
      resultTypes: result.children.map((child) => child.statementTypeId).join(','),
    }),
  };
  // `rowset` last, in place of the closing brace.
  const head = JSON.stringify(data).slice(0, -1);
  return [
    Buffer.from(`{"success":true,"code":null,"message":null,"data":${head},"rowset":[`),
    ...rows.inline,
    Buffer.from(']}}'),
  ];
}

/** The answer while a statement runs: where to ask again. `333334` to one that was sent to run on its own. */
export function inProgressAnswer(queryId: string, asynchronous: boolean, timeoutMs: number): object {
  return {
    success: true,
    code: asynchronous ? '333334' : '333333',
    message: `Query execution in progress. Query ID: ${queryId}`,
    data: {
      queryId,
      getResultUrl: `/queries/${queryId}/result`,
      queryAbortsAfterSecs: Math.ceil(timeoutMs / 1000),
      progressDesc: null,
    },
  };
}
