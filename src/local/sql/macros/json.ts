import type { Macro } from './numbers.js';
import { raise } from './raise.js';

const URL_PATTERN =
  '^([A-Za-z][A-Za-z0-9+.-]*):(?://((?:[^/?#@]*@)?[^/?#:]*)(?::([0-9]*))?)?/?([^?#]*)(?:\\?([^#]*))?(?:#(.*))?$';
const part = (n: number): string => `nullif(regexp_extract(t, '${URL_PATTERN}', ${n}), '')`;
const textOrNull = (sql: string): string => `coalesce(to_json(${sql}), 'null'::JSON)`;

const notCastable = (kind: string): string =>
  raise('100071', '22000', `'Failed to cast variant value ' || CAST(v AS VARCHAR) || ' to ' || ${kind}`);

/**
 * DuckDB takes a comma before a closing bracket as if it were not there, Snowflake as an element that is left out; DuckDB writes numbers
 * without their exponents, which tell doubles from decimals.
 */
const IS_STRICT = "(json_valid(t) AND NOT regexp_matches(t, ',[ \\t\\r\\n]*\\]|[0-9][eE][-+]?[0-9]'))";

export const JSON_MACROS: readonly Macro[] = [
  ['binary_of(x)', `CASE WHEN typeof(x) = 'VARCHAR' THEN unhex(CAST(x AS VARCHAR)) ELSE CAST(x AS BLOB) END`],
  [
    'url_parameters(q)',
    `_fn.object_of([{'k': split_part(p, '=', 1), 'v': to_json(substr(p, length(split_part(p, '=', 1)) + 2))} FOR p IN string_split(q, '&')])`,
  ],
  [
    'parse_url(t, lenient)',
    `CASE WHEN t IS NULL THEN NULL WHEN regexp_matches(t, '${URL_PATTERN}') THEN json_object('fragment', ${textOrNull(part(6))}, 'host', ${textOrNull(part(2))},
    'parameters', CASE WHEN ${part(5)} IS NULL THEN 'null'::JSON ELSE _fn.url_parameters(${part(5)}) END, 'path', ${textOrNull(part(4))}, 'port', ${textOrNull(part(3))},
    'query', ${textOrNull(part(5))}, 'scheme', ${textOrNull(`lower(${part(1)})`)})
    WHEN lenient THEN json_object('error', 'scheme not specified') ELSE ${raise('100139', '22000', "'Error parsing URL: scheme not specified'")} END`,
  ],
  [
    'number_json(x)',
    `CAST(CASE WHEN contains(CAST(x AS VARCHAR), '.') THEN rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.') ELSE CAST(x AS VARCHAR) END AS JSON)`,
  ],
  [
    'real_json(x)',
    `CASE WHEN isnan(x) OR isinf(x) THEN to_json(_fn.real_text(x)) ELSE CAST(_fn.real_text(x) AS JSON) END`,
  ],
  // A float that is not whole is told from a decimal by its exponent.
  [
    'real_variant(x)',
    `CASE WHEN NOT isfinite(x) OR x = trunc(x) THEN _fn.real_json(x)
    ELSE CAST(CASE WHEN CAST(printf('%.15e', x) AS DOUBLE) = x THEN printf('%.15e', x) ELSE printf('%.16e', x) END AS JSON) END`,
  ],
  ['sort_key(x)', `{'n': TRY_CAST(x ->> '$' AS DOUBLE), 't': CAST(x AS VARCHAR), 'x': x}`],
  ['compare_variants(a, b, result)', 'CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE result END'],
  [
    'variant_number(v)',
    `CASE WHEN json_type(v) = 'BOOLEAN' THEN CASE WHEN CAST(v AS VARCHAR) = 'true' THEN '1' ELSE '0' END ELSE trim(v ->> '$') END`,
  ],
  [
    'variant_numeral(v, kind)',
    `CASE json_type(v) WHEN 'BOOLEAN' THEN CASE WHEN CAST(v AS VARCHAR) = 'true' THEN '1' ELSE '0' END
    WHEN 'OBJECT' THEN ${notCastable('kind')} WHEN 'ARRAY' THEN ${notCastable('kind')}
    WHEN 'VARCHAR' THEN CASE WHEN TRY_CAST(trim(v ->> '$') AS DOUBLE) IS NULL THEN ${notCastable('kind')} ELSE trim(v ->> '$') END
    ELSE v ->> '$' END`,
  ],
  [
    'variant_to_boolean(v)',
    `CASE WHEN v ->> '$' IS NULL THEN NULL WHEN json_type(v) IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE') THEN CAST(v ->> '$' AS DOUBLE) <> 0
    ELSE coalesce(_fn.try_to_boolean(v ->> '$'), ${notCastable("'BOOLEAN'")}) END`,
  ],
  [
    'parse_json(t, last_of_equal)',
    `CASE WHEN t IS NULL OR trim(t) = '' THEN NULL WHEN ${IS_STRICT} THEN sorted_json(json_extract(CAST(t AS JSON), '$'), last_of_equal, FALSE)
    ELSE coalesce(sorted_json(CAST(strict_json(t) AS JSON), last_of_equal, FALSE), ${raise('100069', '22P02', "'Error parsing JSON: ' || strict_json_problem(t)")}) END`,
  ],
  [
    'json_problem(t)',
    `CASE WHEN t IS NULL OR trim(t) = '' THEN NULL WHEN NOT ${IS_STRICT} AND strict_json(t) IS NULL THEN strict_json_problem(t)
    WHEN sorted_json(CASE WHEN ${IS_STRICT} THEN json_extract(CAST(t AS JSON), '$') ELSE CAST(strict_json(t) AS JSON) END, FALSE, TRUE) IS NULL THEN 'duplicate object attribute' END`,
  ],
  [
    'try_parse_json(t, last_of_equal)',
    `CASE WHEN trim(t) = '' THEN NULL WHEN ${IS_STRICT} THEN sorted_json(json_extract(CAST(t AS JSON), '$'), last_of_equal, TRUE)
    ELSE sorted_json(CAST(strict_json(t) AS JSON), last_of_equal, TRUE) END`,
  ],
  [
    'to_array(v)',
    `CASE WHEN v IS NULL OR json_type(v) = 'NULL' THEN NULL WHEN json_type(v) = 'ARRAY' THEN v ELSE json_array(v) END`,
  ],
  [
    'to_object(v)',
    `CASE WHEN v IS NULL OR json_type(v) IN ('OBJECT', 'NULL') THEN CASE WHEN json_type(v) = 'OBJECT' THEN v END
    ELSE ${raise('100102', '22000', "'Failed to cast variant value ' || CAST(v AS VARCHAR) || ' to OBJECT'")} END`,
  ],
  [
    'element(v, k)',
    `CASE json_type(v) WHEN 'ARRAY' THEN CASE WHEN regexp_full_match(k, '[0-9]+') THEN json_extract(v, '$[' || coalesce(nullif(regexp_extract(k, '^[0-9]+$'), ''), '0') || ']') END
    WHEN 'OBJECT' THEN CAST(json_extract(v, '$.*') AS JSON[])[nullif(list_position(json_keys(v), k), 0)] END`,
  ],
  [
    'of_size(l, n)',
    `CASE WHEN len(l) <> n THEN ${raise('100372', '22000', "'Array-like value has ' || len(l) || ' elements, the VECTOR ' || n")} ELSE l END`,
  ],
  [
    'with_keys(v, ks, type)',
    `CASE WHEN v IS NULL OR list_sort(json_keys(v)) = list_sort(ks) THEN v
    ELSE ${raise('100071', '22000', "'Failed to cast variant value ' || CAST(v AS VARCHAR) || ' to ' || type || ': the keys are others'")} END`,
  ],
  [
    'parse_xml(t, convert)',
    `CASE WHEN t IS NULL OR trim(t) = '' THEN NULL ELSE CAST(coalesce(xml_json(t, convert), ${raise('100100', '22P02', "'Error parsing XML: ' || xml_problem(t)")}) AS JSON) END`,
  ],
  ['json_path(p)', `CASE WHEN starts_with(p, '[') THEN '$' || p ELSE '$.' || p END`],
  [
    'type_of(v)',
    `CASE json_type(v) WHEN 'VARCHAR' THEN 'VARCHAR' WHEN 'BOOLEAN' THEN 'BOOLEAN' WHEN 'DOUBLE' THEN CASE WHEN contains(lower(CAST(v AS VARCHAR)), 'e') THEN 'DOUBLE' ELSE 'DECIMAL' END WHEN 'ARRAY' THEN 'ARRAY'
    WHEN 'OBJECT' THEN 'OBJECT' WHEN 'NULL' THEN 'NULL_VALUE' ELSE CASE WHEN v IS NULL THEN NULL ELSE 'INTEGER' END END`,
  ],
];

