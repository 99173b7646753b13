import { raise } from './raise.js';

/** Signature and body of a macro. */
export type Macro = readonly [signature: string, body: string];

const DIVISION_BY_ZERO = raise('100051', '22012', "'Division by zero'");

/** Where a function of floats has no value: 100046, with the call. */
const noValue = (name: string, ...args: string[]): string =>
  raise('100046', '22003', `'Invalid floating point operation: ${name}(' || ${args.join(" || ',' || ")} || ')'`);

/** A function of one float as DuckDB's, an error where that gives an infinity or NaN out of a number. */
const within = (name: string, domain: string): Macro => [
  `real_${name}(x)`,
  `CASE WHEN ${domain} OR x IS NULL OR NOT isfinite(x) THEN ${name}(x) ELSE ${noValue(name, '_fn.real_text(x)')} END`,
];

export const NUMBER_MACROS: readonly Macro[] = [
  within('sqrt', 'x >= 0'),
  within('exp', 'isfinite(exp(x))'),
  within('acos', 'abs(x) <= 1'),
  within('asin', 'abs(x) <= 1'),
  within('acosh', 'x >= 1'),
  within('atanh', 'abs(x) < 1'),
  ['real_ln(x)', `CASE WHEN x > 0 OR x IS NULL THEN ln(x) ELSE ${noValue('log', "'e'", '_fn.real_text(x)')} END`],
  [
    'real_log(b, x)',
    `CASE WHEN x > 0 AND b > 0 AND b <> 1 THEN ln(x) / ln(b) WHEN x IS NULL OR b IS NULL THEN NULL
    ELSE ${noValue('log', '_fn.real_text(b)', '_fn.real_text(x)')} END`,
  ],
  [
    'real_pow(x, y)',
    `CASE WHEN isfinite(pow(x, y)) OR x IS NULL OR y IS NULL OR NOT isfinite(x) OR NOT isfinite(y) THEN pow(x, y)
    ELSE ${noValue('pow', '_fn.real_text(x)', '_fn.real_text(y)')} END`,
  ],
  ['nonzero(b)', `CASE WHEN b = 0 THEN ${DIVISION_BY_ZERO} ELSE b END`],
  ['divide(a, b)', 'a / _fn.nonzero(b)'],
  ['unscaled(x)', `abs(CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT))`],
  // Schoolbook division of integers, one digit after the other, so that nothing overflows; rounded half away from zero.
  [
    'division_steps(a, b, shift)',
    `list_reduce(list_prepend({'q': a // b, 'r': a % b}, [{'q': 0::HUGEINT, 'r': 0::HUGEINT} FOR i IN range(shift)]),
    lambda done, step: {'q': done.q * 10 + done.r * 10 // b, 'r': done.r * 10 % b})`,
  ],
  // What is named more than once is bound by a lambda: a macro's argument is planned again wherever it stands.
  [
    'rounded_division(a, b, shift)',
    `list_transform([{'a': _fn.unscaled(a), 'b': _fn.unscaled(_fn.nonzero(b))}], lambda whole:
      list_transform([_fn.division_steps(whole.a, whole.b, shift)], lambda done:
        done.q + CASE WHEN done.r * 2 >= whole.b THEN 1 ELSE 0 END)[1])[1]`,
  ],
  ['rounded_quotient(a, b)', '(a * 2 + _fn.nonzero(b)) // (b * 2)'],
  ['modulo(a, b)', 'a % _fn.nonzero(b)'],
  ['round_places(x, d)', 'round(x, d)'],
  ['round_even_places(x, d)', 'round_even(x, d)'],
  ['ceil_places(x, d)', 'CASE WHEN d = 0 THEN ceil(x) ELSE ceil(x * pow(10, d)) / pow(10, d) END'],
  ['floor_places(x, d)', 'CASE WHEN d = 0 THEN floor(x) ELSE floor(x * pow(10, d)) / pow(10, d) END'],
  ['trunc_places(x, d)', 'CASE WHEN d = 0 THEN trunc(x) ELSE trunc(x * pow(10, d)) / pow(10, d) END'],
  [
    'real_text(x)',
    `CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'inf' ELSE '-inf' END
    WHEN x = trunc(x) AND abs(x) < 1e16 THEN CAST(CAST(x AS BIGINT) AS VARCHAR) ELSE CAST(x AS VARCHAR) END`,
  ],
  // Bytes of two lengths are brought to one by leading zeros (the text stands LEFT) or trailing ones.
  ['zero_right(b, other)', `unhex(lpad(hex(b), CAST(greatest(length(hex(b)), length(hex(other))) AS INTEGER), '0'))`],
  ['zero_left(b, other)', `unhex(rpad(hex(b), CAST(greatest(length(hex(b)), length(hex(other))) AS INTEGER), '0'))`],
  [
    'same_length(a, b, result)',
    `CASE WHEN octet_length(a) <> octet_length(b) THEN ${raise('100266', '22000', "'The two BINARY arguments have different lengths'")} ELSE result END`,
  ],
  // DuckDB shifts no negative numbers to the left.
  ['shift_left(x, n)', 'CASE WHEN x < 0 THEN - ((- CAST(x AS HUGEINT)) << n) ELSE CAST(x AS HUGEINT) << n END'],
  ['shift_right(x, n)', 'CAST(x AS HUGEINT) >> n'],
  ['hex_half(t)', `CAST(CAST('0x' || t AS UBIGINT) AS UHUGEINT)`],
  // 32 digits reach beyond NUMBER(38): such a number is told modulo 10 ** 38, so that its remainders by powers of ten are right.
  [
    'hex_value(t)',
    'CAST((_fn.hex_half(t[1:16]) * 18446744073709551616::UHUGEINT + _fn.hex_half(t[17:32])) % 100000000000000000000000000000000000000::UHUGEINT AS HUGEINT)',
  ],
  ['is_hex(t, digits)', `regexp_full_match(t, '[0-9A-Fa-f]+') AND length(t) <= digits`],
  ['try_hex_number(t, digits)', `CASE WHEN _fn.is_hex(t, digits) THEN _fn.hex_value(lpad(t, 32, '0')) END`],
  [
    'hex_number(t, digits)',
    `CASE WHEN _fn.is_hex(t, digits) THEN _fn.hex_value(lpad(t, 32, '0')) WHEN t IS NOT NULL THEN ${raise('100038', '22018', `concat('Numeric value ''', t, ''' is not recognized')`)} END`,
  ],
  ['plain_number(t)', `regexp_replace(trim(t), '[,$ ]', '', 'g')`],
  ['sign_first(t)', `regexp_replace(t, '^(.*)([+-])$', '\\2\\1')`],
  ['group_digits(t)', `ltrim(reverse(regexp_replace(reverse(t), '([0-9]{3})', '\\1,', 'g')), ',')`],
  [
    'whole_text(t, zeros)',
    `lpad(CASE WHEN t = '0' THEN '' ELSE t END, CAST(greatest(zeros, CASE WHEN t = '0' THEN 0 ELSE length(t) END) AS INTEGER), '0')`,
  ],
  // The digits with their sign; hash marks where the format has too few places.
  [
    'number_text(x, positions, zeros, places, grouped, currency, signed, minus_behind)',
    `CASE WHEN x IS NULL THEN NULL
    WHEN length(split_part(CAST(abs(x) AS VARCHAR), '.', 1)) > greatest(positions, 1) THEN repeat('#', positions + places + 2)
    ELSE CASE WHEN minus_behind THEN '' WHEN x < 0 THEN '-' WHEN signed THEN '+' ELSE ' ' END || currency
      || CASE WHEN grouped THEN _fn.group_digits(_fn.whole_text(split_part(CAST(abs(x) AS VARCHAR), '.', 1), zeros)) ELSE _fn.whole_text(split_part(CAST(abs(x) AS VARCHAR), '.', 1), zeros) END
      || CASE WHEN places > 0 THEN '.' || split_part(CAST(abs(x) AS VARCHAR), '.', 2) ELSE '' END
      || CASE WHEN minus_behind THEN CASE WHEN x < 0 THEN '-' WHEN signed THEN '+' ELSE ' ' END ELSE '' END END`,
  ],
  // Mantissa and exponent; `digits` of the exponent with its sign, or 0 for as few as it takes.
  [
    'exponent_text(mantissa, digits)',
    `split_part(mantissa, 'e', 1) || 'E' || CASE WHEN digits = 0 THEN CAST(CAST(split_part(mantissa, 'e', 2) AS INTEGER) AS VARCHAR)
    ELSE left(split_part(mantissa, 'e', 2), 1) || lpad(CAST(abs(CAST(split_part(mantissa, 'e', 2) AS INTEGER)) AS VARCHAR), digits, '0') END`,
  ],
  ['shortest_mantissa(t)', `regexp_replace(regexp_replace(t, '0+e', 'e'), '\\.e', 'e')`],
  // The nearest whole number where it is the root: DuckDB's own is off in the last digit.
  ['cube_root(x)', 'CASE WHEN pow(round(cbrt(x)), 3) = x THEN round(cbrt(x)) ELSE cbrt(x) END'],
  [
    'zipf(s, n, u)',
    `(SELECT coalesce(min(k) FILTER (WHERE total >= u * whole), n) FROM (SELECT k, sum(pow(k, -s)) OVER (ORDER BY k) AS total, sum(pow(k, -s)) OVER () AS whole FROM range(1, n + 1) AS ranks(k)))`,
  ],
  ['unit_interval(x)', '(hash(x) % 9007199254740992) / 9007199254740992.0'],
  ['random_integer()', 'CAST(floor((random() - 0.5) * 18446744073709549568) AS BIGINT)'],
  [
    'signed_hash(h)',
    'CAST(CASE WHEN h > 9223372036854775807 THEN CAST(h AS HUGEINT) - 18446744073709551616 ELSE CAST(h AS HUGEINT) END AS BIGINT)',
  ],
  // HyperLogLog's states hold the hashes themselves, eight bytes each.
  ['hashes_of(b)', `regexp_extract_all(hex(b), '.{16}')`],
  ['hashes_joined(lists)', `unhex(array_to_string(list_distinct(flatten(lists)), ''))`],
  // Pairs of a value and how often it is there; the most frequent come first, then the smaller values.
  ['counted(found)', `list_transform(map_entries(found), lambda e: {'n': - CAST(e.value AS BIGINT), 'v': e.key})`],
  [
    'summed(pairs)',
    `list_transform(list_distinct([CAST(p -> 0 AS VARCHAR) FOR p IN pairs]),
    lambda v: {'n': - list_sum([CAST(p ->> 1 AS BIGINT) FOR p IN pairs IF CAST(p -> 0 AS VARCHAR) = v]), 'v': v})`,
  ],
  [
    'top_counts(pairs, n)',
    `coalesce(to_json(list_transform(list_sort(pairs)[:n], lambda e: json_array(CAST(e.v AS JSON), - e.n))), '[]'::JSON)`,
  ],
  ['minhash_state(minima)', `json_object('state', minima, 'type', 'minhash', 'version', 1)`],
  [
    'minhash_combined(lists)',
    '_fn.minhash_state(list_transform(lists[1], lambda x, i: list_min(list_transform(lists, lambda l: l[i]))))',
  ],
  [
    'minhash_similarity(lists)',
    'len(list_filter(lists[1], lambda x, i: len(list_filter(lists, lambda l: l[i] = x)) = len(lists))) / len(lists[1])',
  ],
  ['changes(l)', 'len(list_filter(range(2, len(l) + 1), lambda i: l[i] IS DISTINCT FROM l[i - 1]))'],
  ['bitmap_bit_position(n)', 'CASE WHEN n > 0 THEN (n - 1) % 32768 ELSE abs(n) % 32768 END'],
  ['bitmap_bucket_number(n)', 'CASE WHEN n > 0 THEN (n - 1) // 32768 + 1 ELSE n // 32768 END'],
  [
    'haversine(lat1, lon1, lat2, lon2)',
    `2 * 6371.0 * asin(sqrt(pow(sin(radians(lat2 - lat1) / 2), 2) + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lon2 - lon1) / 2), 2)))`,
  ],
  [
    'width_bucket(x, low, high, n)',
    'CASE WHEN low IS NULL OR high IS NULL THEN NULL WHEN x < low THEN 0 WHEN x >= high THEN n + 1 ELSE CAST(floor((x - low) / ((high - low) / n)) AS BIGINT) + 1 END',
  ],
];
