const TEXT_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
/** Whole numbers from here on are written with an exponent. */
const FIRST_EXPONENT = 1e15;

/**
 * The numbers in valid JSON as Snowflake keeps them: `1.0` is the integer 1, `2.50` is 2.5, and one with an exponent is a double, written with sixteen
 * digits (`1.912000000000000e+02`) where it is not whole.
 */
export function keptNumbers(json: string): string {
  if (!/\d(?:\.\d*0(?!\d)|[eE])/.test(json)) return json;
  return json.replace(TEXT_OR_NUMBER, (token) => (token.startsWith('"') ? token : keptNumber(token)));
}

function keptNumber(token: string): string {
  const whole = /^(-?\d+)\.0+$/.exec(token)?.[1];
  if (whole !== undefined) return whole === '-0' ? '0' : whole;
  const value = Number(token);
  if (!/[eE]/.test(token)) return token.includes('.') ? token.replace(/0+$/, '') : token;
  if (!Number.isFinite(value)) return token;
  return Number.isInteger(value) && Math.abs(value) < FIRST_EXPONENT ? String(value) : scientific(value);
}

/** One more digit where sixteen do not give the double back. */
function scientific(value: number): string {
  const text = value.toExponential(15);
  const exact = Number(text) === value ? text : value.toExponential(16);
  return exact.replace(/e([+-])(\d)$/, (_, sign: string, digit: string) => `e${sign}0${digit}`);
}
