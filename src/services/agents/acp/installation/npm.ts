/** Installs one package of npm, with what it needs, in a folder of its own. Scripts of packages are not run. */
import * as z from 'zod';
import { redact } from '../../../../host/git/redaction';
import { askProgram } from '../../../../host/process/programs';
import type { Trusted } from '../../../../host/process/startProcess';
import { lockFileIn } from '../../../../host/state/agentPackages';
import { KernelError } from '../../../../kernel/errors/errors';
import { foreignText } from '../../../../kernel/errors/reasons/problem';
import { shortened } from '../../../../kernel/text/storableText';
import type { AgentRecipe } from '../recipes';

/** Large packages over slow networks. */
const INSTALL_MS = 900_000;
const MOST_SHOWN = 600;

/** They also hold where a person's own configuration of npm differs. */
const OPTIONS = [
  ...['--ignore-scripts', '--global=false', '--location=project', '--workspaces=false', '--install-strategy=hoisted'],
  ...['--package-lock=true', '--package-lock-only=false', '--save=true', '--dry-run=false', '--include=prod'],
  ...['--audit=false', '--fund=false', '--progress=false', '--loglevel=error', '--json=false'],
  ...['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=2000'],
];

export interface NpmInstall {
  readonly npm: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly trusted: Trusted;
  readonly stopped: AbortSignal | undefined;
}

/**
 * @throws KernelError `AGENT_NOT_ADDED` if npm fails, `AGENT_ALTERED` if the package is not the one of the recipe
 */
export async function installPackage(
  { npm, environment, trusted, stopped }: NpmInstall,
  recipe: AgentRecipe,
  folder: string,
): Promise<void> {
  const optional = recipe.isSlim === true ? '--omit=optional' : '--include=optional';
  const answer = await askProgram({
    trusted,
    program: npm,
    env: environment,
    cwd: folder,
    timeoutMs: INSTALL_MS,
    signal: stopped,
    args: ['install', ...OPTIONS, optional, `--prefix=${folder}`, `${recipe.package}@${recipe.version}`],
  });
  stopped?.throwIfAborted();
  if (answer.code !== 0) {
    const problem = foreignText(redact(answer.problem ?? problemIn(answer.stderr)));
    throw new KernelError('AGENT_NOT_ADDED', { kind: recipe.name, package: recipe.package, problem });
  }
  await refuseAltered(recipe, folder);
}

/** Lines of npm that explain nothing to a person. */
const NOISE = /^(?:code|errno|syscall|type|requiredBy|at |[{}]|If you are|A complete log)/;

function problemIn(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^npm (?:error|ERR!)(?: network)?/, '').trim());
  const said = lines.filter((line) => line !== '' && !NOISE.test(line));
  return shortened(said.slice(0, 2).join(' ').replace(/\.$/, ''), MOST_SHOWN);
}

const lockFile = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
});

/** npm has compared the package with what it writes to its lock file. */
async function refuseAltered({ name, version, integrity, ...recipe }: AgentRecipe, folder: string): Promise<void> {
  const text = (await lockFileIn(folder)) ?? '{}';
  const found = lockFile.safeParse(JSON.parse(text)).data?.packages[`node_modules/${recipe.package}`];
  if (found?.version === version && found.integrity === integrity) return;
  throw new KernelError('AGENT_ALTERED', { kind: name, package: `${recipe.package}@${version}` });
}
