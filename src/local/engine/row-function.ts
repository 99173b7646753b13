import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

/** Ends the statement; `message` begins with Snowflake's number and SQL state: `100069/22P02: …`. */
export class RowError extends Error {}

/**
 * Gives DuckDB a function that is computed row by row, NULL where an argument is NULL. `work` gets bytes as `DuckDBBlobValue` and may
 * throw `RowError`.
 */
export function registerRowFunction(
  connection: DuckDBConnection,
  name: string,
  parameterTypes: readonly DuckDBType[],
  returnType: DuckDBType,
  work: (args: readonly DuckDBValue[]) => string | number | boolean | Uint8Array | null,
): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      parameterTypes,
      returnType,
      mainFunction: (info, input, output) => {
        const columns = parameterTypes.map((_, i) => input.getColumnVector(i));
        try {
          for (let row = 0; row < input.rowCount; row++) {
            const args = columns.map((column) => column.getItem(row));
            const result = args.includes(null) ? null : work(args);
            output.setItem(row, result instanceof Uint8Array ? new DuckDBBlobValue(result) : result);
          }
          output.flush();
        } catch (error) {
          if (!(error instanceof RowError)) throw error;
          info.setError(error.message.replaceAll('\n', ' '));
        }
      },
    }),
  );
}

/** The bytes of an argument that is a BLOB. */
export function bytesOf(argument: DuckDBValue | undefined): Uint8Array {
  return (argument as DuckDBBlobValue).bytes;
}
