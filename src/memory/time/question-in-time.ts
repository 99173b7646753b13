/** Words of a question that ask for memories, and tell nothing about them. */
const ASKING = new Set(
  'a about all an any anything as at did do everything find from have i in is it me memories memory of on our recall remember remembered said say show store stored that the their them then they things to us was we were what when which you'.split(
    ' ',
  ),
);

/** Words that belong to the time after them. */
const BEFORE_TIME =
  /\b(?:since|from|before|after|until|till|between|during|in|on|over the|within the|the|by|around)\s*$/i;

/** A question such as "what did we store about orders last week", cut into what it is about and the time it tells. */
export async function questionInTime(question: string): Promise<{ readonly query: string; readonly when?: string }> {
  const chrono = await import('chrono-node');
  const results = chrono.parse(question);
  const [first] = results;
  const last = results.at(-1);
  if (first === undefined || last === undefined) return { query: withoutAsking(question) };
  const before = question.slice(0, first.index);
  const leading = BEFORE_TIME.exec(before)?.[0] ?? '';
  const end = last.index + last.text.length;
  const when = question.slice(first.index - leading.length, end).trim();
  const rest = `${before.slice(0, before.length - leading.length)} ${question.slice(end)}`;
  return { query: withoutAsking(rest), when };
}

function withoutAsking(text: string): string {
  return text
    .split(/\s+/)
    .filter((word) => !ASKING.has(word.toLowerCase().replace(/[?!.,']+$/, '')))
    .join(' ')
    .trim();
}
