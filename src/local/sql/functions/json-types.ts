import { ARRAY, BOOLEAN, OBJECT, type Typed, typed, VARIANT } from '../emit/typed.js';

/** What the rules of semi-structured values give: DuckDB text that is exactly of the type. */
export const array = (sql: string): Typed => typed(sql, ARRAY, true);
export const object = (sql: string): Typed => typed(sql, OBJECT, true);
export const variant = (sql: string): Typed => typed(sql, VARIANT, true);
export const boolean = (sql: string): Typed => typed(sql, BOOLEAN, true);
