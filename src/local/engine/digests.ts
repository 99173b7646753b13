import { createHash } from 'node:crypto';
import {
  BLOB,
  type DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBScalarFunction,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';

/** Gives DuckDB the SHA-2 digests that it lacks: `sha2_digest(bytes, bits)` in lower-case hex, for 224, 384 and 512 bits. */
export function registerDigests(connection: DuckDBConnection): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'sha2_digest',
      parameterTypes: [BLOB, INTEGER],
      returnType: VARCHAR,
      mainFunction: (_info, input, output) => {
        const bytes = input.getColumnVector(0);
        const bits = input.getColumnVector(1);
        for (let row = 0; row < input.rowCount; row++) {
          const value = bytes.getItem(row) as DuckDBBlobValue | null;
          const hex =
            value === null
              ? null
              : createHash(`sha${bits.getItem(row)}`)
                  .update(value.bytes)
                  .digest('hex');
          output.setItem(row, hex);
        }
        output.flush();
      },
    }),
  );
}
