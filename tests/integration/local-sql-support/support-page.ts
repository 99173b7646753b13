import type { Area, Case } from './read-cases.js';

const INTRODUCTION = `# What the local Snowflake understands

Made from the cases in \`tests/integration/local-sql-support/\`, which are run against the local Snowflake; every line below is one
of them. What is not listed may work too; what is refused names itself in the error. The prose is in
[local-snowflake.md](local-snowflake.md).
`;

/** Errors that say that a thing is not there, and not that it was used wrongly. */
const REFUSED = /^! (?:000002|001065|002140|002141)\b/;

/** The page in Markdown: for each area its features with one example, then what is refused. */
export function supportPage(areas: readonly Area[]): string {
  const sections = areas.map((area) => {
    const first = new Map<string, Case>();
    for (const one of area.cases)
      if (!REFUSED.test(one.expected) && !first.has(one.feature)) first.set(one.feature, one);
    const rows = [...first.values()].map(
      (one) => `| ${cell(one.feature)} | ${code(one.written)} | ${code(one.expected)} |`,
    );
    const refused = area.cases.filter((one) => REFUSED.test(one.expected));
    const lines = [`## ${area.title}`, ''];
    if (rows.length > 0) lines.push('| | example | gives |', '|---|---|---|', ...rows, '');
    if (refused.length > 0) {
      lines.push(
        `Refused: ${refused.map((one) => `${cell(one.feature)} (${code(one.expected.slice(2))})`).join(', ')}.`,
        '',
      );
    }
    return lines.join('\n');
  });
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

const MAX_EXAMPLE = 110;

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function code(text: string): string {
  const short = text.length > MAX_EXAMPLE ? `${text.slice(0, MAX_EXAMPLE - 1)}…` : text;
  if (short === '') return '';
  const fence = short.includes('`') ? '``' : '`';
  return `${fence}${short.replaceAll('|', '\\|')}${fence}`;
}
