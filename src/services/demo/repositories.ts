/** Creates small git repositories with some history, for the demo and for tests that need real repositories. */
import { mkdir, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import path from 'node:path';
import { Git } from '../../host/git/git';
import { trustedFoldersOf } from '../../host/trusted/trustedFolders';

export interface Commit {
  readonly message: string;
  /** File contents by path inside the repository. */
  readonly files: Readonly<Record<string, string>>;
}

const OWN_SETTINGS = { GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1' };
const AUTHOR = 'Ada Example';
const EMAIL = 'ada@example.com';
const FIRST_COMMIT_AT = Date.UTC(2026, 0, 5, 9, 0, 0);
const BETWEEN_COMMITS_MS = 3 * 60 * 60 * 1000;

/**
 * Makes `folder` a repository whose branch `main` holds these commits, with the same hashes every time. Uses its own
 * author and none of the user's git settings. Throws if git is missing or the folder is already a repository.
 */
export async function createRepository(folder: string, commits: readonly Commit[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await gitAt(folder, ['init', '--quiet', '--initial-branch=main'], FIRST_COMMIT_AT);
  await gitAt(folder, ['config', 'user.name', AUTHOR], FIRST_COMMIT_AT);
  await gitAt(folder, ['config', 'user.email', EMAIL], FIRST_COMMIT_AT);
  await gitAt(folder, ['config', 'commit.gpgsign', 'false'], FIRST_COMMIT_AT);
  for (const [index, commit] of commits.entries()) {
    for (const [name, text] of Object.entries(commit.files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    await gitAt(folder, ['add', '--all'], FIRST_COMMIT_AT);
    await gitAt(
      folder,
      ['commit', '--quiet', '--message', commit.message],
      FIRST_COMMIT_AT + index * BETWEEN_COMMITS_MS,
    );
  }
}

/** Runs git in a repository of the demo, with a fixed time so that hashes are the same everywhere. */
export async function gitAt(folder: string, args: readonly string[], atMs: number): Promise<void> {
  const date = new Date(atMs).toISOString();
  const dates = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const git = demoGit(folder);
  await git.run(await git.places.gitFolder(folder), args, {
    env: { ...OWN_SETTINGS, ...dates },
  });
}

/** In a folder that the demo creates. */
export function demoGit(folder: string): Git {
  return new Git({ trusted: () => true, places: trustedFoldersOf(process.env, () => [folder]) });
}

/** The demo's service: stores parcels and reports their location. */
export const PARCEL_API: readonly Commit[] = [
  {
    message: 'Start the parcel service',
    files: {
      'README.md': '# Parcel API\n\nAnswers where a parcel is.\n',
      'package.json': '{\n  "name": "parcel-api",\n  "private": true,\n  "scripts": { "test": "node --test" }\n}\n',
      'src/parcels.js':
        'const parcels = new Map();\n\nexports.add = (id, place) => parcels.set(id, place);\nexports.where = (id) => parcels.get(id);\n',
    },
  },
  {
    message: 'Answer over HTTP',
    files: {
      'src/server.js':
        "const http = require('node:http');\nconst { where } = require('./parcels');\n\nexports.server = http.createServer((request, response) => {\n  const id = request.url.slice(1);\n  response.end(JSON.stringify({ id, place: where(id) ?? null }));\n});\n",
    },
  },
  {
    message: 'Test that an unknown parcel is nowhere',
    files: {
      'test/parcels.test.js':
        "const assert = require('node:assert');\nconst test = require('node:test');\nconst { add, where } = require('../src/parcels');\n\ntest('a parcel is where it was put', () => {\n  add('p1', 'depot');\n  assert.equal(where('p1'), 'depot');\n});\n\ntest('an unknown parcel is nowhere', () => assert.equal(where('p2'), undefined));\n",
    },
  },
  {
    message: 'Say how to run it',
    files: {
      'README.md':
        '# Parcel API\n\nAnswers where a parcel is.\n\n    npm test\n    node -e "require(\'./src/server\').server.listen(8080)"\n',
    },
  },
];

/** The demo's page, which queries the service. */
export const PARCEL_WEB: readonly Commit[] = [
  {
    message: 'Start the tracking page',
    files: {
      'README.md': '# Parcel Web\n\nThe page on which people search for their parcels.\n',
      'index.html':
        '<!doctype html>\n<title>Where is my parcel?</title>\n<input id="number" aria-label="Parcel number" />\n<output id="place"></output>\n<script src="track.js"></script>\n',
    },
  },
  {
    message: 'Ask the service while typing',
    files: {
      'track.js':
        "const number = document.querySelector('#number');\nconst place = document.querySelector('#place');\n\nnumber.addEventListener('input', async () => {\n  const answer = await fetch(`/api/${number.value}`);\n  place.textContent = (await answer.json()).place ?? 'Not found';\n});\n",
    },
  },
  {
    message: 'Give the page a quiet look',
    files: { 'style.css': 'body {\n  font: 16px/1.5 system-ui;\n  margin: 4rem auto;\n  max-width: 30rem;\n}\n' },
  },
];
