/**
 * Records the fixtures again from the real CLIs: `node out/test/support/agents/record.js`, after a change of versions.
 *
 * What differs from run to run (directories, ports, ids, hashes, times of day) is replaced by what never does;
 * durations stay as measured.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { installAgent, type AgentName } from './install';
import { fixturePath } from './project';
import * as scenarios from './scenarios';
import { perform, type Performance } from './stage';

const { commit, unauthorized, rateLimited, retried, broken, stopped, unknownModel } = scenarios;
const common = { Commit: commit, Unauthorized: unauthorized, RateLimited: rateLimited, Retried: retried };
const recordings = { ...common, Broken: broken, Stopped: stopped };
const wanted: Readonly<Record<AgentName, Readonly<Record<string, scenarios.Scenario>>>> = {
  claude: recordings,
  codex: { ...recordings, UnknownModel: unknownModel },
};

async function record(agent: AgentName): Promise<void> {
  const installation = await installAgent(agent);
  if (installation.kind === 'unavailable') throw new Error(installation.reason);
  for (const [name, scenario] of Object.entries(wanted[agent])) {
    const performance = await perform(agent, installation.binary, scenario);
    if (performance.errors.length > 0) throw new Error(performance.errors.join('\n'));
    const file = fixturePath(agent + name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, sanitised(performance));
  }
}

function sanitised({ run, repository, home }: Performance): string {
  const encoded = (directory: string) => directory.replaceAll('/', '-');
  return run.stdout
    .replaceAll(repository, '/repo')
    .replaceAll(encoded(repository), '-repo')
    .replaceAll(home, '/home/agent')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:8080')
    .replaceAll(/cc-socks\/\d+/g, 'cc-socks/1')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-01-01T00:00:00.000Z')
    .replaceAll(
      /\b[0-9a-f]{40}\b/g,
      numbered(40, (n) => n.padStart(40, '0')),
    )
    .replaceAll(
      /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g,
      numbered(12, (n) => `00000000-0000-4000-8000-${n}`),
    );
}

/** Gives equal texts equal numbers, in the order in which they appear. */
function numbered(width: number, format: (number: string) => string): (text: string) => string {
  const seen = new Map<string, string>();
  return (text) => {
    const known = seen.get(text) ?? format(String(seen.size + 1).padStart(width, '0'));
    seen.set(text, known);
    return known;
  };
}

void Promise.all([record('claude'), record('codex')]);
