import type { Macro } from './numbers.js';
import { raise } from './raise.js';

/** What parts words for INITCAP, as a class of characters: an apostrophe does not. */
const WORD_ENDS = '\\s!?@"^#$&~_,.:;+\\-*%/|\\\\\\[\\](){}<>';

export const TEXT_MACROS: readonly Macro[] = [
  [
    'fit_text(t, n)',
    `CASE WHEN length(t) > n THEN ${raise('100078', '22000', "'String ''' || t || ''' is too long and would be truncated'")} ELSE t END`,
  ],
  [
    'to_boolean(t)',
    `CASE WHEN lower(t) IN ('true', 't', 'yes', 'y', 'on', '1') THEN TRUE WHEN lower(t) IN ('false', 'f', 'no', 'n', 'off', '0') THEN FALSE
    WHEN t IS NULL THEN NULL ELSE ${raise('100037', '22018', "'Boolean value ''' || t || ''' is not recognized'")} END`,
  ],
  [
    'try_to_boolean(t)',
    `CASE WHEN lower(t) IN ('true', 't', 'yes', 'y', 'on', '1') THEN TRUE WHEN lower(t) IN ('false', 'f', 'no', 'n', 'off', '0') THEN FALSE END`,
  ],
  [
    'real_to_boolean(x)',
    `CASE WHEN x IS NULL THEN NULL WHEN isfinite(x) THEN x <> 0 ELSE ${raise('100037', '22018', "'Boolean value ''' || _fn.real_text(x) || ''' is not recognized'")} END`,
  ],
  ['try_real_to_boolean(x)', 'CASE WHEN isfinite(x) THEN x <> 0 END'],
  [
    'hex_bytes(t)',
    `CASE WHEN t IS NULL THEN NULL WHEN regexp_full_match(t, '([0-9a-fA-F]{2})*') THEN unhex(t)
    ELSE ${raise('100115', '22000', "'The following string is not a legal hex-encoded value: ''' || t || ''''")} END`,
  ],
  [
    'chr(n)',
    `CASE WHEN n BETWEEN 0 AND 55295 OR n BETWEEN 57344 AND 1114111 THEN chr(CAST(n AS INTEGER))
    WHEN n IS NOT NULL THEN ${raise('100213', '22023', "'Invalid character code ' || n || ' in the CHR input'")} END`,
  ],
  ['try_unhex(t)', `CASE WHEN regexp_full_match(t, '([0-9a-fA-F]{2})*') THEN unhex(t) END`],
  // Position 0 counts as 1; a negative one counts from the end.
  [
    'substring(t, p, n)',
    "CASE WHEN p < 0 AND -p > length(t) THEN '' ELSE substr(t, CASE WHEN p = 0 THEN 1 ELSE p END, n) END",
  ],
  [
    'substr_binary(b, p, n)',
    'unhex(substr(hex(b), (CASE WHEN p = 0 THEN 0 WHEN p < 0 THEN p * 2 ELSE p * 2 - 2 END) + CASE WHEN p < 0 THEN 0 ELSE 1 END, least(n, 1000000000) * 2))',
  ],
  ['reverse_binary(b)', `unhex(array_to_string(list_reverse(regexp_extract_all(hex(b), '..')), ''))`],
  ['left_binary(b, n)', 'unhex(left(hex(b), n * 2))'],
  ['right_binary(b, n)', 'unhex(right(hex(b), n * 2))'],
  ['lpad_binary(b, n, p)', 'unhex(lpad(hex(b), CAST(n * 2 AS INTEGER), hex(p)))'],
  ['rpad_binary(b, n, p)', 'unhex(rpad(hex(b), CAST(n * 2 AS INTEGER), hex(p)))'],
  [
    'initcap(t)',
    `array_to_string(list_transform(regexp_extract_all(lower(t), '[^${WORD_ENDS}]+|[${WORD_ENDS}]+'), lambda w: upper(left(w, 1)) || substr(w, 2)), '')`,
  ],
  [
    'initcap_by(t, d)',
    `CASE WHEN d IS NULL THEN NULL WHEN d = '' THEN upper(left(t, 1)) || lower(substr(t, 2)) ELSE array_to_string(list_transform(range(1, length(t) + 1),
    lambda i: CASE WHEN i = 1 OR contains(d, substr(t, i - 1, 1)) THEN upper(substr(t, i, 1)) ELSE lower(substr(t, i, 1)) END), '') END`,
  ],
  [
    'insert_binary(b, p, n, x)',
    `unhex(left(hex(b), greatest(p - 1, 0) * 2) || hex(x) || substr(hex(b), greatest(p - 1 + n, 0) * 2 + 1))`,
  ],
  // The first match that begins where a byte does: the bytes before it are taken as few as possible.
  [
    'position_binary(part, b, p)',
    `CASE WHEN part IS NULL OR b IS NULL OR p IS NULL THEN NULL
    WHEN NOT regexp_matches(substr(hex(b), greatest(p - 1, 0) * 2 + 1), '^(?:..)*?' || hex(part)) THEN 0
    ELSE greatest(p, 1) + length(regexp_extract(substr(hex(b), greatest(p - 1, 0) * 2 + 1), '^((?:..)*?)' || hex(part), 1)) // 2 END`,
  ],
  // Padding with nothing leaves the text as it is.
  [
    'lpad_text(t, n, p)',
    `CASE WHEN n IS NULL THEN NULL WHEN p = '' THEN left(t, greatest(n, 0)) ELSE lpad(t, CAST(greatest(n, 0) AS INTEGER), p) END`,
  ],
  [
    'rpad_text(t, n, p)',
    `CASE WHEN n IS NULL THEN NULL WHEN p = '' THEN left(t, greatest(n, 0)) ELSE rpad(t, CAST(greatest(n, 0) AS INTEGER), p) END`,
  ],
  ['split_text(t, d)', `CASE WHEN t IS NULL OR d IS NULL THEN NULL WHEN d = '' THEN [t] ELSE string_split(t, d) END`],
  // DuckDB counts bytes.
  [
    'edit_distance(a, b)',
    'CASE WHEN strlen(a) = length(a) AND strlen(b) = length(b) THEN levenshtein(a, b) ELSE character_distance(a, b) END',
  ],
  ['distance_up_to(x, most)', 'CASE WHEN x IS NOT NULL AND most IS NOT NULL THEN greatest(0, least(x, most)) END'],
  ['insert_text(t, p, n, s)', 'left(t, p - 1) || s || substr(t, p + n)'],
  [
    'position_from(needle, t, p)',
    `CASE WHEN p <= 1 THEN instr(t, needle) WHEN instr(substr(t, p), needle) = 0 THEN 0 ELSE instr(substr(t, p), needle) + p - 1 END`,
  ],
  [
    'split_part(t, d, n)',
    `CASE WHEN t IS NULL OR d IS NULL OR n IS NULL THEN NULL WHEN d = '' THEN CASE WHEN n IN (0, 1, -1) THEN t ELSE '' END
    ELSE coalesce(string_split(t, d)[CASE WHEN n = 0 THEN 1 ELSE n END], '') END`,
  ],
  // Every character of the delimiter splits, empty tokens are dropped.
  [
    'strtok_list(t, d)',
    `CASE WHEN d = '' THEN CASE WHEN t = '' THEN [] ELSE [t] END
    ELSE list_filter(string_split(translate(t, d, repeat(left(d, 1), length(d))), left(d, 1)), lambda w: w <> '') END`,
  ],
  // Flags come as a prefix of the pattern, '(?i)': DuckDB takes them as an argument only where they are constant.
  ['regexp_replacement(r)', `regexp_replace(r, '\\$([0-9])', '\\\\\\1', 'g')`],
  ['regexp_replace_all(t, p, r)', `regexp_replace(t, p, _fn.regexp_replacement(r), 'g')`],
  ['regexp_matches_from(t, p, s)', 'regexp_extract_all(substr(t, s), p)'],
  ['regexp_count(t, p, s)', `CASE WHEN p = '' THEN 0 ELSE len(_fn.regexp_matches_from(t, p, s)) END`],
  ['regexp_substr(t, p, s, n, g)', 'regexp_extract_all(substr(t, s), p, CAST(g AS INTEGER))[n]'],
  // Text up to the end of the n-th match: the matches are looked for one after the other.
  [
    'regexp_until(t, p, n)',
    `list_reduce(list_prepend('', regexp_extract_all(t, p)[1:n]), lambda done, m:
    left(t, length(done) + instr(substr(t, length(done) + 1), m) - 1) || m)`,
  ],
  [
    'regexp_instr(t, p, s, n, o)',
    `CASE WHEN t IS NULL OR p IS NULL THEN NULL WHEN len(_fn.regexp_matches_from(t, p, s)) < n THEN 0
    ELSE s + length(_fn.regexp_until(substr(t, s), p, n)) - CASE WHEN o = 1 THEN 0 ELSE length(_fn.regexp_matches_from(t, p, s)[n]) END END`,
  ],
  [
    'regexp_replace_nth(t, p, r, s, n)',
    `CASE WHEN r IS NULL THEN NULL WHEN n = 0 THEN left(t, s - 1) || regexp_replace(substr(t, s), p, _fn.regexp_replacement(r), 'g')
    WHEN len(_fn.regexp_matches_from(t, p, s)) < n THEN t
    ELSE left(t, s - 1 + length(_fn.regexp_until(substr(t, s), p, n)) - length(_fn.regexp_matches_from(t, p, s)[n]))
      || regexp_replace(_fn.regexp_matches_from(t, p, s)[n], p, _fn.regexp_replacement(r))
      || substr(t, s + length(_fn.regexp_until(substr(t, s), p, n))) END`,
  ],
  ['base64_plain(t, a)', `translate(regexp_replace(t, '\\s', '', 'g'), a, left('+/=', length(a)))`],
  [
    'base64_wrap(t, n, a)',
    `translate(CASE WHEN n > 0 THEN array_to_string(regexp_extract_all(t, '.{1,' || greatest(n, 1) || '}'), chr(10)) ELSE t END, left('+/=', length(a)), a)`,
  ],
  [
    'random_text(n, seed)',
    `array_to_string(list_transform(range(n), lambda i: substr('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 1 + CAST(hash(i, seed) % 62 AS BIGINT), 1)), '')`,
  ],
  // A letter's code; vowels part two letters of one code, H and W do not.
  [
    'soundex_codes(t)',
    `translate(regexp_replace(t, '[HW]', '', 'g'), 'AEIOUYBFPVCGJKQSXZDTLMNR', '000000111122222222334556')`,
  ],
  [
    'soundex_single(c)',
    `regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(c, '1+', '1', 'g'), '2+', '2', 'g'), '3+', '3', 'g'), '4+', '4', 'g'), '5+', '5', 'g'), '6+', '6', 'g')`,
  ],
  // A name's UUID of version 5 from the SHA-1 of namespace and name.
  [
    'uuid_text(h)',
    `left(h, 8) || '-' || substr(h, 9, 4) || '-5' || substr(h, 14, 3) || '-' || substr('89ab', CAST(('0x' || substr(h, 17, 1))::INTEGER % 4 + 1 AS BIGINT), 1) || substr(h, 18, 3) || '-' || substr(h, 21, 12)`,
  ],
  [
    'uuid_of(space, name)',
    `CASE WHEN regexp_full_match(space, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}') THEN _fn.uuid_text(sha1(unhex(replace(space, '-', '')) || encode(name)))
    WHEN space IS NOT NULL THEN ${raise('100197', '22000', "'Invalid UUID: ' || space")} END`,
  ],
  ['contains_binary(b, part)', `regexp_matches(hex(b), '^(..)*' || hex(part))`],
  [
    'parsed_ip(v, lenient)',
    `CASE WHEN v IS NULL THEN NULL WHEN NOT lenient AND json_exists(v, '$.error') THEN ${raise('100141', '22000', "json_extract_string(v, '$.error')")} ELSE CAST(v AS JSON) END`,
  ],
  [
    'decompressed(b, method)',
    `CASE WHEN b IS NULL THEN NULL ELSE coalesce(decompress_bytes(b, method), ${raise('100294', '22000', "'Decompression failed: the value was not compressed with ' || method")}) END`,
  ],
  // The letter's own code counts as the one before the second letter: Pfister is P123.
  [
    'soundex_p123(t)',
    `CASE WHEN t = '' THEN '' ELSE rpad(left(upper(left(t, 1)) || regexp_replace(_fn.soundex_single(_fn.soundex_codes(upper(substr(t, 2)))), '[^1-6]', '', 'g'), 4), 4, '0') END`,
  ],
  [
    'regexp_instr_group(t, p, s, n, o, g)',
    `CASE WHEN t IS NULL OR p IS NULL THEN NULL WHEN len(_fn.regexp_matches_from(t, p, s)) < n THEN 0
    ELSE _fn.regexp_instr(t, p, s, n, 0) + instr(_fn.regexp_matches_from(t, p, s)[n], regexp_extract_all(substr(t, s), p, CAST(g AS INTEGER))[n]) - 1
      + CASE WHEN o = 1 THEN length(regexp_extract_all(substr(t, s), p, CAST(g AS INTEGER))[n]) ELSE 0 END END`,
  ],
  [
    'soundex(t)',
    `CASE WHEN t = '' THEN '' ELSE rpad(left(upper(left(t, 1)) || substr(regexp_replace(_fn.soundex_single(_fn.soundex_codes(upper(t))), '[^1-6]', '', 'g'),
    CASE WHEN regexp_full_match(upper(left(t, 1)), '[AEIOUYHW]') THEN 1 ELSE 2 END), 4), 4, '0') END`,
  ],
];
