import type { DuckDBConnection } from '@duckdb/node-api';
import { registerCipherFunctions } from './cipher-functions.js';
import { registerDigests } from './digests.js';
import { registerGeoFunctions } from './geo-functions.js';
import { registerJsonFunctions } from './json-functions.js';
import { registerPatternFunction } from './row-pattern/pattern-function.js';
import { registerSearchFunctions } from './search-functions.js';
import { registerTextFunctions } from './text-functions.js';
import { registerXmlFunctions } from './xml-functions.js';

/** Gives DuckDB the functions that are written in TypeScript. They last as long as its instance. */
export function registerFunctions(connection: DuckDBConnection): void {
  registerDigests(connection);
  registerCipherFunctions(connection);
  registerTextFunctions(connection);
  registerXmlFunctions(connection);
  registerJsonFunctions(connection);
  registerGeoFunctions(connection);
  registerSearchFunctions(connection);
  registerPatternFunction(connection);
}
