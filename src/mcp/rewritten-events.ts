/** The event stream of an answer, with each of its messages put in other words; `undefined` leaves one out. */
export function rewrittenEvents(answer: Response, rewrite: (message: unknown) => Promise<unknown>): Response {
  if (answer.body === null || !answer.headers.get('content-type')?.startsWith('text/event-stream')) return answer;
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = '';
  const events = new TransformStream<Uint8Array, Uint8Array>({
    async transform(chunk, controller) {
      rest += decoder.decode(chunk, { stream: true });
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const event = rest.slice(0, end);
        rest = rest.slice(end + 2);
        const written = await rewrittenEvent(event, rewrite);
        if (written !== undefined) controller.enqueue(encoder.encode(`${written}\n\n`));
      }
    },
    flush(controller) {
      if (rest !== '') controller.enqueue(encoder.encode(rest));
    },
  });
  return new Response(answer.body.pipeThrough(events), { status: answer.status, headers: answer.headers });
}

async function rewrittenEvent(
  event: string,
  rewrite: (message: unknown) => Promise<unknown>,
): Promise<string | undefined> {
  const lines = event.split('\n');
  const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice('data:'.length).trimStart());
  // A comment that keeps the connection alive.
  if (data.length === 0) return event;
  const message = await rewrite(JSON.parse(data.join('\n')));
  if (message === undefined) return undefined;
  return [...lines.filter((line) => !line.startsWith('data:')), `data: ${JSON.stringify(message)}`].join('\n');
}
