/**
 * Replaces `bd` in tests: the commands that tasks use, their refusals, their noise on stderr and what they print, in
 * the dialect that `FAKE_BD` names (`docs/design/beads.md`). Every call is written down in `$BEADS_DIR/../calls.jsonl`.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseCommand, Refusal, type Command, type Dialect } from './arguments';
import * as issues from './issues';
import type { Issue, Store } from './issues';

/** `envelope` speaks 1.x and wraps what it prints. */
const given = process.env['FAKE_BD'] ?? '0.49';
const dialect: Dialect = given === '0.49' ? '0.49' : '1.x';
const isOld = dialect === '0.49';
const folder = process.env['BEADS_DIR'] ?? '';
const file = issues.databaseFile(folder, dialect);
const STATUSES = ['open', 'in_progress', 'blocked', 'deferred', 'closed', 'pinned', 'hooked'];

function print(value: unknown): void {
  const whole = given === 'envelope' ? { schema_version: 1, data: value } : value;
  process.stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
}

class Failure extends Error {}

function fail(message: string): never {
  throw new Failure(message);
}

/** Newer versions say so on stdout, older ones on stderr. */
function report(message: string): void {
  if (isOld) process.stderr.write(`Error: ${message}\n`);
  else process.stdout.write(`${JSON.stringify({ error: message, schema_version: 1 })}\n`);
}

const text = ({ values }: Command, name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
};

function body(command: Command): string | undefined {
  const name = text(command, 'body-file');
  return name === undefined ? text(command, 'description') : readFileSync(name === '-' ? 0 : name, 'utf8');
}

function find(held: Store, id: string): Issue | undefined {
  return held.issues.find((issue) => issue.id === id);
}

/** As `list` has it: without counts of what is none, and with records of what it depends on. */
function listed(held: Store, issue: Issue): object {
  const { comments, children, labels, ...plain } = issue;
  const dependencies = held.dependencies.filter(({ issue_id }) => issue_id === issue.id);
  return {
    ...plain,
    ...(labels.length === 0 ? {} : { labels }),
    dependency_count: dependencies.length,
    dependent_count: held.dependencies.filter(({ depends_on_id }) => depends_on_id === issue.id).length,
    comment_count: comments.length,
    ...(dependencies.length === 0 ? {} : { dependencies }),
    ...(isOld || children < 0 ? {} : { parent: issues.parentOf(held, issue.id) }),
  };
}

/** As `show` has it: with the other issues themselves. */
function shown(held: Store, issue: Issue): object {
  const { comments, ...rest } = issue;
  const others = held.dependencies.flatMap(({ issue_id, depends_on_id, type }) => {
    const other = issue_id === issue.id ? find(held, depends_on_id) : undefined;
    return other === undefined ? [] : [{ ...other, comments: undefined, children: undefined, dependency_type: type }];
  });
  const numbered = comments.map((comment, index) => ({ ...comment, id: index + 1, issue_id: issue.id }));
  return {
    ...rest,
    children: undefined,
    ...(others.length === 0 ? {} : { dependencies: others }),
    ...(isOld ? { comments: numbered } : { comment_count: comments.length, dependent_count: 0 }),
  };
}

function list(held: Store, command: Command): void {
  const limit = Number(text(command, 'limit') ?? '50');
  const [parent, label, type] = ['parent', 'label', 'type'].map((name) => text(command, name));
  const found = held.issues
    .filter((issue) => command.values['all'] === true || (issue.status !== 'closed' && issue.status !== 'pinned'))
    .filter(({ id }) => parent === undefined || issues.parentOf(held, id) === parent)
    .filter(({ labels }) => label === undefined || labels.includes(label))
    .filter(({ issue_type }) => type === undefined || issue_type === type)
    .sort((a, b) => a.priority - b.priority || (a.created_at < b.created_at ? 1 : -1));
  if (limit > 0 && found.length > limit) process.stderr.write(`Showing ${limit} of ${found.length} issues\n`);
  const shortened = limit > 0 ? found.slice(0, limit) : found;
  print(shortened.length === 0 && isOld ? null : shortened.map((issue) => listed(held, issue)));
}

