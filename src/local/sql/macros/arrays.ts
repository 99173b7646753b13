import type { Macro } from './numbers.js';
import { raise } from './raise.js';

const list = (body: string): string => `to_json(${body})`;
/** The elements of `a` bound once, as `held`: a macro's argument is written out as often as its text names it. */
const once = (body: string): string => `list_transform([_fn.elements(a)], lambda held: ${body})[1]`;
/** The list where `a` is an array at all, and what else is named is there. */
const whenArray = (body: string, ...others: readonly string[]): string =>
  `CASE WHEN ${['a', ...others].map((name) => `${name} IS NOT NULL`).join(' AND ')} THEN to_json(${body}) END`;

/** Arrays are JSON; each of these works on the list of their elements. */
export const ARRAY_MACROS: readonly Macro[] = [
  ['array_size(v)', `CASE WHEN json_type(v) = 'ARRAY' THEN json_array_length(v) END`],
  ['array_append(a, x)', whenArray(`list_append(_fn.elements(a), coalesce(x, 'null'::JSON))`)],
  ['array_prepend(a, x)', whenArray(`list_prepend(coalesce(x, 'null'::JSON), _fn.elements(a))`)],
  [
    'array_cat(a, b)',
    `CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE ${list('list_concat(_fn.elements(a), _fn.elements(b))')} END`,
  ],
  ['array_compact(a)', list(`list_filter(_fn.elements(a), lambda x: json_type(x) <> 'NULL')`)],
  ['array_distinct(a)', list(once('[held[i] FOR i IN range(1, len(held) + 1) IF list_position(held, held[i]) = i]'))],
  // One NULL among the arrays makes the whole one NULL.
  [
    'array_flatten(a)',
    `CASE WHEN list_contains([json_type(x) FOR x IN _fn.elements(a)], 'NULL') THEN NULL
    ELSE to_json(flatten([CASE WHEN json_type(x) = 'ARRAY' THEN _fn.elements(x) ELSE ${raise('100107', '22000', "'Not an array: ''' || CAST(x AS VARCHAR) || ''''")} END FOR x IN _fn.elements(a)])) END`,
  ],
  // Multisets: an element stays as often as both have it.
  ['occurrence(l, i)', `len(list_filter(l[1:i], lambda x: x = l[i]))`],
  ['times(l, y)', `len(list_filter(l, lambda x: x = y))`],
  [
    'array_intersection(a, b)',
    whenArray(
      `[_fn.elements(a)[i] FOR i IN range(1, len(_fn.elements(a)) + 1) IF _fn.occurrence(_fn.elements(a), i) <= _fn.times(_fn.elements(b), _fn.elements(a)[i])]`,
      'b',
    ),
  ],
  [
    'array_except(a, b)',
    whenArray(
      `[_fn.elements(a)[i] FOR i IN range(1, len(_fn.elements(a)) + 1) IF _fn.occurrence(_fn.elements(a), i) > _fn.times(_fn.elements(b), _fn.elements(a)[i])]`,
      'b',
    ),
  ],
  // NULL is found where the array has one, and is otherwise nowhere to be found.
  [
    'array_contains(x, a)',
    `CASE WHEN x IS NULL THEN CASE WHEN list_contains(_fn.elements(a), 'null'::JSON) THEN TRUE END ELSE list_contains(_fn.elements(a), json_extract(x, '$')) END`,
  ],
  [
    'array_position(x, a)',
    `nullif(list_position(_fn.elements(a), coalesce(json_extract(x, '$'), 'null'::JSON)), 0) - 1`,
  ],
  [
    'array_remove(a, x)',
    `CASE WHEN x IS NULL THEN NULL ELSE to_json(list_filter(_fn.elements(a), lambda y: y <> json_extract(x, '$'))) END`,
  ],
  [
    'array_remove_at(a, p)',
    whenArray(
      `[_fn.elements(a)[i] FOR i IN range(1, len(_fn.elements(a)) + 1) IF i - 1 <> CASE WHEN p < 0 THEN len(_fn.elements(a)) + p ELSE p END]`,
      'p',
    ),
  ],
  [
    'array_insert(a, p, x)',
    whenArray(
      `list_concat(list_append(list_resize(_fn.elements(a)[1:CASE WHEN p < 0 THEN len(_fn.elements(a)) + p ELSE p END],
      CAST(CASE WHEN p < 0 THEN greatest(len(_fn.elements(a)) + p, 0) ELSE p END AS BIGINT), 'null'::JSON), coalesce(x, 'null'::JSON)), _fn.elements(a)[CASE WHEN p < 0 THEN len(_fn.elements(a)) + p ELSE p END + 1:])`,
      'p',
    ),
  ],
  [
    'array_slice(a, f, t)',
    list(
      once(
        'held[CASE WHEN f < 0 THEN greatest(len(held) + f, 0) ELSE f END + 1:CASE WHEN t < 0 THEN len(held) + t ELSE t END]',
      ),
    ),
  ],
  [
    'array_to_text(a, d)',
    `CASE WHEN d IS NOT NULL THEN coalesce(replace(array_to_string([CASE WHEN json_type(x) = 'NULL' THEN '' ELSE x ->> '$' END FOR x IN _fn.elements(a)], chr(31)), chr(31), d), CASE WHEN a IS NOT NULL THEN '' END) END`,
  ],
  ['nulls_in(list)', `[x FOR x IN list IF json_type(x) = 'NULL']`],
  ['sort_keys_in(list)', `[_fn.sort_key(x) FOR x IN list IF json_type(x) <> 'NULL']`],
  [
    'step(n)',
    `CASE WHEN n = 0 THEN ${raise('100197', '22000', "'The step of ARRAY_GENERATE_RANGE must not be 0'")} ELSE n END`,
  ],
  [
    'array_sort(a, ascending, nulls_first)',
    `CASE WHEN a IS NOT NULL THEN to_json(${once(
      `list_concat(CASE WHEN nulls_first THEN _fn.nulls_in(held) ELSE [] END,
      [k.x FOR k IN CASE WHEN ascending THEN list_sort(_fn.sort_keys_in(held)) ELSE list_reverse_sort(_fn.sort_keys_in(held)) END],
      CASE WHEN nulls_first THEN [] ELSE _fn.nulls_in(held) END)`,
    )}) END`,
  ],
  [
    'array_extreme(a, lowest)',
    `CASE WHEN lowest THEN list_sort([_fn.sort_key(x) FOR x IN _fn.elements(a) IF json_type(x) <> 'NULL'])[1].x ELSE list_reverse_sort([_fn.sort_key(x) FOR x IN _fn.elements(a) IF json_type(x) <> 'NULL'])[1].x END`,
  ],
  ['array_reverse(a)', list('list_reverse(_fn.elements(a))')],
  [
    'arrays_zip(arrays)',
    `CASE WHEN len(list_filter(arrays, lambda l: l IS NULL)) = 0 THEN ${list(
      `[_fn.object_of([{'k': '$' || j, 'v': coalesce(arrays[j][i], 'null'::JSON)} FOR j IN range(1, len(arrays) + 1)]) FOR i IN range(1, list_max([len(a) FOR a IN arrays]) + 1)]`,
    )} END`,
  ],
  [
    'arrays_to_object(k, v)',
    `CASE WHEN v IS NULL THEN NULL WHEN json_array_length(k) <> json_array_length(v) THEN ${raise('100197', '22000', "'Keys and values of ARRAYS_TO_OBJECT must be arrays of the same length'")}
    ELSE _fn.object_of(_fn.distinct_entries(_fn.entries_of([x ->> '$' FOR x IN _fn.elements(k)], _fn.elements(v)))) END`,
  ],
  ['arrays_overlap(a, b)', 'list_has_any(_fn.elements(a), _fn.elements(b))'],
];
