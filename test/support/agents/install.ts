/** The real agent CLIs, installed on demand into a folder that git ignores. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { ADDABLE_AGENTS } from '../../../src/services/agents/acp/installation/adapters';
import type { AgentRecipe } from '../../../src/services/agents/acp/recipes';
import { projectRoot } from './project';

export type AgentName = 'claude' | 'codex';

export type Installation =
  | { readonly kind: 'installed'; readonly binary: string }
  /** A reason to skip: no registry in reach, or no package for this machine. */
  | { readonly kind: 'unavailable'; readonly reason: string };

interface AgentPackage {
  readonly name: string;
  readonly version: string;
  /** The executable inside `node_modules`, by `platform-arch`. */
  readonly binaries: Readonly<Record<string, string>>;
}

const codexBinary = (platform: string, triple: string, file = 'codex') =>
  `@openai/codex-${platform}/vendor/${triple}/bin/${file}`;

const packages: Readonly<Record<AgentName, AgentPackage>> = {
  claude: {
    name: '@anthropic-ai/claude-code',
    version: '2.1.329',
    binaries: {
      'linux-x64': '@anthropic-ai/claude-code-linux-x64/claude',
      'linux-arm64': '@anthropic-ai/claude-code-linux-arm64/claude',
      'darwin-x64': '@anthropic-ai/claude-code-darwin-x64/claude',
      'darwin-arm64': '@anthropic-ai/claude-code-darwin-arm64/claude',
      'win32-x64': '@anthropic-ai/claude-code-win32-x64/claude.exe',
      'win32-arm64': '@anthropic-ai/claude-code-win32-arm64/claude.exe',
    },
  },
  codex: {
    name: '@openai/codex',
    version: '0.169.0',
    binaries: {
      'linux-x64': codexBinary('linux-x64', 'x86_64-unknown-linux-musl'),
      'linux-arm64': codexBinary('linux-arm64', 'aarch64-unknown-linux-musl'),
      'darwin-x64': codexBinary('darwin-x64', 'x86_64-apple-darwin'),
      'darwin-arm64': codexBinary('darwin-arm64', 'aarch64-apple-darwin'),
      'win32-x64': codexBinary('win32-x64', 'x86_64-pc-windows-msvc', 'codex.exe'),
      'win32-arm64': codexBinary('win32-arm64', 'aarch64-pc-windows-msvc', 'codex.exe'),
    },
  },
};

const installTimeoutMs = 300_000;

/**
 * The absolute path of the agent's executable, at the pinned version.
 *
 * Guarantees: the folder appears complete or not at all, and the executable in it has answered with the pinned version;
 * several processes may ask at once. Throws when what was installed is not what was pinned.
 */
export async function installAgent(agent: AgentName, root: string = projectRoot()): Promise<Installation> {
  const { name, version, binaries } = packages[agent];
  const platform = `${process.platform}-${process.arch}`;
  const file = binaries[platform];
  if (file === undefined) return { kind: 'unavailable', reason: `${name} has no package for ${platform}` };

  const cache = path.join(root, '.cache', 'agents');
  const folder = path.join(cache, `${agent}-${version}`);
  const binaryIn = (parent: string) => path.join(parent, 'node_modules', file);
  const installed: Installation = { kind: 'installed', binary: binaryIn(folder) };
  if (await isExecutable(installed.binary)) return installed;

  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(path.join(cache, `${agent}-${version}.installing-`));
  try {
    await writeFile(path.join(staging, 'package.json'), '{ "private": true }\n');
    const npm = await runNpm(staging, `${name}@${version}`);
    if (npm.exitCode !== 0) {
      return { kind: 'unavailable', reason: `${name}@${version} cannot be installed: ${firstLines(npm.output)}` };
    }
    await verify(binaryIn(staging), version);
    await publish(staging, folder, installed.binary);
    return installed;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** What is installed of a recipe. */
export type RecipePackage = Pick<AgentRecipe, 'name' | 'package' | 'version' | 'main' | 'isSlim'>;

/** The adapter that lets an installed CLI speak the Agent Client Protocol. */
export async function installAdapter(agent: AgentName, root: string = projectRoot()): Promise<Installation> {
  const recipe = ADDABLE_AGENTS.find(({ name }) => name === `${agent}-acp`);
  if (recipe === undefined) throw new Error(`${agent} has no adapter`);
  return await installRecipe(recipe, root);
}

/** The main file of the agent, at the pinned version; an adapter without the CLI that it would bring itself. */
export async function installRecipe(recipe: RecipePackage, root: string = projectRoot()): Promise<Installation> {
  const { name, version, main } = recipe;
  const cache = path.join(root, '.cache', 'agents');
  const folder = path.join(cache, `${name}-${version}`);
  const file = 'script' in main ? path.join(recipe.package, main.script) : main.program(process.platform, process.arch);
  const mainIn = (parent: string) => path.join(parent, 'node_modules', file);
  const installed: Installation = { kind: 'installed', binary: mainIn(folder) };
  if (existsSync(installed.binary)) return installed;
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(path.join(cache, `${name}-${version}.installing-`));
  const spec = `${recipe.package}@${version}`;
  try {
    await writeFile(path.join(staging, 'package.json'), '{ "private": true }\n');
    const npm = await runNpm(staging, spec, recipe.isSlim === true ? ['--omit=optional'] : []);
    if (npm.exitCode !== 0) {
      return { kind: 'unavailable', reason: `${spec} cannot be installed: ${firstLines(npm.output)}` };
    }
    if (!existsSync(mainIn(staging))) return { kind: 'unavailable', reason: `${spec} has no ${file} here` };
    await publish(staging, folder, installed.binary);
    return installed;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Moves the finished folder to its place, unless another process was faster. */
async function publish(staging: string, folder: string, binary: string): Promise<void> {
  try {
    await rename(staging, folder);
  } catch (error) {
    if (!existsSync(binary)) throw error;
  }
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function verify(binary: string, version: string): Promise<void> {
  const { output } = await collect(binary, ['--version'], path.dirname(binary), 30_000);
  if (!output.includes(version)) throw new Error(`${binary} should be version ${version}, but says: ${output.trim()}`);
}

/** Gives up on a registry out of reach after seconds, not after npm's own minutes. */
export function runNpm(
  folder: string,
  spec: string,
  more: readonly string[] = [],
): Promise<{ exitCode: number | null; output: string }> {
  const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=2000'];
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--no-progress', '--loglevel=error'];
  const args = ['install', '--ignore-scripts', ...more, ...quiet, ...patience, '--prefix', folder, spec];
  return collect('npm', args, folder, installTimeoutMs);
}

function firstLines(output: string): string {
  return output.trim().split('\n').slice(0, 4).join('; ');
}

/** What the program said; a null exit code stands for one that could not be started or had to be killed. */
async function collect(file: string, args: readonly string[], cwd: string, timeout: number) {
  const shell = process.platform === 'win32' && file === 'npm';
  const child = spawn(file, args, { cwd, timeout, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<{ exitCode: number | null; failure: string }>((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, failure: error.message }));
    child.once('close', (exitCode) => resolve({ exitCode, failure: '' }));
  });
  const [{ exitCode, failure }, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { exitCode, output: out + err + failure };
}
