import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  fromJsonSchema,
  type InputRequests,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';

/** How far an exchange of several rounds has come. It goes through the client, so it is sealed. */
interface Step {
  readonly round: number;
}

/** Fixtures are made anew for each request: the seal has to outlive them. */
export const requestState = createRequestStateCodec<Step>({ key: crypto.getRandomValues(new Uint8Array(32)) });

const NAMED = z.object({ name: z.string() });
const CONFIRMED = z.object({ ok: z.boolean() });
const COLOURED = z.object({ color: z.string() });
const CONTEXT = z.object({ context: z.string() });

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });
const asked = (text: string) => ({ role: 'user' as const, content: { type: 'text' as const, text } });
const modelAsked = (text: string, maxTokens: number) =>
  inputRequired.createMessage({ messages: [asked(text)], maxTokens });
const userAsked = (message: string, requestedSchema: z.ZodObject) => inputRequired.elicit({ message, requestedSchema });
const stepOf = (context: ServerContext) => context.mcpReq.requestState<Step>();
const responsesOf = (context: ServerContext) => context.mcpReq.inputResponses;

type Turning = (context: ServerContext) => Promise<ReturnType<typeof said> | ReturnType<typeof inputRequired>>;

/** Once everything that was asked for has come, and the state with it, the tool says that it is well. */
function confirmed(inputRequests: InputRequests): Turning {
  return async (context) => {
    const answers = Object.keys(inputRequests).map((key) => inputResponse(responsesOf(context), key).kind);
    if (stepOf(context)?.round === 1 && !answers.includes('missing')) return said('state-ok');
    return inputRequired({ inputRequests, requestState: await requestState.mint({ round: 1 }) });
  };
}

const CONFIRM = { confirm: userAsked('Please confirm', CONFIRMED) };

const TURNING: Readonly<Record<string, Turning>> = {
  test_input_required_result_elicitation: async (context) => {
    const user = acceptedContent(responsesOf(context), 'user_name', NAMED);
    if (user !== undefined) return said(`Hello, ${user.name}!`);
    return inputRequired({ inputRequests: { user_name: userAsked('What is your name?', NAMED) } });
  },

  test_input_required_result_sampling: async (context) => {
    const answer = inputResponse(responsesOf(context), 'capital_question');
    if (answer.kind === 'sampling') return said(JSON.stringify(answer));
    return inputRequired({ inputRequests: { capital_question: modelAsked('What is the capital of France?', 100) } });
  },

  test_input_required_result_list_roots: async (context) => {
    const answer = inputResponse(responsesOf(context), 'client_roots');
    if (answer.kind === 'roots') return said(JSON.stringify(answer));
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  },

  test_input_required_result_request_state: confirmed(CONFIRM),
  test_input_required_result_tampered_state: confirmed(CONFIRM),
  test_input_required_result_multiple_inputs: confirmed({
    user_name: userAsked('What is your name?', NAMED),
    greeting: modelAsked('Generate a greeting', 50),
    client_roots: inputRequired.listRoots(),
  }),

  test_input_required_result_multi_round: async (context) => {
    const round = stepOf(context)?.round ?? 0;
    if (round === 2 && acceptedContent(responsesOf(context), 'step2', COLOURED) !== undefined) return said('Done.');
    if (round >= 1 && acceptedContent(responsesOf(context), 'step1', NAMED) !== undefined)
      return inputRequired({
        inputRequests: { step2: userAsked('Step 2: What is your favorite color?', COLOURED) },
        requestState: await requestState.mint({ round: 2 }),
      });
    return inputRequired({
      inputRequests: { step1: userAsked('Step 1: What is your name?', NAMED) },
      requestState: await requestState.mint({ round: 1 }),
    });
  },

  test_input_required_result_capabilities: async (context) => {
    const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
    const can = (envelope[CLIENT_CAPABILITIES_META_KEY] ?? {}) as Readonly<Record<string, unknown>>;
    return inputRequired({
      inputRequests: {
        ...(can.sampling !== undefined && { said: modelAsked('Say.', 10) }),
        ...(can.elicitation !== undefined && { user_name: userAsked('What is your name?', NAMED) }),
      },
    });
  },
};

/** A word of MCP's own in JSON Schema. */
const IN_HEADER: object = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
  required: ['region'],
};

/** Tools and a prompt whose answer may be a question, and a tool that wants an argument in a header, as the 2026 era has them. */
export function registerTurning(server: McpServer): void {
  for (const [name, run] of Object.entries(TURNING))
    server.registerTool(name, { description: 'Asks before it answers.' }, run);

  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks before it answers.' }, (context) => {
    const given = acceptedContent(responsesOf(context), 'user_context', CONTEXT);
    if (given !== undefined) return { messages: [asked(given.context)] };
    const inputRequests = { user_context: userAsked('What context should the prompt use?', CONTEXT) };
    return inputRequired({ inputRequests });
  });

  server.registerTool(
    'test_custom_header',
    {
      description: 'Wants its argument in a header, too.',
      inputSchema: fromJsonSchema(IN_HEADER),
    },
    (args) => said(JSON.stringify(args)),
  );
}