/** A row of FLATTEN. THIS is the input itself, so only the rows of a tree have one of their own. */
const flattened = (key: string, path: string, index: string, value: string, rest = ''): string =>
  `{'KEY': ${key}, 'PATH': ${path}, 'INDEX': ${index}, 'VALUE': ${value}${rest}}`;
const IN_ARRAY = "substr(e.fullkey, length(e.path) + 1, 1) = '['";
const PARENT = "CASE WHEN e.path = '$' THEN v ELSE json_extract(v, e.path) END";
const NO_TEXT = 'CAST(NULL AS VARCHAR)';
const NO_INDEX = 'CAST(NULL AS BIGINT)';

/** The rows of FLATTEN as a list; `kinds` are the JSON types that are flattened. */
export const FLATTEN_MACROS: readonly Macro[] = [
  [
    'flatten_rows(v, prefix, kinds)',
    `CASE WHEN NOT list_contains(kinds, json_type(v)) THEN NULL
    WHEN json_type(v) = 'ARRAY' THEN list_transform(_fn.elements(v), lambda x, i: ${flattened(NO_TEXT, "prefix || '[' || (i - 1) || ']'", 'CAST(i - 1 AS BIGINT)', 'x')})
    WHEN json_type(v) = 'OBJECT' THEN list_transform(list_zip(json_keys(v), CAST(json_extract(v, '$.*') AS JSON[])), lambda x: ${flattened('x[1]', '_fn.join_path(prefix, x[1], FALSE)', NO_INDEX, 'x[2]')}) END`,
  ],
  ['flatten_none(v, path)', `[${flattened(NO_TEXT, 'path', NO_INDEX, 'CAST(NULL AS JSON)', ", 'THIS': v")}]`],
  [
    'flatten_tree(v, prefix, kinds)',
    `(SELECT list(${flattened(`CASE WHEN NOT ${IN_ARRAY} THEN e.key END`, '_fn.tree_path(prefix, e.fullkey)', `CASE WHEN ${IN_ARRAY} THEN TRY_CAST(e.key AS BIGINT) END`, 'CAST(e.value AS JSON)', `, 'THIS': ${PARENT}`)} ORDER BY e.id)
    FROM json_tree(v) AS e WHERE e.fullkey <> '$' AND list_contains(kinds, json_type(${PARENT})))`,
  ],
];