function show(held: Store, { operands }: Command): void {
  const found = operands.flatMap((id) => find(held, id) ?? []);
  for (const id of operands) {
    if (find(held, id) === undefined) process.stderr.write(`Error fetching ${id}: no issue found matching "${id}"\n`);
  }
  if (found.length > 0) print(found.map((issue) => shown(held, issue)));
  else if (!isOld) fail(`no issues found matching the provided IDs`);
}

function create(held: Store, command: Command): void {
  const title = text(command, 'title') ?? command.operands[0];
  const parent = text(command, 'parent');
  if (title === undefined || title.trim() === '') fail('title required');
  if (title.length > 500) fail('title must be 500 characters or less');
  if (parent !== undefined && find(held, parent) === undefined) fail(`parent issue ${parent} not found`);
  const description = body(command) ?? '';
  if (description === '') process.stderr.write('⚠ Creating issue without description.\n');
  const labels = text(command, 'labels')?.split(',') ?? [];
  const made = issues.add(held, { title, description, issue_type: text(command, 'type') ?? 'task', labels }, parent);
  if (command.values['silent'] === true) process.stdout.write(`${made.id}\n`);
  else print(made);
}

/** Why an issue cannot be closed. */
function hindrance(held: Store, issue: Issue): string | undefined {
  const blockers = issues.blockersOf(held, issue.id);
  if (blockers.length > 0) return `blocked by open issues [${blockers.join(' ')}] (use --force to override)`;
  const open = issues.childrenOf(held, issue.id).filter(({ status }) => status !== 'closed').length;
  return !isOld && issue.issue_type === 'epic' && open > 0 ? `epic has ${open} open children` : undefined;
}

function close(held: Store, command: Command): void {
  const closed = command.operands.flatMap((id) => {
    const issue = find(held, id);
    const why =
      issue === undefined ? 'not found' : command.values['force'] === true ? undefined : hindrance(held, issue);
    if (issue === undefined || why !== undefined) {
      process.stderr.write(`cannot close ${id}: ${why}\n`);
      return [];
    }
    issue.status = 'closed';
    issue.closed_at = new Date().toISOString();
    issue.close_reason = text(command, 'reason') ?? 'Closed';
    return [listed(held, issue)];
  });
  if (closed.length > 0) print(closed);
  else if (!isOld) process.exitCode = 1;
}

function update(held: Store, command: Command): void {
  const status = text(command, 'status');
  if (status !== undefined && !STATUSES.includes(status)) fail(`invalid status: ${status}`);
  const description = body(command);
  const changed = command.operands.flatMap((id) => {
    const issue = find(held, id);
    if (issue === undefined) return [];
    if (status !== undefined) issue.status = status;
    if (description !== undefined) issue.description = description;
    issue.title = text(command, 'title') ?? issue.title;
    return [listed(held, issue)];
  });
  if (changed.length > 0) print(changed);
  else fail('no issue found');
}

function reopen(held: Store, { operands: [id = ''] }: Command): void {
  const issue = find(held, id);
  if (issue === undefined) fail(`no issue found matching "${id}"`);
  issue.status = 'open';
  print([listed(held, issue)]);
}

function addDependency(held: Store, command: Command): void {
  const [issue_id = '', depends_on_id = ''] = command.operands;
  const unknown = [issue_id, depends_on_id].find((id) => find(held, id) === undefined);
  if (unknown !== undefined) fail(`no issue found matching "${unknown}"`);
  const type = text(command, 'type') ?? 'blocks';
  const isCircle = type === 'blocks' && issues.leadsTo(held, depends_on_id, issue_id);
  if (isCircle && command.values['no-cycle-check'] !== true) {
    fail(`cannot add dependency: would create a cycle (${issue_id} → ${depends_on_id} → ... → ${issue_id})`);
  }
  held.dependencies.push({ issue_id, depends_on_id, type });
  print({ status: 'added', issue_id, depends_on_id, type });
}

