import { InvalidArgumentError } from 'commander';

export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most)
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    return number;
  };
}

/** Values separated by commas, or the option given several times. */
export function list(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), ...text.split(',').map((item) => item.trim())];
}

/** Of a variable that is not set, nothing is left: that must not pass for «no password». */
export function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

export function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new InvalidArgumentError('It is a URL such as https://snow.example.com/mcp.');
  return url;
}

export const port = wholeNumber(0, 65_535);
