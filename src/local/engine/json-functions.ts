import { BOOLEAN, type DuckDBConnection, DuckDBVarCharType, VARCHAR } from '@duckdb/node-api';
import { keptNumbers } from './json-numbers.js';
import { JsonProblem, strictJson } from './relaxed-json.js';
import { RowError, registerRowFunction } from './row-function.js';
import { DuplicateKey, sortedJson } from './sorted-json.js';

/**
 * Gives DuckDB `sorted_json(json, last_of_equal, lenient)`: valid JSON without blanks, the keys of its objects in alphabetical order, its numbers as Snowflake keeps them. Equal
 * keys are error 100069, NULL with `lenient`, or the last of them with `last_of_equal`. `strict_json(text)` is JSON for what Snowflake takes
 * as such, NULL for what it does not, and `strict_json_problem(text)` says why.
 */
export function registerJsonFunctions(connection: DuckDBConnection): void {
  const types = [VARCHAR, BOOLEAN, BOOLEAN];
  registerRowFunction(
    connection,
    'sorted_json',
    types,
    new DuckDBVarCharType('JSON'),
    ([text, lastOfEqual, lenient]) => {
      try {
        return sortedJson(keptNumbers(String(text)), lastOfEqual === true);
      } catch (error) {
        if (!(error instanceof DuplicateKey)) throw error;
        if (lenient === true) return null;
        throw new RowError(`100069/22P02: Error parsing JSON: ${error.message}`);
      }
    },
  );
  registerRowFunction(connection, 'strict_json', [VARCHAR], VARCHAR, ([text]) =>
    orProblem(
      String(text),
      (json) => json,
      () => null,
    ),
  );
  registerRowFunction(connection, 'strict_json_problem', [VARCHAR], VARCHAR, ([text]) =>
    orProblem(
      String(text),
      () => null,
      (problem) => problem,
    ),
  );
}

function orProblem<T>(text: string, json: (json: string) => T, problem: (message: string) => T): T {
  try {
    return json(strictJson(text));
  } catch (error) {
    if (error instanceof JsonProblem) return problem(error.message);
    throw error;
  }
}
