import {
  BOOLEAN,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  DuckDBVarCharType,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import { isXmlElement, parseXml, printXml, XmlProblem, xmlChild } from './xml.js';

/** What a VARIANT cell may have as its text, XML or JSON. */
const SHOWN = new DuckDBVarCharType('JSON');

/** Gives DuckDB the functions behind PARSE_XML, CHECK_XML, XMLGET and the texts of elements; all take and give JSON as text. */
export function registerXmlFunctions(connection: DuckDBConnection): void {
  const register = (
    name: string,
    parameterTypes: readonly DuckDBType[],
    work: (args: readonly unknown[]) => string | null,
    returnType: DuckDBType = VARCHAR,
  ): void => {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes,
        returnType,
        mainFunction: (_info, input, output) => {
          const columns = parameterTypes.map((_, i) => input.getColumnVector(i));
          for (let row = 0; row < input.rowCount; row++) {
            const args = columns.map((column) => column.getItem(row));
            output.setItem(row, args.includes(null) ? null : work(args));
          }
          output.flush();
        },
      }),
    );
  };
  register('xml_problem', [VARCHAR], ([text]) => problemOf(() => parseXml(String(text), false)));
  register('xml_json', [VARCHAR, BOOLEAN], ([text, convert]) => {
    try {
      return JSON.stringify(parseXml(String(text), convert === true));
    } catch {
      return null;
    }
  });
  register('xml_child', [VARCHAR, VARCHAR, INTEGER], ([json, name, n]) => {
    const child = xmlChild(JSON.parse(String(json)), String(name), Number(n));
    return child === undefined ? null : JSON.stringify(child);
  });
  register('xml_text', [VARCHAR], ([json]) => {
    const value: unknown = JSON.parse(String(json));
    if (value === null) return null;
    return typeof value === 'string' ? value : shown(value);
  });
  register('xml_shown', [VARCHAR], ([json]) => shown(JSON.parse(String(json))), SHOWN);
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
