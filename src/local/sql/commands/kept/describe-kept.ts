import type { KeptEntry } from '../../../engine/catalog/entries.js';
import type { CommandContext } from '../../../engine/command.js';
import type { ResultTable } from '../../../engine/result-table.js';
import { showType } from '../../../engine/types/show-type.js';
import { columns } from '../listing.js';
import { keptAt } from './find-kept.js';
import type { KeptSpecification } from './kept-specification.js';
import { rowOf } from './show-kept.js';

/** DESCRIBE of a kind that is kept: a policy's parts, the properties of what is set up, or the row of SHOW. */
export function describeKept(
  specifications: readonly KeptSpecification[],
  path: readonly string[],
  context: CommandContext,
): ResultTable {
  const operation = `DESCRIBE ${specifications[0]?.words.join(' ')}`;
  const { at, entry } = keptAt(specifications, path, context, operation);
  const { specification } = at;
  if (entry.arguments !== undefined) return describedPolicy(entry);
  if (specification.properties !== undefined) {
    return {
      columns: columns('property property_type property_value property_default'),
      rows: specification.properties(entry).map(([name, type, value]) => [name, type, value, '']),
    };
  }
  const schema = context.names.catalog.get(entry.parent);
  const database = schema?.kind === 'schema' ? context.names.catalog.get(schema.parent) : schema;
  return {
    columns: columns(specification.columns),
    rows: [
      rowOf(entry, specification, {
        ...(schema?.kind === 'schema' ? { schema } : {}),
        ...(database?.kind === 'database' ? { database } : {}),
      }),
    ],
  };
}

function describedPolicy({ name, arguments: parameters = [], returns, definition }: KeptEntry): ResultTable {
  const signature = parameters.map((parameter) => `${parameter.name} ${showType(parameter.type).split('(')[0]}`);
  return {
    columns: columns('name signature return_type body'),
    rows: [[name, `(${signature.join(', ')})`, returns === undefined ? null : showType(returns), definition]],
  };
}
