/** Which files start processes, and by what right: trust is asked in one of them, and nothing goes around it. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { inProject } from '../../../tools/project';

/** File → why it may import `node:child_process`. */
const STARTERS: Readonly<Record<string, string>> = {
  'host/process/startProcess.ts': 'asks for trust at every start',
  'host/process/system/systemTools.ts':
    'runs programs of the operating system with a process id at most, and no word of a folder',
  'host/launcher/launcher.ts': 'is a program of its own, which startProcess.ts has started with its order',
  'host/session/sessionHost.ts': 'is a program of its own, too, in the place of the launcher',
};

/** File → why what it makes need not ask a window for trust: nothing else may say that it is always given. */
const ALWAYS_TRUSTED: Readonly<Record<string, string>> = {
  'services/consent/hooks.ts': 'hooks are started by ic alone, where the person has allowed them',
  'services/demo/records.ts': 'the records of the demo, which it makes; its command refuses in an untrusted window',
  'services/demo/repositories.ts': 'the repositories of the demo, which it makes',
  'cli/dispatching/dispatcher.ts': 'a person has typed the command line; kinds are compared with the caller’s',
  'cli/host/gitWith.ts': 'a person has typed the command line; git runs in folders of ours or of theirs',
  'cli/host/gitHub.ts': 'a person has typed the command line, and gh is found on their PATH',
  'cli/lead/host.ts': 'a person has started the leader for these folders; kinds and tasks need their consent',
  'cli/lead/lead.ts': 'the login shell is the person’s own',
  'cli/mcp/host.ts': 'a person has started the server for these folders; kinds need their consent',
  'cli/operations/host.ts':
    'a person has typed the command line, and Beads is found on their PATH; operations ask who decides',
  'cli/command/session.ts': 'a person has typed the command line, for a record of their own',
};

/** Packages that start programs on their own, and the one file that may use each. */
const STARTING_PACKAGES: Readonly<Record<string, string>> = { 'simple-git': 'host/git/git.ts' };

interface Source {
  readonly file: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function sources(): Source[] {
  return readdirSync(inProject('src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => {
      const text = readFileSync(file, 'utf8');
      const imports = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
      return { file: path.relative(inProject('src'), file).split(path.sep).join('/'), text, imports };
    });
}

describe('processes', () => {
  const all = sources();
  const files = (has: (source: Source) => boolean): string[] => all.filter(has).map(({ file }) => file);

  it('are started in the files that have a reason to, and nowhere else', () => {
    const importing = files(({ imports }) => imports.some((name) => /^(node:)?child_process$/.test(name)));
    assert.deepEqual(importing.sort(), Object.keys(STARTERS).sort());
  });

  it('are started by no other way that Node has', () => {
    const other =
      /process\.binding|process\.getBuiltinModule|require\(['"`](node:)?(child_process|cluster)|['"`](node:)?cluster['"`]/;
    assert.deepEqual(
      files(({ text }) => other.test(text)),
      [],
    );
  });

  it('are started by packages in one file each', () => {
    for (const [name, file] of Object.entries(STARTING_PACKAGES)) {
      const importing = files(({ imports, text }) => imports.includes(name) && !onlyTypes(text, name));
      assert.deepEqual(importing, [file], name);
    }
  });

  it('are started without asking a window for trust only where there is none', () => {
    const always = files(({ text }) =>
      /processStarter\(\(\) => true|\b(trusted|canRun|canWrite)\b[^\n]*\(\) => true/.test(text),
    );
    assert.deepEqual(always.sort(), Object.keys(ALWAYS_TRUSTED).sort());
  });

  it('are not started through terminals or tasks of the editor: a line is typed, and a person runs it', () => {
    assert.deepEqual(
      files(({ text }) =>
        /sendText\((?![\w.]+, false\))|(?<!onDidEndTerminal)ShellExecution|ProcessExecution|tasks\.executeTask|shellPath/.test(
          text,
        ),
      ),
      [],
    );
  });
});

function onlyTypes(text: string, name: string): boolean {
  const statements = text.match(new RegExp(`import[^;]*(from |\\()'${name}'`, 'g')) ?? [];
  return statements.every((statement) => statement.startsWith('import type'));
}
