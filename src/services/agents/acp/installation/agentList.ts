/**
 * The protocol's registry, as it was fetched last (`docs/design/sessions.md#adding-an-agent`). It only lists agents: what
 * can be added, and its command line, is pinned in this program.
 */
import path from 'node:path';
import * as z from 'zod';
import type { ListedAgent, NotAddable } from '../../../../contract/agentList';
import { makeFolders } from '../../../../host/files/folders';
import { readSmallFile, replaceSmallFile } from '../../../../host/files/smallFile';
import { agentListFile } from '../../../../host/state/stateFolder';
import { ADDABLE_AGENTS } from './adapters';

export const MAX_LIST_BYTES = 2 * 1024 * 1024;
const MOST_AGENTS = 500;

/** Without control characters: a terminal may print it. */
const short = z
  .string()
  .max(200)
  .regex(/^\P{C}+$/u);
const packaged = z.object({ package: short }).optional();

const agent = z.object({
  id: z.string().regex(/^[\w.-]{1,64}$/),
  name: short,
  version: short,
  license: short.optional(),
  distribution: z.object({ npx: packaged, uvx: packaged, binary: z.record(z.string(), z.unknown()).optional() }),
});
type RegistryAgent = z.infer<typeof agent>;

const stored = z.object({
  /** Where it is from. */
  address: z.string(),
  fetchedAtMs: z.number(),
  etag: z.string().nullable(),
  agents: z.array(agent).max(MOST_AGENTS),
});
export type FetchedList = z.infer<typeof stored>;

const registry = z.object({ agents: z.array(z.unknown()).min(1) });

/** The agents of a registry's JSON; undefined if it is none. Entries of another shape are left out. */
export function agentsIn(text: string): RegistryAgent[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const agents = registry.safeParse(json).data?.agents.flatMap((entry) => agent.safeParse(entry).data ?? []) ?? [];
  return agents.length === 0 ? undefined : agents.slice(0, MOST_AGENTS);
}

/** The list that was fetched last; undefined where none was, or its file is damaged. */
export async function fetchedList(environment: NodeJS.ProcessEnv): Promise<FetchedList | undefined> {
  try {
    const text = await readSmallFile(agentListFile(environment), MAX_LIST_BYTES);
    return text === undefined ? undefined : stored.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export async function storeList(environment: NodeJS.ProcessEnv, list: FetchedList): Promise<void> {
  const file = agentListFile(environment);
  await makeFolders(path.dirname(file));
  await replaceSmallFile(file, JSON.stringify(list));
}

/** Agents that are known without a fetched list, and that cannot be added. */
const BUNDLED: readonly ListedAgent[] = [
  { id: 'kilo', title: 'Kilo', version: '7.8.1', license: 'MIT', because: 'needsScripts' },
  ...['Amp', 'Cursor', 'Devin', 'droid', 'goose', 'Junie'].map((title): ListedAgent => ({
    id: title.toLowerCase(),
    title,
    version: null,
    license: null,
    because: title === 'goose' ? 'noPackage' : 'notTried',
  })),
];

/** Those of the list that cannot be added. Without a list: the bundled ones. */
export function listedAgents(list: FetchedList | undefined): readonly ListedAgent[] {
  if (list === undefined) return BUNDLED;
  const packages = new Set(ADDABLE_AGENTS.map((recipe) => recipe.package));
  return list.agents.flatMap((entry) => {
    const { id, name: title, version, license = null, distribution } = entry;
    const name = packageOf(distribution);
    if (name !== undefined && packages.has(name.package)) return [];
    return [{ id, title, version, license, because: reasonOf(name) }];
  });
}

interface PackageName {
  readonly package: string;
  readonly version: string | undefined;
}

/** Its package on npm: `@scope/name@1.2.3`. */
function packageOf({ npx }: RegistryAgent['distribution']): PackageName | undefined {
  const [, name, version] = /^((?:@[^@/]+\/)?[^@/]+)(?:@(.+))?$/.exec(npx?.package ?? '') ?? [];
  return name === undefined ? undefined : { package: name, version };
}

/** The registry has no checksums, so a pinned version alone does not show that the package is the one that was tried. */
function reasonOf(name: PackageName | undefined): NotAddable {
  if (name === undefined) return 'noPackage';
  return /^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(name.version ?? '') ? 'noChecksum' : 'notPinned';
}
