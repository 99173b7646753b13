import { TEXT, type Type, type Typed, typed } from '../emit/typed.js';
import { unsupported } from '../syntax-error.js';
import { type Call, type FunctionTable, rule } from './call.js';

const XML: Type = { name: 'VARIANT', holds: 'XML' };
const element = (sql: string): Typed => typed(sql, XML, true);
const json = (call: Call): string => `CAST(${call.json(0)} AS VARCHAR)`;

/** XML is kept as JSON: an element's name under `@`, its content under `$`, each attribute under `@name`. */
export const XML_FUNCTIONS: FunctionTable = {
  PARSE_XML: rule(1, 2, (call) =>
    element(`_fn.parse_xml(${call.text(0)}, ${call.has(1) ? `NOT ${call.boolean(1)}` : 'TRUE'})`),
  ),
  CHECK_XML: rule(1, 2, (call) => typed(`xml_problem(${call.text(0)})`, TEXT, true)),
  XMLGET: rule(2, 3, (call) =>
    element(
      `CAST(xml_child(${json(call)}, ${call.text(1)}, CAST(${call.has(2) ? call.integer(2) : '0'} AS INTEGER)) AS JSON)`,
    ),
  ),
  TO_XML: rule(1, 1, (call) => {
    const { type } = call.arg(0);
    if (!('holds' in type) || type.holds !== 'XML') throw unsupported('TO_XML of what is not known to be XML');
    return typed(`xml_text(${json(call)})`, TEXT, true);
  }),
};
