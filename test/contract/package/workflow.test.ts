/** The workflows and settings of the repository's host: what they may do, and that they name what exists. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { parse, type ParseError } from 'jsonc-parser';
import { check } from 'prettier';
import * as z from 'zod';
import { inProject } from '../../../tools/project';

const read = (file: string): string => readFileSync(inProject(file), 'utf8');
const manifest = z
  .object({ version: z.string(), scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')));

const WORKFLOWS = ['ci', 'nightly', 'release'].map((name) => `.github/workflows/${name}.yml`);

/** One job of a workflow, and the permissions that it has. */
function job(text: string, name: string): string {
  return new RegExp(`^  ${name}:\\n(?:(?:   .*)?\\n)*`, 'm').exec(text)?.[0] ?? '';
}

function granted(text: string): string[] {
  return text.match(/^ {6}[a-z-]+: (?:read|write)$/gm)?.map((line) => line.trim()) ?? [];
}

describe('the files of the host', () => {
  const files = readdirSync(inProject('.github'), { recursive: true, encoding: 'utf8' });

  for (const file of files.filter((name) => name.endsWith('.yml')).map((name) => `.github/${name}`)) {
    it(`are valid YAML: ${file}`, async () => {
      assert.ok(await check(read(file), { parser: 'yaml', singleQuote: true, printWidth: 120 }));
    });
  }

  for (const file of WORKFLOWS) {
    const text = read(file);

    it(`run npm scripts that exist, and install what the lock file names: ${file}`, () => {
      const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
      assert.deepEqual(
        named.filter((name) => !(name in manifest.scripts)),
        [],
      );
      assert.doesNotMatch(text, /npm (install|i)\b/);
    });

    it(`use actions of the host itself, each with its version: ${file}`, () => {
      const used = [...text.matchAll(/^ *(?:- )?uses: (.*)$/gm)].map(([, action = '']) => action);
      const others = used.filter((action) => !/^actions\/[a-z-]+@(v\d+|[0-9a-f]{40})$/.test(action));
      assert.deepEqual(
        others.filter((action) => !existsSync(inProject(action))),
        [],
      );
    });

    it(`keep no credential in a checkout, and grant nothing by default: ${file}`, () => {
      assert.match(text, /^permissions: \{\}$/m);
      assert.equal(
        text.match(/persist-credentials: false/g)?.length ?? 0,
        text.match(/actions\/checkout@/g)?.length ?? 0,
      );
      assert.doesNotMatch(text, /pull_request_target/);
    });
  }
});

describe('continuous integration', () => {
  const text = read('.github/workflows/ci.yml');

  it('runs the command of the README', () => {
    assert.match(job(text, 'test'), /run: npm ci\n[^]*run: npm test\n/);
  });

  it('runs the desktop VS Code on Linux, macOS, and Windows', () => {
    assert.match(job(text, 'desktop'), /os: \[ubuntu-latest, macos-latest, windows-latest\]/);
    assert.match(job(text, 'desktop'), /xvfb-run -a npm run test:extension/);
  });

  it('audits packages and their signatures', () => {
    for (const command of ['npm audit --omit=dev', 'npm audit signatures']) {
      assert.ok(job(text, 'audit').includes(`- run: ${command}\n`), command);
    }
  });

  it('only reads, and uses no secret', () => {
    for (const name of ['test', 'desktop', 'audit'])
      assert.deepEqual(granted(job(text, name)), ['contents: read'], name);
    assert.doesNotMatch(text, /secrets\./);
  });
});

describe('the nightly run', () => {
  const text = read('.github/workflows/nightly.yml');

  it('runs every test once a day, also the long ones', () => {
    assert.match(text, /^ {2}schedule:\n {4}- cron: '\d+ \d+ \* \* \*'\n/m);
    assert.match(job(text, 'long'), /run: npm ci\n[^]*run: npm run test:long\n/);
  });

  it('only reads, and uses no secret', () => {
    assert.deepEqual(granted(job(text, 'long')), ['contents: read']);
    assert.doesNotMatch(text, /secrets\./);
  });
});

describe('a release', () => {
  const text = read('.github/workflows/release.yml');

  it('starts from a tag alone, after all checks', () => {
    assert.match(text, /^on:\n {2}push:\n {4}tags: \['v\*'\]\n\n/m);
    assert.match(job(text, 'checks'), /uses: \.\/\.github\/workflows\/ci\.yml/);
    assert.match(job(text, 'package'), /needs: checks\n/);
    for (const name of ['github', 'marketplace', 'open-vsx', 'npm']) {
      assert.match(job(text, name), /needs: package\n/, name);
    }
  });

  it('grants each job no more than it needs', () => {
    assert.deepEqual(granted(job(text, 'package')), ['contents: read']);
    assert.deepEqual(granted(job(text, 'github')), ['contents: write']);
    assert.deepEqual(granted(job(text, 'marketplace')), ['contents: read']);
    assert.deepEqual(granted(job(text, 'open-vsx')), ['contents: read']);
    assert.deepEqual(granted(job(text, 'npm')), ['contents: read', 'id-token: write']);
  });

  it('gives each secret to one job, in an environment of its own', () => {
    for (const [name, secret] of [
      ['marketplace', 'VSCE_PAT'],
      ['open-vsx', 'OVSX_PAT'],
      ['npm', 'NPM_TOKEN'],
    ] as const) {
      assert.equal(text.split(`secrets.${secret}`).length, 2, secret);
      assert.match(job(text, name), new RegExp(`environment: ${name}\n[^]*secrets\\.${secret}`));
    }
  });

  it('publishes the `ic` command with provenance', () => {
    assert.equal(text.match(/npm publish/g)?.length, 1);
    assert.match(job(text, 'npm'), /npm publish --provenance/);
  });

  it('has notes for its tag in the changelog, and none for another', () => {
    const notes = (tag: string) =>
      spawnSync(process.execPath, [inProject('scripts/releaseNotes.mjs'), tag], { encoding: 'utf8' });
    const { status, stdout, stderr } = notes(`v${manifest.version}`);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^### Added$/m);
    assert.doesNotMatch(stdout, /^## /m);
    assert.equal(notes('v9.9.9').status, 1);
  });
});

describe('the files of the editor', () => {
  for (const file of ['launch', 'tasks', 'extensions', 'settings']) {
    it(`are valid: .vscode/${file}.json`, () => {
      const errors: ParseError[] = [];
      parse(read(`.vscode/${file}.json`), errors);
      assert.deepEqual(errors, []);
    });
  }

  it('name tasks and npm scripts that exist', () => {
    const tasks = z
      .object({
        tasks: z.array(
          z.object({ label: z.string(), script: z.string().optional(), dependsOn: z.string().optional() }),
        ),
      })
      .parse(parse(read('.vscode/tasks.json'))).tasks;
    const launches = z
      .object({ configurations: z.array(z.object({ preLaunchTask: z.string() })) })
      .parse(parse(read('.vscode/launch.json'))).configurations;
    const labels = tasks.map(({ label }) => label);
    const named = [...launches.map((launch) => launch.preLaunchTask), ...tasks.flatMap((task) => task.dependsOn ?? [])];
    assert.deepEqual(
      named.filter((label) => !labels.includes(label)),
      [],
    );
    assert.deepEqual(
      tasks.flatMap(({ script }) => (script === undefined || script in manifest.scripts ? [] : script)),
      [],
    );
  });
});
