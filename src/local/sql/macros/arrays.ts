import type { Macro } from './numbers.js';

const list = (body: string): string => `to_json(${body})`;

/** Arrays are JSON; each of these works on the list of their elements. */
export const ARRAY_MACROS: readonly Macro[] = [
  ['array_size(v)', `CASE WHEN json_type(v) = 'ARRAY' THEN json_array_length(v) END`],
  ['array_append(a, x)', list(`list_append(_fn.elements(a), coalesce(x, 'null'::JSON))`)],
  ['array_prepend(a, x)', list(`list_prepend(coalesce(x, 'null'::JSON), _fn.elements(a))`)],
  [
    'array_cat(a, b)',
    `CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE ${list('list_concat(_fn.elements(a), _fn.elements(b))')} END`,
  ],
  ['array_compact(a)', list(`list_filter(_fn.elements(a), lambda x: json_type(x) <> 'NULL')`)],
  [
    'array_distinct(a)',
    list(
      `[_fn.elements(a)[i] FOR i IN range(1, len(_fn.elements(a)) + 1) IF list_position(_fn.elements(a), _fn.elements(a)[i]) = i]`,
    ),
  ],
  [
    'array_flatten(a)',
    list(`flatten([CASE WHEN json_type(x) = 'ARRAY' THEN _fn.elements(x) ELSE [x] END FOR x IN _fn.elements(a)])`),
  ],
  // Multisets: an element stays as often as both have it.
  ['occurrence(l, i)', `len(list_filter(l[1:i], lambda x: x = l[i]))`],
  ['times(l, y)', `len(list_filter(l, lambda x: x = y))`],
  [
    'array_intersection(a, b)',
    list(
      `[_fn.elements(a)[i] FOR i IN range(1, len(_fn.elements(a)) + 1) IF _fn.occurrence(_fn.elements(a), i) <= _fn.times(_fn.elements(b), _fn.elements(a)[i])]`,
    ),
  ],
  [
    'array_except(a, b)',
    list(
      `[_fn.elements(a)[i] FOR i IN range(1, len(_fn.elements(a)) + 1) IF _fn.occurrence(_fn.elements(a), i) > _fn.times(_fn.elements(b), _fn.elements(a)[i])]`,
    ),
  ],
  ['array_contains(x, a)', `list_contains(_fn.elements(a), x)`],
  ['array_position(x, a)', `nullif(list_position(_fn.elements(a), x), 0) - 1`],
  ['array_remove(a, x)', list(`list_filter(_fn.elements(a), lambda y: y <> x)`)],
  [
    'array_remove_at(a, p)',
    list(
      `[_fn.elements(a)[i] FOR i IN range(1, len(_fn.elements(a)) + 1) IF i - 1 <> CASE WHEN p < 0 THEN len(_fn.elements(a)) + p ELSE p END]`,
    ),
  ],
  [
    'array_insert(a, p, x)',
    list(
      `list_concat(list_append(_fn.elements(a)[1:CASE WHEN p < 0 THEN len(_fn.elements(a)) + p ELSE p END], x), _fn.elements(a)[CASE WHEN p < 0 THEN len(_fn.elements(a)) + p ELSE p END + 1:])`,
    ),
  ],
  [
    'array_slice(a, f, t)',
    list(
      `_fn.elements(a)[CASE WHEN f < 0 THEN greatest(len(_fn.elements(a)) + f, 0) ELSE f END + 1:CASE WHEN t < 0 THEN len(_fn.elements(a)) + t ELSE t END]`,
    ),
  ],
  [
    'array_to_text(a, d)',
    `coalesce(replace(array_to_string([CASE WHEN json_type(x) = 'NULL' THEN '' ELSE x ->> '$' END FOR x IN _fn.elements(a)], chr(31)), chr(31), d), CASE WHEN a IS NOT NULL THEN '' END)`,
  ],
  [
    'array_sort(a, ascending)',
    list(
      `[k.x FOR k IN CASE WHEN ascending THEN list_sort([_fn.sort_key(x) FOR x IN _fn.elements(a)]) ELSE list_reverse_sort([_fn.sort_key(x) FOR x IN _fn.elements(a)]) END]`,
    ),
  ],
  [
    'array_extreme(a, lowest)',
    `CASE WHEN lowest THEN list_sort([_fn.sort_key(x) FOR x IN _fn.elements(a) IF json_type(x) <> 'NULL'])[1].x ELSE list_reverse_sort([_fn.sort_key(x) FOR x IN _fn.elements(a) IF json_type(x) <> 'NULL'])[1].x END`,
  ],
  ['array_reverse(a)', list('list_reverse(_fn.elements(a))')],
  [
    'arrays_zip(arrays)',
    list(
      `[_fn.object_of([{'k': '$' || j, 'v': coalesce(arrays[j][i], 'null'::JSON)} FOR j IN range(1, len(arrays) + 1)]) FOR i IN range(1, list_max([len(a) FOR a IN arrays]) + 1)]`,
    ),
  ],
  ['arrays_to_object(k, v)', `_fn.object_construct([x ->> '$' FOR x IN _fn.elements(k)], _fn.elements(v))`],
  ['arrays_overlap(a, b)', 'list_has_any(_fn.elements(a), _fn.elements(b))'],
];
