import { type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import { type CompiledSearch, compileSearch, findMatches, type PatternSearch } from './search.js';

/** Searches that were compiled last, by their text. */
const MOST_COMPILED = 32;

/** Gives DuckDB `find_matches(rows, search)`: the matches of MATCH_RECOGNIZE in one partition. */
export function registerPatternFunction(connection: DuckDBConnection): void {
  const compiled = new Map<string, CompiledSearch>();
  const searchOf = (text: string): CompiledSearch => {
    const known = compiled.get(text);
    if (known !== undefined) return known;
    if (compiled.size >= MOST_COMPILED) compiled.delete(compiled.keys().next().value as string);
    const search = compileSearch(JSON.parse(text) as PatternSearch);
    compiled.set(text, search);
    return search;
  };
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'find_matches',
      parameterTypes: [VARCHAR, VARCHAR],
      returnType: VARCHAR,
      mainFunction: (info, input, output) => {
        const partitions = input.getColumnVector(0);
        const searches = input.getColumnVector(1);
        try {
          for (let i = 0; i < input.rowCount; i++) {
            const rows = partitions.getItem(i) as string | null;
            output.setItem(
              i,
              rows === null ? null : (findMatches(rows, searchOf(String(searches.getItem(i)))) ?? null),
            );
          }
          output.flush();
        } catch (error) {
          info.setError(error instanceof Error ? error.message : String(error));
        }
      },
    }),
  );
}
