/**
 * Adds an agent for this user (`docs/design/sessions.md#adding-an-agent`): its package at the pinned version, complete or
 * not at all, and its kind.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { AgentAddition } from '../../../../contract/results/agentKinds';
import { makeFolders } from '../../../../host/files/folders';
import { renameOver } from '../../../../host/files/renames';
import { askProgram, findProgram, isAtLeast, nodeVersionIn } from '../../../../host/process/programs';
import type { Trusted } from '../../../../host/process/startProcess';
import { addedAgents, writeAddedAgent } from '../../../../host/state/addedAgents';
import { addedAgentsFolder } from '../../../../host/state/stateFolder';
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
): Promise<AgentAddition> {
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

async function install(deps: AgentInstallation, recipe: AgentRecipe): Promise<string> {
  const npm = await requireProgram(deps, recipe, 'npm');
  const folder = addedAgentsFolder(deps.stateEnvironment);
  await makeFolders(folder);
  const destination = path.join(folder, `${recipe.name}-${recipe.version}`);
  const staging = await mkdtemp(`${destination}.`);
  try {
    await installPackage({ ...deps, npm }, recipe, staging);
    if (!existsSync(mainIn(staging, recipe))) {
      throw new KernelError('AGENT_ALTERED', { kind: recipe.name, package: `${recipe.package}@${recipe.version}` });
    }
    await publish(staging, destination, recipe);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return mainIn(destination, recipe);
}

/** A folder of this name was complete when it appeared, so one that another program made meanwhile is as good. */
async function publish(staging: string, destination: string, recipe: AgentRecipe): Promise<void> {
  if (!existsSync(mainIn(destination, recipe))) await rm(destination, { recursive: true, force: true });
  try {
    await renameOver(staging, destination);
  } catch (error) {
    if (!existsSync(mainIn(destination, recipe))) throw error;
  }
}

function mainIn(folder: string, recipe: AgentRecipe): string {
  const { main } = recipe;
  const inModules =
    'script' in main ? path.join(recipe.package, main.script) : main.program(process.platform, process.arch);
  return path.join(folder, 'node_modules', inModules);
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
