import type { RoutineEntry } from '../../engine/catalog/entries.js';
import { instantCell } from '../../engine/result-table.js';
import { type Cell, columns, type Listing, yes } from './listing.js';
import { signatureType } from './routine-signature.js';

const SHARED =
  '@created_on name schema_name is_builtin is_aggregate is_ansi #min_num_arguments #max_num_arguments arguments description catalog_name is_table_function valid_for_clustering is_secure secrets external_access_integrations';

/** SHOW [USER] FUNCTIONS: those that somebody defined. */
export const functions = routines('function', `${SHARED} is_external_function language is_memoizable is_data_metric`);

/** SHOW [USER] PROCEDURES. */
export const procedures = routines('procedure', SHARED);

function routines(kind: RoutineEntry['kind'], shape: string): Listing {
  return {
    scope: 'schema',
    async list(place, { names }) {
      const rows = place.schemas.flatMap(({ database, schema }) =>
        names
          .objectsIn(schema, kind)
          .map((entry): Cell[] => [
            instantCell(entry.createdAt),
            entry.routine,
            schema.name,
            'N',
            'N',
            'N',
            String(entry.arguments.filter((argument) => argument.default === undefined).length),
            String(entry.arguments.length),
            `${shownSignature(entry)} RETURN ${shownReturn(entry)}`,
            entry.comment === '' ? `user-defined ${kind}` : entry.comment,
            database.name,
            yes(entry.table !== undefined),
            'N',
            yes(entry.secure),
            null,
            null,
            ...(kind === 'function' ? ['N', entry.language, yes(entry.memoizable), 'N'] : []),
          ]),
      );
      return { columns: columns(shape), rows };
    },
  };
}

/** `F(NUMBER [, VARCHAR])`: what may be left out stands in brackets. */
function shownSignature({ routine, arguments: parameters }: RoutineEntry): string {
  const types = parameters.map(({ type, default: given }, i) => {
    const separator = i === 0 ? '' : ', ';
    return given === undefined
      ? `${separator}${signatureType(type)}`
      : ` [${separator}${signatureType(type)}]`.replace(/^ (?=\[\w)/, '');
  });
  return `${routine}(${types.join('')})`;
}

function shownReturn({ table, returns }: RoutineEntry): string {
  if (table === undefined) return signatureType(returns);
  return `TABLE (${table.map(({ name, type }) => `${name} ${signatureType(type)}`).join(', ')})`;
}
