import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDbScope } from './duckdb-scope.js';

let db: DuckDbScope;
beforeAll(async () => {
  db = await DuckDbScope.open();
});
afterAll(() => db.close());

/** Each list of expressions with the values that Snowflake's documentation gives for them. */
const CASES: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  conditions: [
    ["iff(1 > 2, 'a', 'b')", 'b'],
    ["nvl2(null, 'a', 'b')", 'b'],
    ['zeroifnull(null)', '0'],
    ["decode(null, null, 'null', 'other')", 'null'],
    ['greatest(1, null, 3)', null],
    ['greatest_ignore_nulls(1, null, 3)', '3'],
    ['least(3, 2.5)', '2.5'],
    ['equal_null(null, null)', true],
    ['nullif(1, 1)', null],
    ['booland(1, 0.3)', false],
  ],
  texts: [
    ["'a' || null", null],
    ["concat('a', 1, true)", 'a1true'],
    ["split_part('a.b.c', '.', -1)", 'c'],
    ["split_part('a.b.c', '.', 9)", ''],
    ["substr('hello', -3, 2)", 'll'],
    ["initcap('hello wORLD-x')", 'Hello World-X'],
    ["lpad('5', 3, '0')", '005'],
    ["strtok('a.b@c', '.@', 3)", 'c'],
    ["regexp_substr('a1b22', '[0-9]+', 1, 2)", '22'],
    ["regexp_substr('key=val', '(\\\\w+)=(\\\\w+)', 1, 1, 'e', 2)", 'val'],
    ["regexp_replace('abcb', 'b', 'x', 1, 2)", 'abcx'],
    ["regexp_instr('abcabc', 'b', 1, 2)", '5'],
    ["regexp_count('aXbx', 'x', 1, 'i')", '2'],
    ["'abc' rlike 'a.c'", true],
    ["'abcd' rlike 'a.c'", false],
    ["'a_c' like 'a^_c' escape '^'", true],
    ["'Abc' ilike any ('x%', 'a%')", true],
    ["insert('abc', 2, 1, 'Z')", 'aZc'],
    ["charindex('b', 'abcb', 3)", '4'],
    ["translate('abc', 'ab', 'x')", 'xc'],
    ["hex_encode('Hi')", '4869'],
    ["base64_encode('Hi')", 'SGk='],
    ["to_char(12345.678, '99,999.99')", ' 12,345.68'],
    ["to_char(-5, 'FM000')", '-005'],
    ["to_char(0.5, '0.00')", ' 0.50'],
  ],
  conversions: [
    ["try_to_number('x')", null],
    ["to_number('$1,234.5', '$9,999.9', 10, 1)", '1234.5'],
    ["to_decimal('12.345', 10, 2)", '12.35'],
    ["try_cast('2024-02-30' as date)", null],
    ["to_boolean('yes')", true],
    ['1.0::float::varchar', '1'],
    ["'abc'::varchar(3)", 'abc'],
    ["to_binary('SGk=', 'BASE64')::varchar", '4869'],
    ["to_date('15/01/2024', 'DD/MM/YYYY')", '2024-01-15'],
    ['to_timestamp(1659981729000, 3)', '2022-08-08 18:02:09'],
    ["to_timestamp('2024-01-15 3:00 PM', 'YYYY-MM-DD HH12:MI PM')", '2024-01-15 15:00:00'],
    [
      "to_char('2024-01-05 03:04:05.678'::timestamp, 'DY, MON DD YYYY HH12:MI:SS.FF3 AM')",
      'Fri, Jan 05 2024 03:04:05.678 AM',
    ],
    ["'2024-01-01 10:00:00 +0200'::timestamp_tz::varchar", '2024-01-01 10:00:00.000 +0200'],
  ],
  dates: [
    ["dateadd(month, 1, '2024-01-31'::date)", '2024-02-29'],
    ["dateadd(day, -90, '1998-12-01'::date)", '1998-09-02'],
    ["dateadd(hour, 2, '2024-01-01'::date)", '2024-01-01 02:00:00'],
    ["datediff(month, '2024-01-31', '2024-02-01')", '1'],
    ["datediff(week, '2024-01-07'::date, '2024-01-08'::date)", '1'],
    ["date_trunc('quarter', '2024-05-15'::date)", '2024-04-01'],
    ["trunc('2024-05-15'::date, 'month')", '2024-05-01'],
    ["last_day('2024-02-03'::date)", '2024-02-29'],
    ["add_months('2024-02-29'::date, 1)", '2024-03-31'],
    ["dayofweek('2024-01-07'::date)", '0'],
    ["monthname('2024-01-07'::date) || dayname('2024-01-07'::date)", 'JanSun'],
    ["next_day('2024-01-07'::date, 'su')", '2024-01-14'],
    ["previous_day('2024-01-07'::date, 'mo')", '2024-01-01'],
    ['date_from_parts(2024, 0, 15)', '2023-12-15'],
    ["'2024-01-31'::date + 1", '2024-02-01'],
    ["'2024-01-31'::date - '2024-01-01'::date", '30'],
    ["'2024-01-31'::date + interval '1 month, 1 day'", '2024-03-01'],
    ["convert_timezone('UTC', 'America/New_York', '2024-07-01 12:00:00'::timestamp_ntz)", '2024-07-01 08:00:00'],
    ["months_between('2024-03-31'::date, '2024-02-29'::date)", 1],
    ["time_slice('2024-01-15'::date, 1, 'month', 'end')", '2024-02-01'],
    ["extract(epoch_second from '1970-01-02'::timestamp)", '86400'],
  ],
  'semi-structured values': [
    ['parse_json(\'{"a":{"b":[1,{"c":"x"}]}}\'):a.b[1].c::varchar', 'x'],
    ['parse_json(\'{"a":"1"}\'):a = \'1\'', true],
    ['parse_json(\'{"a":5}\'):a + 1', 6],
    ['parse_json(\'{"A":1}\'):a is null', true],
    ["try_parse_json('{')", null],
    ["object_construct('a', 1, 'b', null)", '{"a":1}'],
    ["object_construct_keep_null('a', null)", '{"a":null}'],
    ["array_construct(1, 'x', null)", '[1,"x",null]'],
    ["{'a': [1, 2]}['a'][1]", '2'],
    ["array_size(parse_json('[1,2]'))", '2'],
    ["array_contains('x'::variant, ['x'])", true],
    ["array_to_string([1, 'a'], '-')", '1-a'],
    ['array_slice([1, 2, 3, 4], 1, -1)', '[2,3]'],
    ['array_except([1, 1, 2], [1])', '[1,2]'],
    ["object_insert({'a': 1}, 'b', 2)", '{"a":1,"b":2}'],
    ["object_delete({'a': 1, 'b': 2}, 'a')", '{"b":2}'],
    ["typeof(parse_json('1.5')) || typeof(parse_json('null'))", 'DECIMALNULL_VALUE'],
    ["get_path(parse_json('{\"a\":[7]}'), 'a[0]')", '7'],
    ['transform([1, 2], x -> x * 2)', '[2,4]'],
    ['filter([1, 2, 3], x -> x > 1)', '[2,3]'],
    ["is_array(['a'])", true],
    ["to_json(object_construct('k', 1.50))", '{"k":1.5}'],
  ],
};

for (const [family, cases] of Object.entries(CASES)) {
  describe(family, () => {
    it.each(cases)('%s', async (expression, value) => {
      expect(await db.row(expression)).toEqual([value]);
    });
  });
}

describe('wrong values', () => {
  it.each([
    ["to_date('nonsense')", '100040/22007'],
    ["to_boolean('maybe')", '100037/22018'],
    ["parse_json('{')", '100069/22P02'],
    ["to_timestamp('x', 'YYYY')", '100096/22007'],
  ])('%s', async (expression, code) => {
    await expect(db.row(expression)).rejects.toThrow(code);
  });
});
