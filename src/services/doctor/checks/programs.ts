/** git, Node and `ic`, which Intercore depends on. */
import os from 'node:os';
import path from 'node:path';
import type { Git } from '../../../host/git/git';
import type { GitFolder } from '../../../host/trusted/ownTrees';
import { KernelError } from '../../../kernel/errors/errors';
import { because, foreignText, type ForeignText, type Reason } from '../../../kernel/errors/reasons/problem';
import { isSameFile } from '../../../host/files/pathIdentity';
import { startableCommand } from '../../../host/process/system/windowsCommands';
import { type Answer, findProgram, isAtLeast, versionIn } from '../../../host/process/programs';
import { found, type Check, type Examination, type Found } from '../model';
import { holdings } from './projects';
import type { FindingClause } from '../findingReasons';

/** The first version that merges two trees without a checkout. */
const LEAST_GIT = '2.38';
/** The minimum version in package.json. */
const LEAST_NODE = '20.19';

export const gitCheck: Check = {
  id: 'git',
  starts: true,
  async look({ environment, ask }) {
    const fix = { kind: 'link', url: 'https://git-scm.com/downloads' } as const;
    const file = await findProgram('git', environment);
    if (file === undefined) return [found('GIT_MISSING', { least: LEAST_GIT }, { fix })];
    const answer = await ask(file, ['--version']);
    const version = versionIn(answer.stdout);
    if (version === undefined) {
      const said = answer.problem ?? answer.stderr.trim();
      return [found('GIT_MUTE', { path: file, problem: said === '' ? because('no answer') : foreignText(said) })];
    }
    const facts = { version, path: file };
    return [
      isAtLeast(version, LEAST_GIT)
        ? found('GIT_FOUND', facts)
        : found('GIT_OLD', { ...facts, least: LEAST_GIT }, { fix }),
    ];
  },
};

const IDENTITY_LINE = 'git config --global user.name "Your Name"; git config --global user.email you@example.com';

export const identityCheck: Check = {
  id: 'identity',
  starts: true,
  async look(examination) {
    if ((await findProgram('git', examination.environment)) === undefined) return [];
    const { git, visibility } = examination;
    const clones: string[] = [];
    for (const clone of new Set(holdings(examination).map(({ project }) => project.clonePath))) {
      if ((await visibility.of(clone)).kind === 'present') clones.push(clone);
    }
    const known = await Promise.all(clones.map((folder) => git.places.isKnown(folder)));
    const own = clones.filter((_, index) => known[index]);
    const folders = await Promise.all(
      own.length > 0 ? own.map((folder) => git.places.gitFolder(folder)) : [git.places.named(os.homedir())],
    );
    return (await Promise.all(folders.map((folder) => identityIn(git, folder)))).flat();
  },
};

async function identityIn(git: Git, folder: GitFolder): Promise<Found[]> {
  try {
    const [name, email] = await Promise.all(
      ['user.name', 'user.email'].map((key) => git.ask(folder, ['config', '--get', key])),
    );
    return name && email
      ? [found('IDENTITY_KNOWN', { folder })]
      : [found('IDENTITY_MISSING', { folder }, { fix: { kind: 'shell', line: IDENTITY_LINE } })];
  } catch (error) {
    // The check of the clones reports a repository that git may not read.
    if (error instanceof KernelError) return [];
    throw error;
  }
}

export const nodeCheck: Check = {
  id: 'node',
  starts: true,
  async look({ place, environment, ask }) {
    if (place === 'shell') return [found('NODE_FOUND', { version: process.versions.node, path: process.execPath })];
    const own = found('NODE_OF_EDITOR', { version: process.versions.node });
    const fix = { kind: 'link', url: 'https://nodejs.org/en/download' } as const;
    const file = await findProgram('node', environment);
    if (file === undefined) return [own, found('NODE_MISSING', { least: LEAST_NODE }, { fix })];
    const version = versionIn((await ask(file, ['--version'])).stdout.replace(/^v/, ''));
    if (version === undefined) return [own, found('NODE_MISSING', { least: LEAST_NODE }, { fix })];
    const facts = { version, path: file };
    const isEnough = isAtLeast(version, LEAST_NODE);
    return [own, isEnough ? found('NODE_FOUND', facts) : found('NODE_OLD', { ...facts, least: LEAST_NODE }, { fix })];
  },
};

export const icCheck: Check = {
  id: 'path',
  starts: true,
  async look(examination) {
    const { icFolder, ask, environment, place } = examination;
    const own = path.join(icFolder, process.platform === 'win32' ? 'ic.cmd' : 'ic');
    // As agents find it: they use the Node of the program that starts them.
    const answer = await ask(own, ['version'], { ...environment, INTERCORE_NODE: process.execPath });
    const version = versionIn(answer.stdout);
    const answers =
      version === undefined ? found('IC_MUTE', { problem: noVersion(answer) }) : found('IC_ANSWERS', { version });
    return [answers, place === 'editor' ? inTerminals(examination) : await onPath(examination)];
  },
};

function noVersion({ problem, stderr, code }: Answer): ForeignText | Reason<FindingClause<'IC_MUTE'>> {
  const said = problem ?? stderr.trim();
  if (said !== '') return foreignText(said);
  return code === null ? because('no exit code') : because('exit code {code}', { code });
}

function inTerminals({ addsToPath }: Examination): Found {
  const setting = 'intercore.terminal.addToPath';
  return addsToPath
    ? found('IC_IN_TERMINALS')
    : found('IC_NOT_IN_TERMINALS', {}, { fix: { kind: 'setting', setting } });
}

async function onPath({ environment, icFolder }: Examination): Promise<Found> {
  const first = await findProgram('ic', environment);
  if (first === undefined) return found('IC_NOT_ON_PATH', { folder: icFolder });
  return (await isOurs(first, environment, icFolder))
    ? found('IC_ON_PATH', { path: first })
    : found('IC_OTHER', { path: first, folder: icFolder });
}

/** npm links to the bundle, or on Windows writes a batch file that starts it. Editors and shells use the script. */
async function isOurs(file: string, environment: NodeJS.ProcessEnv, icFolder: string): Promise<boolean> {
  const started = process.platform === 'win32' ? startableCommand({ command: file, args: [] }, environment).args : [];
  const ours = [path.join(icFolder, path.basename(file)), path.join(icFolder, '..', 'dist', 'ic.js')];
  for (const one of [file, ...started]) {
    for (const other of ours) if (await isSameFile(one, other)) return true;
  }
  return false;
}
