/**
 * Adds an agent for this user (`docs/design/sessions.md#adding-an-agent`): its package at the pinned version, complete or
 * not at all, and its kind.
 */
import path from 'node:path';
import type { AgentAddition } from '../../../../contract/results/agentKinds';
import { askProgram, findProgram, isAtLeast, nodeVersionIn } from '../../../../host/process/programs';
import type { Trusted } from '../../../../host/process/startProcess';
import { addedAgents, writeAddedAgent } from '../../../../host/state/addedAgents';
import { installedMain } from '../../../../host/state/agentPackages';
import { KernelError } from '../../../../kernel/errors/errors';
import { kindOfRecipe, type AgentRecipe } from '../recipes';
import { ADDABLE_AGENTS } from './adapters';
import { installPackage } from './npm';

const VERSION_MS = 20_000;

export interface AgentInstallation {
  /** Of the person: finds npm and Node, and configures npm. */
  readonly environment: NodeJS.ProcessEnv;
  /** Determines where this user's state is. */
  readonly stateEnvironment: NodeJS.ProcessEnv;
  readonly trusted: Trusted;
  readonly stopped: AbortSignal | undefined;
}

/**
 * Adds it again if another version is there.
 * @throws KernelError `AGENT_UNLISTED`, `AGENT_NEEDS_PROGRAM`, `AGENT_NEEDS_NODE`, `AGENT_NOT_ADDED`, `AGENT_ALTERED`
 */
export async function addAgent(
  deps: AgentInstallation,
  name: string,
  recipes: readonly AgentRecipe[] = ADDABLE_AGENTS,
): Promise<Omit<AgentAddition, 'missing'>> {
  const recipe = recipes.find((candidate) => candidate.name === name);
  if (recipe === undefined) {
    throw new KernelError('AGENT_UNLISTED', { kind: name, known: recipes.map((known) => known.name).join(', ') });
  }
  const known = addedAgents(deps.stateEnvironment).find(({ kind }) => kind.name === name);
  const node = await requireProgram(deps, recipe, 'node');
  await refuseOldNode(deps, recipe, node);
  const main = known?.version === recipe.version ? known.main : await install(deps, recipe);
  const isScript = 'script' in recipe.main;
  const command = isScript ? 'node' : main;
  const args = [...(isScript ? [main] : []), ...recipe.args];
  await writeAddedAgent(deps.stateEnvironment, {
    version: recipe.version,
    main,
    kind: { ...kindOfRecipe(recipe), command, args },
  });
  const { title, version, license } = recipe;
  return {
    kind: name,
    title,
    version,
    license,
    signIn: await signInOf(deps, recipe, isScript ? [node, main] : [main]),
  };
}

/** @returns the main file */
async function install(deps: AgentInstallation, recipe: AgentRecipe): Promise<string> {
  const npm = await requireProgram(deps, recipe, 'npm');
  const { main, name, version } = recipe;
  const inModules = 'script' in main ? [recipe.package, main.script] : [main.program(process.platform, process.arch)];
  const folder = { name: `${name}-${version}`, main: path.join('node_modules', ...inModules) };
  const installed = await installedMain(deps.stateEnvironment, folder, async (staging) => {
    await installPackage({ ...deps, npm }, recipe, staging);
  });
  if (installed !== undefined) return installed;
  throw new KernelError('AGENT_ALTERED', { kind: name, package: `${recipe.package}@${version}` });
}

async function requireProgram(
  { environment }: AgentInstallation,
  { name }: AgentRecipe,
  program: string,
): Promise<string> {
  const file = await findProgram(program, environment);
  if (file === undefined) throw new KernelError('AGENT_NEEDS_PROGRAM', { kind: name, program });
  return file;
}

async function refuseOldNode(deps: AgentInstallation, { name, session }: AgentRecipe, node: string): Promise<void> {
  const least = session.minNode;
  if (least === undefined) return;
  const { environment: env, trusted } = deps;
  const { stdout } = await askProgram({ trusted, program: node, args: ['--version'], env, timeoutMs: VERSION_MS });
  const version = nodeVersionIn(stdout) ?? 'unknown';
  if (!isAtLeast(version, least)) throw new KernelError('AGENT_NEEDS_NODE', { kind: name, version, least });
}

async function signInOf(
  { environment }: AgentInstallation,
  { signIn }: AgentRecipe,
  own: readonly string[],
): Promise<readonly string[] | null> {
  if (signIn === undefined) return null;
  if (signIn.program === undefined) return [...own, ...signIn.args];
  const file = await findProgram(signIn.program, environment);
  return file === undefined ? null : [file, ...signIn.args];
}