export const ENTRIES: readonly Macro[] = [
  // The list of an array's elements; of an object's keys and values.
  ['elements(v)', `CAST(json_extract(v, '$[*]') AS JSON[])`],
  // A null in an array counts as NULL for a lambda.
  ['values_of(v)', `list_transform(_fn.elements(v), lambda x: nullif(x, 'null'::JSON))`],
  [
    'entries(v)',
    `list_transform([CAST(v AS JSON)], lambda held: list_transform(json_keys(held), lambda k: {'k': k, 'v': json_extract(held, '$."' || k || '"')}))[1]`,
  ],
  [
    'object_of(entries)',
    `CAST('{' || array_to_string(list_transform(list_sort(entries), lambda e: CAST(to_json(e.k) AS VARCHAR) || ':' || CAST(e.v AS VARCHAR)), ',') || '}' AS JSON)`,
  ],
  [
    'entries_of(ks, vs)',
    `[{'k': ks[i], 'v': vs[i]} FOR i IN range(1, len(ks) + 1) IF ks[i] IS NOT NULL AND vs[i] IS NOT NULL]`,
  ],
  [
    'entries_with_null(ks, vs)',
    `[{'k': ks[i], 'v': coalesce(vs[i], 'null'::JSON)} FOR i IN range(1, len(ks) + 1) IF ks[i] IS NOT NULL]`,
  ],
  [
    'distinct_entries(entries)',
    `list_transform([entries], lambda es: CASE WHEN len(es) = list_unique([e.k FOR e IN es]) THEN es ELSE ${raise('100103', '22000', `'Duplicate field key ''' || list_filter([e.k FOR e IN es], lambda k: len([e FOR e IN es IF e.k = k]) > 1)[1] || ''''`)} END)[1]`,
  ],
  ['object_delete(v, ks)', `_fn.object_of([e FOR e IN _fn.entries(v) IF NOT list_contains(ks, e.k)])`],
  ['object_pick(v, ks)', `_fn.object_of([e FOR e IN _fn.entries(v) IF list_contains(ks, e.k)])`],
  [
    'object_insert(v, k, x, replace_it)',
    // Bound once: calls in calls would be written out as many times as there are places here, to the power of their depth.
    `list_transform([CAST(v AS JSON)], lambda held: CASE WHEN held IS NULL OR k IS NULL OR (x IS NULL AND NOT replace_it) THEN held
    WHEN x IS NULL THEN _fn.object_delete(held, [k])
    WHEN list_contains(json_keys(held), k) AND NOT replace_it THEN ${raise('100103', '22000', "'Duplicate field key ''' || k || ''''")}
    ELSE _fn.object_of(list_append([e FOR e IN _fn.entries(held) IF e.k <> k], {'k': k, 'v': x})) END)[1]`,
  ],
  [
    'map_cat(a, b)',
    `CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE _fn.object_of(list_concat([e FOR e IN _fn.entries(a) IF NOT list_contains(json_keys(b), e.k)], _fn.entries(b))) END`,
  ],
  ['element_any_case(v, k)', `[e.v FOR e IN _fn.entries(v) IF lower(e.k) = lower(k)][1]`],
  // The path of FLATTEN: a key that is no plain identifier stands in brackets.
  [
    'join_path(prefix, k, is_array)',
    `CASE WHEN is_array THEN prefix || '[' || k || ']' WHEN regexp_full_match(k, '[A-Za-z_][A-Za-z0-9_$]*') THEN CASE WHEN prefix = '' THEN k ELSE prefix || '.' || k END
    ELSE prefix || '[''' || k || ''']' END`,
  ],
  [
    'tree_path(prefix, whole)',
    `CASE WHEN prefix = '' THEN ltrim(substr(whole, 2), '.') ELSE prefix || substr(whole, 2) END`,
  ],
];