function removeDependency(held: Store, { operands: [issue_id = '', depends_on_id = ''] }: Command): void {
  const before = held.dependencies.length;
  held.dependencies = held.dependencies.filter(
    (dependency) => dependency.issue_id !== issue_id || dependency.depends_on_id !== depends_on_id,
  );
  if (held.dependencies.length === before) fail(`dependency from ${issue_id} to ${depends_on_id} does not exist`);
  print({ status: 'removed', issue_id, depends_on_id });
}

function addComment(held: Store, command: Command): void {
  const [id = '', words] = command.operands;
  const named = text(command, 'file');
  const issue = find(held, id);
  if (issue === undefined) fail(`no issue found matching "${id}"`);
  // Standard input has no name here.
  const said = named === undefined ? words : readFileSync(named, 'utf8');
  if (said === undefined) fail('comment text required');
  const author = process.env['BEADS_ACTOR'] ?? 'anonymous';
  issue.comments.push({ author, text: said, created_at: new Date().toISOString() });
  print(issue.comments.at(-1));
}

function comments(held: Store, { operands: [id = ''] }: Command): void {
  const found = find(held, id)?.comments ?? [];
  const named = found.map((comment, at) => ({ ...comment, id: isOld ? at + 1 : `0000-${at + 1}`, issue_id: id }));
  print(named.length === 0 && isOld ? null : named);
}

function erase(held: Store, command: Command): void {
  if (command.values['force'] !== true) {
    print({ preview: command.operands });
    return;
  }
  const there = command.operands.filter((id) => find(held, id) !== undefined);
  if (there.length < command.operands.length) fail('issues not found');
  issues.remove(held, there);
  print({ deleted: there, deleted_count: there.length });
}

const COMMANDS: Readonly<Record<string, (held: Store, command: Command) => void>> = {
  create,
  list,
  show,
  update,
  close,
  reopen,
  comments,
  'comments add': addComment,
  'dep add': addDependency,
  'dep remove': removeDependency,
  delete: erase,
};

function init(command: Command): void {
  if (issues.isThere(file)) fail('Found existing database. Aborting.');
  if (!existsSync('.git')) fail('setting up stealth mode: failed to setup git exclude: not a git repository');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'metadata.json'), '{}');
  issues.createStore(file, (text(command, 'prefix') ?? 'bd').replace(/-$/, ''));
  if (!isOld) return;
  mkdirSync('.claude', { recursive: true });
  writeFileSync(path.join('.claude', 'settings.local.json'), '{"prompt":"Run bd onboard"}');
}

function main(argv: readonly string[]): void {
  appendFileSync(path.join(folder, '..', 'calls.jsonl'), `${JSON.stringify({ argv, cwd: process.cwd() })}\n`);
  const blocked = process.env['FAKE_BD_BROKEN'];
  if (blocked !== undefined && existsSync(blocked)) fail(readFileSync(blocked, 'utf8').trim());
  process.stderr.write('warning: beads.role not configured\nTip: run bd onboard\n');
  const command = parseCommand(dialect, argv);
  if (command.name === 'version') {
    const version = process.env['FAKE_BD_VERSION'] ?? (isOld ? '0.49.6' : '1.0.5');
    print({ version, build: 'dev' });
    return;
  }
  if (command.name === 'init') {
    init(command);
    return;
  }
  const run = COMMANDS[command.name];
  if (run === undefined || !issues.isThere(file)) fail('no beads database found');
  issues.withStore(file, (held) => run(held, command));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Failure) report(error.message);
  else if (error instanceof Refusal) process.stderr.write(`Error: ${error.message}\n`);
  else throw error;
  process.exitCode = 1;
}
