/**
 * Agent kinds: how one program that codes is started, given its prompt and read (`docs/design/agents.md#agent-kinds`).
 * They are settings; some are built in (`src/services/agents/<parser>/kind.ts`). Arguments are an array from the start to the end: no shell ever sees them.
 */
import * as z from 'zod';
import { failurePattern } from '../kernel/failure/classify';
import { USAGE_MEANINGS } from './usageMeanings';
import { variablePattern } from './variables';

/** `stdin`: the prompt file is the agent's standard input. `file`, `argument`: the arguments name it or hold it. */
export const PROMPT_CHANNELS = ['stdin', 'file', 'argument'] as const;
export type PromptChannel = (typeof PROMPT_CHANNELS)[number];

/**
 * What reads and renders the agent's output, each with a folder in `src/services/agents`. `plain` counts nothing and
 * keeps the last lines. `acp` reads the log of a session, and is the parser of every kind that speaks that protocol.
 */
export const OUTPUT_PARSERS = ['claude', 'codex', 'plain', 'acp'] as const;
export type OutputParser = (typeof OUTPUT_PARSERS)[number];

/**
 * Names that may stand as `${name}` in an argument. An argument that names something a dispatch does not have (no
 * model, no run) is left out whole, so options are written `--model=${model}`.
 */
export const PLACEHOLDERS = [
  ...(['promptFile', 'prompt', 'model', 'sandbox', 'project', 'dispatchId', 'runId'] as const),
  /** How to reach `ic mcp`: a file for `--mcp-config` of Claude, and a line for `--config` of Codex. */
  ...(['mcpConfigFile', 'mcpConfigLine'] as const),
  /** The session that is continued, and the word `resume` where one is: for Codex, whose option is a subcommand. */
  ...(['session', 'resume'] as const),
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'it must be the name of an environment variable');
const line = z.string().regex(/^[^\0]*$/, 'it must not hold a NUL character');

const price = z.number().min(0).max(1_000_000);

/** What is assumed of a kind's dispatches before they tell, and what their tokens cost; prices for a million tokens. */
export const kindUsage = z.strictObject({
  /** Held for a dispatch while nothing is known from past ones; 0 for a kind that uses no model. */
  estimatedTokens: z.int().min(0).optional(),
  estimatedCostUsd: price.optional(),
  inputUsdPerMillion: price.optional(),
  outputUsdPerMillion: price.optional(),
  /** Of tokens taken from the model's cache. */
  cacheUsdPerMillion: price.optional(),
});
export type KindUsage = z.infer<typeof kindUsage>;

/** What is known of an agent that speaks the Agent Client Protocol (`docs/design/sessions.md`). */
export const kindSession = z.strictObject({
  /** The agent's id of the mode in which it asks for permission. Without one it counts as acting unasked. */
  askMode: z.string().min(1).max(200).optional(),
  /** The command of the program whose sign-in the agent uses, so that a limit holds both. */
  account: z.string().min(1).max(200).optional(),
  /** What its figures mean. Without this they are not read. */
  usageMeaning: z.enum(USAGE_MEANINGS).optional(),
  /** The oldest Node that its program starts with. */
  minNode: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,4}){0,2}$/, 'it must be a version such as 22.19')
    .optional(),
  /** Variables that name programs which the agent starts: each is found on PATH, unless the variable is set. */
  programs: z.record(variableName, line.min(1)).optional(),
});
export type KindSession = z.infer<typeof kindSession>;

