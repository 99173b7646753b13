import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  VARCHAR,
} from '@duckdb/node-api';
import { type GeoInput, NUMBERS, TESTS, TEXTS } from './geo/operations.js';
import { GeoError } from './geo/shape.js';

/**
 * Gives DuckDB `geo_text`, `geo_number` and `geo_test` (operation, shape, other shape or NULL, number or NULL, whether in the plane): what
 * is computed of GEOGRAPHY and GEOMETRY, which it holds as GeoJSON.
 */
export function registerGeoFunctions(connection: DuckDBConnection): void {
  register(connection, 'geo_text', VARCHAR, TEXTS);
  register(connection, 'geo_number', DOUBLE, NUMBERS);
  register(connection, 'geo_test', BOOLEAN, TESTS);
}

function register<T extends string | number | boolean>(
  connection: DuckDBConnection,
  name: string,
  returnType: DuckDBType,
  operations: Readonly<Record<string, (input: GeoInput) => T | null>>,
): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      parameterTypes: [VARCHAR, VARCHAR, VARCHAR, DOUBLE, BOOLEAN],
      returnType,
      specialHandling: true,
      mainFunction: (info, input, output) => {
        const columns = Array.from({ length: 5 }, (_, i) => input.getColumnVector(i));
        for (let row = 0; row < input.rowCount; row++) {
          const [operation, a, b, n, plane] = columns.map((column) => column.getItem(row));
          try {
            const known = operations[String(operation)];
            const given = { a: String(a), b: b as string | null, n: n as number | null, plane: plane === true };
            output.setItem(row, a === null || known === undefined ? null : known(given));
          } catch (error) {
            if (!(error instanceof GeoError)) throw error;
            info.setError(`${error.number}/P0000: ${error.message.replaceAll('\n', ' ')}`);
            return;
          }
        }
        output.flush();
      },
    }),
  );
}
