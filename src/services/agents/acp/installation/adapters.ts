/** Adapters that let an installed Claude CLI or Codex CLI speak the Agent Client Protocol, and all agents to add. */
import type { AgentKind } from '../../../../contract/agentKinds';
import { CLAUDE_ACP_KIND, CODEX_ACP_KIND } from '../kind';
import { AGENT_RECIPES, type AgentRecipe } from '../recipes';
import { REGISTRY_AGENTS } from './registryAgents';

type KindFacts = 'name' | 'command' | 'args' | 'env' | 'passEnv' | 'session';

/** The recipe of a built-in kind. */
function recipeFor(kind: AgentKind, facts: Omit<AgentRecipe, KindFacts>): AgentRecipe {
  const { name, command, args, env = {}, passEnv = [], session = {} } = kind;
  return { name, command, args, env, passEnv, session, ...facts };
}

const ADAPTERS: readonly AgentRecipe[] = [
  recipeFor(CLAUDE_ACP_KIND, {
    title: 'Claude',
    license: 'Apache-2.0',
    package: '@agentclientprotocol/claude-agent-acp',
    version: '0.101.0',
    integrity: 'sha512-c9YGBfdJrLcKiinRpXuDuibC+CRGqQpe9+ey/+TuuZ7ejHlVyEELbbvRkxHZN+Hf5XGecJD5i0kvP2opCseATA==',
    main: { script: 'dist/index.js' },
    isSlim: true,
    installedMb: 80,
    signIn: { program: 'claude', args: ['auth', 'login'] },
  }),
  recipeFor(CODEX_ACP_KIND, {
    title: 'Codex',
    license: 'Apache-2.0',
    package: '@agentclientprotocol/codex-acp',
    version: '2.6.0',
    integrity: 'sha512-/PBsd0H6URy4bhXhAeXqwb7RqctbXfNceRihAh6nDmn5HJ873uzoHvHxF45YmeWfgOKKRrNRLZjYsket2a7EsQ==',
    main: { script: 'dist/index.js' },
    isSlim: true,
    installedMb: 22,
    signIn: { program: 'codex', args: ['login'] },
  }),
];

/** What a person can add. */
export const ADDABLE_AGENTS: readonly AgentRecipe[] = [...ADAPTERS, ...AGENT_RECIPES, ...REGISTRY_AGENTS];

/** The line for a terminal that signs in to an agent; undefined where none is known. */
export function signInLine({ name, command, args }: Pick<AgentKind, 'name' | 'command' | 'args'>): string | undefined {
  const recipe = ADDABLE_AGENTS.find((candidate) => candidate.name === name);
  if (recipe?.signIn === undefined) return undefined;
  const { signIn, args: started } = recipe;
  // An agent that was added is started as its main file, before the arguments of its recipe.
  const own = [command, ...args.slice(0, Math.max(0, args.length - started.length))];
  return shellLine([...(signIn.program === undefined ? own : [signIn.program]), ...signIn.args]);
}

/** Words for a person to run in a terminal. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@:,./\\+-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
}

/** Whether the kind starts a program on PATH that adding it would install. */
export function isAddable({ name, command }: Pick<AgentKind, 'name' | 'command'>): boolean {
  return ADDABLE_AGENTS.some((recipe) => recipe.name === name && recipe.command === command);
}
