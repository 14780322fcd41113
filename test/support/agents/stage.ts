/** One running agent on a fresh repository: the model, the world and the run, together. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ModelRequest } from './conversations';
import { claudeArguments, claudeEnvironment, codexArguments, codexEnvironment } from './environment';
import type { AgentName } from './install';
import { runAgent, type AgentRun } from './runAgent';
import type { Scenario } from './scenarios';
import { startModelServer } from './server';

const runFile = promisify(execFile);

/** What happened. Directories in it are those of the run; they are gone when it is handed back. */
export interface Performance {
  readonly run: AgentRun;
  readonly requests: readonly ModelRequest[];
  readonly errors: readonly string[];
  readonly repository: string;
  readonly home: string;
  /** The subjects of the commits that the agent left, newest first. */
  readonly commits: readonly string[];
  /** What `git show HEAD:<file>` says of the files that the agent committed. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Plays the scenario with the real CLI in an empty git repository.
 *
 * Guarantees: no process, port or directory outlives it, and it ends within `timeLimitMs` or throws.
 */
export async function perform(
  agent: AgentName,
  binary: string,
  scenario: Scenario,
  timeLimitMs = 60_000,
): Promise<Performance> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'agent-')));
  const [repository, home] = [path.join(folder, 'repo'), path.join(folder, 'home')];
  const tool = agent === 'claude' ? 'Bash' : 'exec_command';
  const server = await startModelServer([
    {
      name: agent,
      prompt: scenario.prompt,
      turns: scenario.turns,
      expect: { cwd: repository, tools: [tool], prompt: [scenario.prompt] },
    },
  ]);
  try {
    await Promise.all([mkdir(repository), mkdir(home)]);
    await runFile('git', ['init', '--quiet', '--initial-branch=main'], { cwd: repository });
    const world = { ...scenario, url: server.url, home };
    const env = await (agent === 'claude' ? claudeEnvironment(world) : codexEnvironment(world));
    const args = agent === 'claude' ? claudeArguments : codexArguments;
    const stop = new AbortController();
    if (scenario.stopAtRequest !== undefined) void server.reached(scenario.stopAtRequest).then(() => stop.abort());
    const run = await runAgent({
      binary,
      args,
      env,
      cwd: repository,
      prompt: `${scenario.prompt}, please.`,
      timeLimitMs,
      terminate: stop.signal,
    });
    const { requests, errors } = server;
    return { run, requests, errors, repository, home, ...(await committed(repository)) };
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function committed(repository: string): Promise<Pick<Performance, 'commits' | 'files'>> {
  const git = async (...args: string[]) => (await runFile('git', args, { cwd: repository })).stdout;
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  const branches = await git('branch', '--list');
  if (branches === '') return { commits: [], files: {} };
  const names = lines(await git('ls-tree', '-r', '--name-only', 'HEAD'));
  const files = await Promise.all(names.map(async (name) => [name, await git('show', `HEAD:${name}`)] as const));
  return { commits: lines(await git('log', '--format=%s')), files: Object.fromEntries(files) };
}
