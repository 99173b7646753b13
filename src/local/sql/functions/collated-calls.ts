import { collationOf, withCollation } from '../emit/collated.js';
import type { Typed } from '../emit/typed.js';

/** What gives a text made of its arguments, with their collation. */
const KEEPING = new Set([
  'CONCAT',
  'CONCAT_WS',
  'INITCAP',
  'LEFT',
  'LOWER',
  'LPAD',
  'LTRIM',
  'REPEAT',
  'REVERSE',
  'RIGHT',
  'RPAD',
  'RTRIM',
  'SUBSTR',
  'SUBSTRING',
  'TRIM',
  'UPPER',
]);

/** What compares no texts, or does it by their collation. */
const OTHERS = new Set([
  ...['ANY_VALUE', 'ARRAY_AGG', 'ARRAY_CONSTRUCT', 'ASCII', 'BASE64_ENCODE', 'BIT_LENGTH', 'CHARINDEX', 'COALESCE'],
  ...['COLLATE', 'COLLATION', 'CONTAINS', 'COUNT', 'COUNT_IF', 'DECODE', 'ENDSWITH', 'EQUAL_NULL', 'FIRST_VALUE'],
  ...['HEX_ENCODE', 'IFF', 'IFNULL', 'LAG', 'LAST_VALUE', 'LEAD', 'LEN', 'LENGTH', 'LISTAGG', 'MAX', 'MD5', 'MIN'],
  ...['NTH_VALUE', 'NULLIF', 'NVL', 'NVL2', 'OBJECT_AGG', 'OBJECT_CONSTRUCT', 'OCTET_LENGTH', 'PARSE_JSON', 'POSITION'],
  ...['SHA1', 'SHA2', 'SOUNDEX', 'STARTSWITH', 'SYSTEM$TYPEOF', 'TO_DATE', 'TO_NUMBER', 'TO_TIMESTAMP', 'TO_VARIANT'],
  ...['TRY_PARSE_JSON', 'TRY_TO_DATE', 'TRY_TO_NUMBER', 'TRY_TO_TIMESTAMP', 'UNICODE', 'ZEROIFNULL'],
]);

/** Of those, what tells equal values apart where DISTINCT is asked for. */
const TELLING_APART = new Set(['ARRAY_AGG', 'LISTAGG', 'OBJECT_AGG']);

/** Whether a function may be given a text with a collation: nothing it does with it depends on how texts compare, or it heeds that. */
export function takesCollations(name: string, distinct: boolean): boolean {
  if (distinct && TELLING_APART.has(name)) return false;
  return KEEPING.has(name) || OTHERS.has(name);
}

/** The result of a call, with the collation of its arguments where it is made of them. */
export function keepingCollation(result: Typed, name: string, args: () => readonly Typed[]): Typed {
  if (!KEEPING.has(name) || result.type.name !== 'TEXT') return result;
  const collation = args()
    .map(collationOf)
    .find((given) => given !== undefined);
  return collation === undefined ? result : { ...result, type: withCollation(result.type, collation) };
}