const agentKindShape = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'it must be letters, digits, dots, dashes, underscores'),
  /** A program on PATH or an absolute path. */
  command: line.min(1),
  args: z.array(line).default([]),
  /** `acp`: the program speaks the Agent Client Protocol, over which it gets its prompt. Left out: it runs once. */
  protocol: z.literal('acp').optional(),
  session: kindSession.optional(),
  promptBy: z.enum(PROMPT_CHANNELS).default('stdin'),
  parser: z.enum(OUTPUT_PARSERS).default('plain'),
  /** Variables set for the agent. */
  env: z.record(variableName, line).optional(),
  /** Variables and families (`AWS_*`) handed on from the person's environment, beyond those that every agent gets. */
  passEnv: z.array(variablePattern).optional(),
  /** The value of `${sandbox}` for a dispatch that names none. */
  sandbox: z.string().min(1).optional(),
  usage: kindUsage.optional(),
  /** Patterns of its failures, checked before the built-in ones. */
  failures: z.array(failurePattern).max(50).optional(),
});

type KindShape = z.infer<typeof agentKindShape>;

/** One agent kind as the setting `intercore.agents.kinds` holds it. */
export const agentKind = agentKindShape
  .transform((kind): KindShape => (kind.protocol === 'acp' ? { ...kind, parser: 'acp' } : kind))
  .superRefine((kind, context) => {
    const refuse = (field: 'args' | 'parser' | 'session', message: string): void => {
      context.addIssue({ code: 'custom', path: [field], message });
    };
    const names = kind.args.flatMap(placeholdersIn);
    if (kind.protocol === undefined) {
      if (kind.promptBy === 'file' && !names.includes('promptFile')) {
        refuse('args', 'promptBy "file" needs ${promptFile} in an argument');
      }
      if (kind.promptBy === 'argument' && !names.includes('prompt')) {
        refuse('args', 'promptBy "argument" needs ${prompt} in an argument');
      }
      if (kind.parser === 'acp') refuse('parser', 'parser "acp" needs protocol "acp"');
      if (kind.session !== undefined) refuse('session', 'session needs protocol "acp"');
    } else {
      // These are sent as messages: an id of a session is any text that the agent chose.
      for (const name of names.filter((each) => each === 'session' || each === 'resume' || each === 'prompt')) {
        refuse('args', `protocol "acp" does not allow \${${name}} in an argument`);
      }
    }
    for (const name of names) {
      if (isPlaceholder(name)) continue;
      refuse('args', `unknown placeholder "${name}"; known: ${PLACEHOLDERS.join(', ')}`);
    }
  });
export type AgentKind = z.infer<typeof agentKind>;

/** The kinds with what a setting says of their usage laid over what they say themselves. */
export function withUsage(kinds: readonly AgentKind[], usages: Readonly<Record<string, KindUsage>>): AgentKind[] {
  return kinds.map((kind) => {
    const usage = usages[kind.name];
    return usage === undefined ? kind : { ...kind, usage: { ...kind.usage, ...usage } };
  });
}

/** Whether the program speaks the Agent Client Protocol, so that a host talks to it. */
export function runsInSession({ protocol }: Pick<AgentKind, 'protocol'>): boolean {
  return protocol === 'acp';
}

/** Of the kind that a dispatch had. What a kind printed that is no longer configured is plain text. */
export function parserOf(kinds: readonly AgentKind[], agentType: string): OutputParser {
  return kinds.find(({ name }) => name === agentType)?.parser ?? 'plain';
}

/** Words in arguments and sandboxes that let an agent act on its own. */
const UNASKED = /dangerously|danger-full-access|bypasspermissions|\byolo\b|full-auto/i;

/**
 * Whether the agent runs programs and writes files without permission prompts, as its arguments or sandbox say. In a
 * session it asks in its ask mode only.
 */
export function actsUnasked(kind: Pick<AgentKind, 'args' | 'sandbox' | 'protocol' | 'session'>): boolean {
  if (runsInSession(kind) && kind.session?.askMode === undefined) return true;
  return [...kind.args, kind.sandbox ?? ''].some((text) => UNASKED.test(text));
}

/** The names that stand as `${name}` in an argument. */
export function placeholdersIn(argument: string): string[] {
  return [...argument.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? '');
}

export function isPlaceholder(name: string): name is Placeholder {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}
