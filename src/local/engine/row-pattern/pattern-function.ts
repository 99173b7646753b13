import { type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import type { Steps } from './matcher.js';
import { type CompiledSearch, compileSearch, type PatternSearch, SearchRun } from './search.js';
import { SuspendedRuns } from './suspended-runs.js';

/** Searches that were compiled last, by their text. */
const MOST_COMPILED = 32;
/** Some ten milliseconds: the server does nothing else meanwhile. */
const STEPS_OF_A_CALL = 200_000;

/**
 * Gives DuckDB `find_matches(rows, search, place)`: the matches of MATCH_RECOGNIZE in one partition, as `place;match;match;…`. `place` is empty in
 * the first call. A search that takes longer than a call may goes on in another one, which gets the place that this one answered: empty
 * when there is no more. NULL when nothing was found and there is no more.
 */
export function registerPatternFunction(connection: DuckDBConnection): void {
  const compiled = new Map<string, CompiledSearch>();
  const suspended = new SuspendedRuns();
  const searchOf = (text: string): CompiledSearch => {
    const known = compiled.get(text);
    if (known !== undefined) return known;
    if (compiled.size >= MOST_COMPILED) compiled.delete(compiled.keys().next().value as string);
    const search = compileSearch(JSON.parse(text) as PatternSearch);
    compiled.set(text, search);
    return search;
  };
  const found = (run: SearchRun, steps: Steps): string | null => {
    const matches = run.run(steps);
    if (run.done) return matches.length === 0 ? null : `;${matches.join(';')}`;
    return `${suspended.keep(run)};${matches.join(';')}`;
  };
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'find_matches',
      parameterTypes: [VARCHAR, VARCHAR, VARCHAR],
      returnType: VARCHAR,
      volatile: true,
      mainFunction: (info, input, output) => {
        const [rows, searches, places] = [0, 1, 2].map((i) => input.getColumnVector(i));
        const steps: Steps = { left: STEPS_OF_A_CALL };
        try {
          for (let i = 0; i < input.rowCount; i++) {
            const place = String(places?.getItem(i));
            if (steps.left <= 0) {
              output.setItem(i, `${place === '' ? SuspendedRuns.START : place};`);
              continue;
            }
            const run =
              suspended.take(place) ?? newRun(rows?.getItem(i), searchOf(String(searches?.getItem(i))), place);
            output.setItem(i, run === undefined ? null : found(run, steps));
          }
          output.flush();
        } catch (error) {
          info.setError(error instanceof Error ? error.message : String(error));
        }
      },
    }),
  );
}

function newRun(rows: unknown, search: CompiledSearch, place: string): SearchRun | undefined {
  return typeof rows === 'string' ? new SearchRun(rows, search, SuspendedRuns.placeOf(place)) : undefined;
}
