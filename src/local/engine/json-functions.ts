import { BOOLEAN, type DuckDBConnection, DuckDBScalarFunction, DuckDBVarCharType, VARCHAR } from '@duckdb/node-api';
import { JsonProblem, strictJson } from './relaxed-json.js';
import { DuplicateKey, sortedJson } from './sorted-json.js';

/**
 * Gives DuckDB `sorted_json(json, last_of_equal, lenient)`: valid JSON without blanks, the keys of its objects in alphabetical order. Equal
 * keys are error 100069, NULL with `lenient`, or the last of them with `last_of_equal`. `strict_json(text)` is JSON for what Snowflake takes
 * as such, NULL for what it does not, and `strict_json_problem(text)` says why.
 */
export function registerJsonFunctions(connection: DuckDBConnection): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'sorted_json',
      parameterTypes: [VARCHAR, BOOLEAN, BOOLEAN],
      returnType: new DuckDBVarCharType('JSON'),
      mainFunction: (info, input, output) => {
        const texts = input.getColumnVector(0);
        const lastOfEqual = input.getColumnVector(1);
        const lenient = input.getColumnVector(2);
        for (let row = 0; row < input.rowCount; row++) {
          const text = texts.getItem(row) as string | null;
          try {
            output.setItem(row, text === null ? null : sortedJson(text, lastOfEqual.getItem(row) === true));
          } catch (error) {
            if (!(error instanceof DuplicateKey)) throw error;
            if (lenient.getItem(row) !== true) {
              info.setError(`100069/22P02: Error parsing JSON: ${error.message.replaceAll('\n', ' ')}`);
              return;
            }
            output.setItem(row, null);
          }
        }
        output.flush();
      },
    }),
  );
  connection.registerScalarFunction(
    perText('strict_json', (text) =>
      orProblem(
        text,
        (json) => json,
        () => null,
      ),
    ),
  );
  connection.registerScalarFunction(
    perText('strict_json_problem', (text) =>
      orProblem(
        text,
        () => null,
        (problem) => problem,
      ),
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

function perText(name: string, of: (text: string) => string | null): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: [VARCHAR],
    returnType: VARCHAR,
    mainFunction: (_info, input, output) => {
      const texts = input.getColumnVector(0);
      for (let row = 0; row < input.rowCount; row++) {
        const text = texts.getItem(row) as string | null;
        output.setItem(row, text === null ? null : of(text));
      }
      output.flush();
    },
  });
}
