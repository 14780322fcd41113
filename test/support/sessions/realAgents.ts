/** The real agents that speak the Agent Client Protocol, each with what it needs to reach a scripted model. */
import type { AgentKind } from '../../../src/contract/agentKinds';
import { CLAUDE_ACP_KIND, CODEX_ACP_KIND } from '../../../src/services/agents/acp/kind';
import { ADDABLE_AGENTS } from '../../../src/services/agents/acp/installation/adapters';
import { kindOfRecipe } from '../../../src/services/agents/acp/recipes';
import { isAtLeast } from '../../../src/host/process/programs';
import * as environments from '../agents/environment';
import { newerNode } from '../records/newerNode';
import { installAgent, installRecipe, type Installation, type RecipePackage } from '../agents/install';

export interface RealAgent {
  readonly kind: AgentKind;
  readonly recipe: RecipePackage;
  /** The CLI that an adapter starts. */
  readonly cli?: { readonly agent: 'claude' | 'codex'; readonly variable: string };
  readonly environment: (world: environments.AgentWorld) => Promise<Record<string, string>>;
}

/** Before the adapter that Codex has now; not in the list of agents to add. */
const OLDER_CODEX: RecipePackage = {
  name: 'codex-old-acp',
  package: '@zed-industries/codex-acp',
  version: '0.16.0',
  main: { program: (platform, arch) => `@zed-industries/codex-acp-${platform}-${arch}/bin/codex-acp` },
};

const CODEX = { environment: environments.codexEnvironment };

export const REAL_AGENTS: readonly RealAgent[] = [
  {
    kind: CLAUDE_ACP_KIND,
    recipe: recipeOf('claude-acp'),
    cli: { agent: 'claude', variable: 'CLAUDE_CODE_EXECUTABLE' },
    environment: environments.claudeEnvironment,
  },
  {
    ...CODEX,
    kind: CODEX_ACP_KIND,
    recipe: recipeOf('codex-acp'),
    cli: { agent: 'codex', variable: 'CODEX_PATH' },
  },
  {
    ...CODEX,
    kind: { ...CODEX_ACP_KIND, name: OLDER_CODEX.name, session: { askMode: 'read-only', usageMeaning: 'none' } },
    recipe: OLDER_CODEX,
  },
  ofRecipe('gemini', environments.geminiEnvironment),
  ofRecipe('opencode', environments.opencodeEnvironment),
  ofRecipe('qwen', environments.qwenEnvironment),
  ofRecipe('copilot', environments.copilotEnvironment),
  ofRecipe('kimi', environments.kimiEnvironment),
];

export function realAgent(name: string): RealAgent {
  const found = REAL_AGENTS.find(({ kind }) => kind.name === name);
  if (found === undefined) throw new Error(`no agent ${name}`);
  return found;
}

/** The command line and the variables of an agent, or why it cannot be installed here. */
export async function installedAgent({
  kind,
  recipe,
  cli,
}: RealAgent): Promise<
  { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> } | { readonly reason: string }
> {
  const main = await installRecipe(recipe);
  const program: Installation | undefined = cli === undefined ? undefined : await installAgent(cli.agent);
  if (main.kind === 'unavailable') return main;
  if (program?.kind === 'unavailable') return program;
  const own = cli === undefined || program === undefined ? {} : { [cli.variable]: program.binary };
  const node = await nodeFor(kind);
  if (node === undefined) return { reason: `${kind.name} needs Node ${kind.session?.minNode}` };
  const start = 'script' in recipe.main ? [node, main.binary] : [main.binary];
  return { argv: [...start, ...kind.args], env: { ...kind.env, NO_BROWSER: '1', ...own } };
}

/** Our own, or that of VS Code where ours is too old. */
async function nodeFor({ session }: AgentKind): Promise<string | undefined> {
  const isNewEnough = isAtLeast(process.versions.node, session?.minNode ?? '0');
  return isNewEnough ? process.execPath : await newerNode();
}

function ofRecipe(name: string, environment: RealAgent['environment']): RealAgent {
  const recipe = recipeOf(name);
  return { kind: kindOfRecipe(recipe), recipe, environment };
}

function recipeOf(name: string) {
  const recipe = ADDABLE_AGENTS.find((candidate) => candidate.name === name);
  if (recipe === undefined) throw new Error(`no recipe ${name}`);
  return recipe;
}
