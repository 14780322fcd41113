/**
 * Who opens a database file as a plain file. Closing such a file drops the locks that SQLite holds on it in the same
 * process, so every opening takes its turn in `host/database/rawAccess.ts`.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { inProject } from '../../../tools/project';
import { parsedSource } from '../../support/documents/parsedSources';

/** Functions that open a database, and so are called within a turn, or by each other. */
const OPENERS: ReadonlySet<string> = new Set([
  'generationOf',
  'hasWalMode',
  'tryRead',
  'readRolledBack',
  'mergeLeftLog',
  'writeInPlace',
  'backUp',
  'backUpWithLog',
  'replaceFile',
  'putBack',
  'inspectFiles',
]);

/** What gives a turn. */
const TURNS: ReadonlySet<string> = new Set(['asPlainFile', 'asDatabase']);

/** Function that opens a file in a module that knows paths of databases → why it is not the database. */
const OTHERS: Readonly<Record<string, string>> = {
  'host/image/imageFile.ts writeDraft': 'the next file, before it takes the place of the database',
  'host/image/backups.ts writeBackup': 'a backup',
  'host/image/backups.ts makeBackup': 'a backup',
  'host/database/generation.ts logOf': 'the log: SQLite locks only the database and the shared memory',
  'host/database/otherUsers.ts hasHotJournal': 'the journal, which is not locked',
  'host/database/otherUsers.ts lockHolder': 'the list of locks of the system',
  'host/image/inspection.ts hasSuperJournal': 'the journal, which is not locked',
  'host/image/removal.ts recordFiles': 'the file for git beside the database',
  'host/files/paths.ts createDatabaseFolder': 'the file for git beside the database',
  'host/locks/fileLock.ts claim': 'the draft of the lock',
  'host/locks/fileLock.ts processTable': 'the name that the system gives a boot',
  'host/native/session.ts opened': 'within the session of SQLite, whose turn it is',
  'host/native/session.ts readLog': 'within the session of SQLite, whose turn it is',
  'services/demo/demo.ts entriesOf': 'the marker of the demo',
  'services/demo/demo.ts writeMarker': 'the marker of the demo',
  'services/demo/demo.ts makeDemo': 'the files of the demo',
  'services/demo/runs.ts seedRun': 'the files of the demo',
  'services/dispatch/start/request.ts keepPrompt': 'a prompt',
  'services/dispatch/start/request.ts promptOf': 'a prompt',
  'services/tasks/leader.ts requestLead': 'the request to lead, next to the lock',
  'services/tasks/leader.ts writeLeader': 'the file that the holder keeps in the lock',
};

/** What opens and closes a file by its path. */
const OPENING =
  /^(open|openSync|readFile|readFileSync|writeFile|writeFileSync|appendFile|copyFile|copyFileSync|truncate|createReadStream|createWriteStream|openRegular|readRegular|syncFile)$/;
/** Names of what leads to the path of a database. */
const LEADS =
  /\b(databasePath|databaseLocation|resolveDatabase|walPath|journalPath|FileLock|DATABASE_NAME|PORTFOLIO_NAME)\b/;
interface Call {
  readonly file: string;
  readonly callee: string;
  /** The nearest function with a name around it. */
  readonly within: string;
  readonly hasTurn: boolean;
}

function callsOf(file: string): Call[] {
  const calls: Call[] = [];
  const relative = path.relative(inProject('src'), file).split(path.sep).join('/');
  const tree = parsedSource(file);
  const visit = (node: ts.Node): void => {
    const callee = ts.isCallExpression(node) ? calleeOf(node) : undefined;
    if (callee !== undefined) {
      calls.push({ file: relative, callee, within: nameAround(node), hasTurn: hasTurn(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return calls;
}

/** The name of a function, or of a method of the same class. */
function calleeOf({ expression }: ts.CallExpression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  const isOwn = ts.isPropertyAccessExpression(expression) && expression.expression.kind === ts.SyntaxKind.ThisKeyword;
  return isOwn ? expression.name.text : undefined;
}

function nameAround(node: ts.Node): string {
  for (let at: ts.Node = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if ((ts.isFunctionDeclaration(at) || ts.isMethodDeclaration(at)) && at.name !== undefined) return at.name.getText();
  }
  return '';
}

/** Whether the call is made by a function that is given to one that waits for a turn. */
function hasTurn(node: ts.Node): boolean {
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    const call = at.parent;
    if (!ts.isArrowFunction(at) || !ts.isCallExpression(call)) continue;
    if (ts.isIdentifier(call.expression) && TURNS.has(call.expression.text)) return true;
  }
  return false;
}

describe('database files', () => {
  const entries = readdirSync(inProject('src'), { recursive: true, withFileTypes: true });
  const files = entries.filter((e) => e.isFile() && /\.tsx?$/.test(e.name)).map((e) => path.join(e.parentPath, e.name));
  const calls = files.flatMap(callsOf);

  it('are opened as plain files only while SQLite does not have them open in this process', () => {
    const unguarded = calls.filter(
      ({ callee, within, hasTurn }) => OPENERS.has(callee) && !hasTurn && !OPENERS.has(within),
    );
    assert.deepEqual(unguarded, []);
    const called = new Set(calls.map(({ callee }) => callee));
    assert.deepEqual(
      [...OPENERS].filter((name) => !called.has(name)),
      [],
    );
  });

  it('are opened by no function that is not listed', () => {
    const knowing = new Set(
      files
        .filter((file) => LEADS.test(readFileSync(file, 'utf8')))
        .map((file) => path.relative(inProject('src'), file).split(path.sep).join('/')),
    );
    const found = calls
      .filter(({ file, callee, within, hasTurn }) => {
        return knowing.has(file) && OPENING.test(callee) && !hasTurn && !OPENERS.has(within);
      })
      .map(({ file, within }) => `${file} ${within}`);
    assert.deepEqual([...new Set(found)].sort(), Object.keys(OTHERS).sort());
  });
});
