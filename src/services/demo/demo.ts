/**
 * The demo: a disposable workspace of two repositories with real history, in which a scripted agent plans and
 * implements tasks. It needs no network, sign-in or money. `npm start` and *Try the Demo* create the same demo.
 */
import { copyFile, lstat, mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { AgentKind } from '../../contract/agentKinds';
import type { SettingName } from '../../contract/settings/settings';
import { ifThere } from '../../host/files/fileErrors';
import { DATABASE_FOLDER, databaseLocation } from '../../host/files/paths';
import { findProgram } from '../../host/process/programs';
import type { FolderRegistry } from '../../host/trusted/folderRegistry';
import { countActive } from '../../kernel/dispatch/service';
import { KernelError } from '../../kernel/errors/errors';
import { ProjectKernel } from '../record/kernels';
import { isReadable } from '../operations/host';
import { addLocalProject } from '../tasks/project/projects';
import type { AgentConsents } from '../consent/agentConsent';
import { demoKernelDeps } from './records';
import { demoGit } from './repositories';
import { demoFolders, seedDemo } from './seed';
import { API_SESSIONS, endSessions, queueSessions, sessionKind, WEB_SESSIONS } from './sessions';
import { renameOver } from '../../host/files/renames';

/** Lists what we created in the folder. Written before anything else; our registry marks the folder as a demo. */
const MARKER = '.intercore-demo.json';
const WORKSPACE = 'demo.code-workspace';
const AGENT = 'agent.mjs';
/** The agent of tasks, and the one of sessions. */
const SCRIPTS = [AGENT, 'session.mjs'];
const STORAGE = 'storage';
const marker = z.object({ madeBy: z.literal('intercore'), entries: z.array(z.string().regex(/^[\w.-]+$/)) });

/** Our list of folders that we created. A marker can come with a folder; an entry cannot. */
export type DemoRegistry = Pick<FolderRegistry, 'find' | 'add' | 'remove'>;

export interface DemoParts {
  readonly registry: DemoRegistry;
  /** Stores the consent for the demo's agents. */
  readonly consents: AgentConsents;
  /** The folder with the scripts of the demo's agents, which are copied into the demo. */
  readonly scripts: string;
  readonly environment: NodeJS.ProcessEnv;
}

export const demoWorkspace = (folder: string): string => path.join(folder, WORKSPACE);

/** Whether we created this demo. */
export async function isDemo(folder: string, registry: DemoRegistry): Promise<boolean> {
  return (await entriesOf(folder, registry)) !== undefined;
}

/**
 * Creates the demo in a folder that is missing or empty, or updates an existing demo to this version. Returns the path
 * of its workspace file.
 * @throws KernelError `FOLDER_TAKEN` for a folder with anything else in it; `GIT_FAILED` without git
 */
export async function makeDemo(folder: string, parts: DemoParts): Promise<string> {
  if (!(await isDemo(folder, parts.registry))) await createDemo(folder, parts.registry);
  // An older version made fewer of them.
  else await writeMarker(folder);
  for (const script of SCRIPTS) await copyFile(path.join(parts.scripts, script), path.join(folder, script));
  const folders = Object.values(FOLDER_NAMES).map((name) => ({ path: name }));
  const agent = agentOf(folder);
  const kinds = [agent, sessionKind(folder, agent)] as const;
  // Requesting the demo allows its agents, which are our scripts.
  const { api, web } = demoFolders(folder);
  for (const project of [api, web]) parts.consents.allow(project, kinds);
  const content = { folders, settings: await settingsOf(folder, kinds, parts) };
  await writeFile(demoWorkspace(folder), `${JSON.stringify(content, null, 2)}\n`);
  return demoWorkspace(folder);
}

const FOLDER_NAMES = { api: 'parcel-api', web: 'parcel-web' };
const ENTRIES = [...Object.values(FOLDER_NAMES), DATABASE_FOLDER, WORKSPACE, ...SCRIPTS, STORAGE];

async function createDemo(folder: string, registry: DemoRegistry): Promise<void> {
  const there = (await ifThere(readdir(folder))) ?? [];
  if (there.length > 0) throw new KernelError('FOLDER_TAKEN', { path: folder });
  await mkdir(folder, { recursive: true });
  await writeMarker(folder, 'wx');
  await registry.add(await realpath(folder), { kind: 'demo' });
  const folders = demoFolders(folder);
  try {
    await seedDemo(folders);
    for (const [project, sessions] of [
      [folders.api, API_SESSIONS],
      [folders.web, WEB_SESSIONS],
    ] as const) {
      await withKernel(project, async (kernel) => {
        await addLocalProject(kernel, demoGit(project), { folder: project });
        await queueSessions(kernel, path.join(folder, STORAGE), sessions);
      });
    }
  } catch (error) {
    // An incomplete demo is removed; all of it is ours.
    await removeEntries(folder, ENTRIES, registry);
    throw error;
  }
}

async function writeMarker(folder: string, flag: 'w' | 'wx' = 'w'): Promise<void> {
  const demo = { madeBy: 'intercore', entries: ENTRIES } satisfies z.infer<typeof marker>;
  await writeFile(path.join(folder, MARKER), `${JSON.stringify(demo, null, 2)}\n`, { flag });
}

/** An agent that costs nothing. */
function agentOf(folder: string): AgentKind {
  return {
    name: 'demo',
    command: process.execPath,
    args: [path.join(folder, AGENT)],
    promptBy: 'stdin',
    parser: 'plain',
    // The editor's Node is the editor itself; this variable makes it run as plain Node.
    env: { ELECTRON_RUN_AS_NODE: '1' },
  };
}

/** Sessions that wait for an answer keep their places, and tasks need some, too. */
const MAX_DISPATCHES = 8;

/** Workspace settings: the demo's agents, of which the first is the default, and storage inside the demo. */
async function settingsOf(
  folder: string,
  kinds: readonly [AgentKind, ...AgentKind[]],
  { environment }: DemoParts,
): Promise<Readonly<Partial<Record<SettingName, unknown>>>> {
  const hasNode = (await findProgram('node', environment)) !== undefined;
  return {
    'intercore.agents.kinds': kinds,
    'intercore.agents.default': kinds[0].name,
    'intercore.dispatch.maxConcurrent': MAX_DISPATCHES,
    'intercore.storage.directory': path.join(folder, STORAGE),
    'intercore.tasks.checks': hasNode ? [['node', '--test']] : [],
  };
}

/**
 * Ends the demo's sessions, removes what we created, and the folder if it is then empty.
 * @throws KernelError `NOT_FOUND` if there is no demo of ours; `DISPATCHES_LIVE` while other agents run in it
 */
export async function removeDemo(folder: string, registry: DemoRegistry): Promise<void> {
  const entries = await entriesOf(folder, registry);
  if (entries === undefined) throw new KernelError('NOT_FOUND', { what: 'demo', id: folder });
  await endDemoSessions(folder);
  const { api, web } = demoFolders(folder);
  for (const project of [api, web]) await refuseWhileAtWork(project);
  await removeEntries(folder, entries, registry);
}

/** Ends the sessions of a demo, which would wait for an answer forever. */
export async function endDemoSessions(folder: string): Promise<void> {
  const { api, web } = demoFolders(folder);
  for (const project of [api, web]) {
    if ((await ifThere(lstat(databaseLocation(project).path))) === undefined) continue;
    await withKernel(project, async (kernel) => {
      if (isReadable(kernel)) await endSessions(kernel, path.join(folder, STORAGE));
    });
  }
}

/** Each part is renamed first, so that no other process finds half of it. Other files stay. */
async function removeEntries(folder: string, entries: readonly string[], registry: DemoRegistry): Promise<void> {
  const real = await realpath(folder);
  for (const entry of [...entries, MARKER]) {
    const place = path.join(folder, entry);
    if ((await ifThere(lstat(place))) === undefined) continue;
    const gone = `${place}.removed-${process.pid}`;
    await renameOver(place, gone);
    await rm(gone, { recursive: true, force: true, maxRetries: 5 });
  }
  await registry.remove(real);
  if ((await readdir(folder)).length === 0) await rm(folder, { recursive: true });
}

async function refuseWhileAtWork(folder: string): Promise<void> {
  if ((await ifThere(lstat(databaseLocation(folder).path))) === undefined) return;
  await withKernel(folder, (kernel) => {
    const active = isReadable(kernel) ? kernel.read((r) => countActive(r)) : 0;
    if (active > 0) throw new KernelError('DISPATCHES_LIVE', { path: kernel.path, active });
    return Promise.resolve();
  });
}

async function entriesOf(folder: string, registry: DemoRegistry): Promise<readonly string[] | undefined> {
  const real = await ifThere(realpath(folder));
  if (real === undefined || (await registry.find(real))?.kind !== 'demo') return undefined;
  const text = await ifThere(readFile(path.join(folder, MARKER), 'utf8'));
  if (text === undefined) return undefined;
  try {
    return marker.safeParse(JSON.parse(text)).data?.entries.filter((entry) => ENTRIES.includes(entry));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function withKernel<T>(folder: string, work: (kernel: ProjectKernel) => Promise<T>): Promise<T> {
  const kernel = new ProjectKernel(databaseLocation(folder), demoKernelDeps());
  try {
    await kernel.load();
    return await work(kernel);
  } finally {
    await kernel.dispose();
  }
}
