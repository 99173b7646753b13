import { BOOLEAN, type DuckDBConnection, DuckDBVarCharType, INTEGER, VARCHAR } from '@duckdb/node-api';
import { registerRowFunction } from './row-function.js';
import { isXmlElement, parseXml, printXml, XmlProblem, xmlChild } from './xml.js';

/** What a VARIANT cell may have as its text, XML or JSON. */
const SHOWN = new DuckDBVarCharType('JSON');

/** Gives DuckDB the functions behind PARSE_XML, CHECK_XML, XMLGET and the texts of elements; all take and give JSON as text. */
export function registerXmlFunctions(connection: DuckDBConnection): void {
  registerRowFunction(connection, 'xml_problem', [VARCHAR], VARCHAR, ([text]) =>
    problemOf(() => parseXml(String(text), false)),
  );
  registerRowFunction(connection, 'xml_json', [VARCHAR, BOOLEAN], VARCHAR, ([text, convert]) => {
    try {
      return JSON.stringify(parseXml(String(text), convert === true));
    } catch {
      return null;
    }
  });
  registerRowFunction(connection, 'xml_child', [VARCHAR, VARCHAR, INTEGER], VARCHAR, ([json, name, n]) => {
    const child = xmlChild(JSON.parse(String(json)), String(name), Number(n));
    return child === undefined ? null : JSON.stringify(child);
  });
  registerRowFunction(connection, 'xml_text', [VARCHAR], VARCHAR, ([json]) => {
    const value: unknown = JSON.parse(String(json));
    if (value === null) return null;
    return typeof value === 'string' ? value : shown(value);
  });
  registerRowFunction(connection, 'xml_shown', [VARCHAR], SHOWN, ([json]) => shown(JSON.parse(String(json))));
}

function problemOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof XmlProblem) return error.message;
    throw error;
  }
}

/** Elements as XML, what else there is as JSON. */
function shown(value: unknown): string {
  if (isXmlElement(value)) return printXml(value);
  if (!Array.isArray(value)) return JSON.stringify(value);
  return `[\n${value.map((item) => (isXmlElement(item) ? printXml(item, '  ') : `  ${JSON.stringify(item)}`)).join(',\n')}\n]`;
}
