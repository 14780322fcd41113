/** The issues of a clone in Beads, stored outside the clone (`docs/design/beads.md`). */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { existsSync } from 'node:fs';
import { KernelError } from '../../kernel/errors/errors';
import { because, foreignText } from '../../kernel/errors/reasons/problem';
import type { Git } from '../git/git';
import { withFileLock } from '../locks/fileLock';
import { isAtLeast } from '../process/programs';
import { BeadsProgram, problemIn, type Answer, type BeadsLocation } from './program';
import { comments, listedIssues, shownIssues, type Comment, type Issue } from './shapes';

/** From this version on, `init` has roles, and treats a fork as a contributor's. */
const WITH_ROLES = '1.0.0';
/** How many issues one command shows, to keep its command line short. */
const AT_ONCE = 100;
/** Names of databases, by version. */
const DATABASES = ['beads.db', 'embeddeddolt', 'dolt'];
const LOCK_TIMEOUT_MS = 120_000;

export interface NewIssue {
  readonly title: string;
  readonly body: string;
  readonly type: 'epic' | 'task';
  readonly parent?: string;
  readonly label?: string;
}

export class Beads {
  private readonly program: BeadsProgram;

  constructor(
    private readonly place: BeadsLocation,
    private readonly git: Git,
  ) {
    this.program = new BeadsProgram(place);
  }

  /** `BEADS_DIR`. */
  get folder(): string {
    return this.place.folder;
  }

  /** Not in the clone, so that files that `bd` writes next to its data are not either (D37). */
  private get home(): string {
    return path.dirname(this.folder);
  }

  /**
   * Runs one step at a time on these issues, across all our processes. Agents have their own `bd` and are not affected.
   * @throws KernelError `DATABASE_BUSY`
   */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    await mkdir(this.home, { recursive: true, mode: 0o700 });
    return withFileLock(path.join(this.home, 'beads'), { timeoutMs: LOCK_TIMEOUT_MS }, work);
  }

  /**
   * Creates the database if it is missing. It gets its own repository, which older versions require.
   * @throws KernelError `BEADS_MISSING`, `BEADS_TOO_OLD`, `BEADS_FAILED`, `GIT_FAILED`
   */
  async ensure(prefix: string): Promise<void> {
    await mkdir(this.home, { recursive: true, mode: 0o700 });
    if (DATABASES.some((name) => existsSync(path.join(this.folder, name)))) return;
    const version = await this.program.version(this.home);
    if (!existsSync(path.join(this.home, '.git')))
      await this.git.run(await this.git.places.gitFolder(this.home), ['init', '--quiet']);
    const role = isAtLeast(version, WITH_ROLES) ? ['--role', 'maintainer'] : [];
    await this.run(['init', '--stealth', '--prefix', prefix, '--quiet', ...role]);
  }

  /** Epics with a label, in any state; the oldest first. */
  async labeled(label: string): Promise<string[]> {
    const found = await this.list(['--label', label, '--type', 'epic']);
    return [...found].sort((a, b) => (a.created_at < b.created_at ? -1 : 1)).map(({ id }) => id);
  }

  /** All issues below an issue, at any depth, with their dependencies and comments. */
  async below(epic: string): Promise<Issue[]> {
    const ids: string[] = [];
    const look = async (parent: string): Promise<void> => {
      for (const child of await this.list(['--parent', parent])) {
        if (ids.includes(child.id)) continue;
        ids.push(child.id);
        if (child.dependent_count !== 0) await look(child.id);
      }
    };
    await look(epic);
    return this.show(ids);
  }

  private async list(
    filter: readonly string[],
  ): Promise<{ id: string; created_at: string; dependent_count?: number | undefined }[]> {
    const command = 'bd list';
    // Without these it hides closed issues and stops at 50.
    const { stdout } = await this.run(['list', ...filter, '--all', '--limit', '0', '--json']);
    return this.program.parse(command, stdout, listedIssues);
  }

  /** The issues that exist; missing ones are omitted. */
  async show(ids: readonly string[]): Promise<Issue[]> {
    const command = 'bd show';
    const found: Issue[] = [];
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = ids.slice(at, at + AT_ONCE);
      const answer = await this.program.ask(this.home, ['show', ...some, '--json']);
      const isNone = answer.stdout.trim() === '' || answer.code !== 0;
      const shown = isNone ? [] : this.program.parse(command, answer.stdout, shownIssues);
      // Older versions exit with 0 after any failure, so a missing issue does not count as deleted then.
      if (shown.length < some.length && !isAbsence(answer)) {
        throw new KernelError('BEADS_FAILED', { command, problem: foreignText(problemIn(answer)) });
      }
      found.push(...shown);
    }
    return Promise.all(found.map((issue) => this.withComments(issue)));
  }

  private async withComments(issue: Issue): Promise<Issue> {
    if (issue.comments !== undefined || issue.comment_count === undefined || issue.comment_count === 0) return issue;
    return { ...issue, comments: await this.comments(issue.id) };
  }

  private async comments(id: string): Promise<Comment[]> {
    const { stdout } = await this.run(['comments', id, '--json']);
    return this.program.parse('bd comments', stdout, comments);
  }

  /** The id of the new issue. The text is passed on stdin, so that it is not read as arguments. */
  async create({ title, body, type, parent, label }: NewIssue): Promise<string> {
    const command = 'bd create';
    const { stdout } = await this.run(
      [
        'create',
        '--type',
        type,
        `--title=${title}`,
        '--body-file',
        '-',
        '--silent',
        ...(parent === undefined ? [] : ['--parent', parent]),
        ...(label === undefined ? [] : ['--labels', label]),
      ],
      body,
    );
    const id = stdout.trim();
    if (!ISSUE_ID.test(id)) {
      throw new KernelError('BEADS_FAILED', { command, problem: because('it named the issue {id}', { id }) });
    }
    return id;
  }

  async edit(id: string, title: string, body: string): Promise<void> {
    await this.run(['update', id, `--title=${title}`, '--body-file', '-', '--json'], body);
  }

  async setStatus(id: string, status: 'open' | 'in_progress'): Promise<void> {
    await this.run(['update', id, '--status', status, '--json']);
  }

  /** Closes the issue even if it depends on others or has open children. @throws KernelError `BEADS_FAILED` */
  async close(id: string, reason: string): Promise<void> {
    await this.program.ask(this.home, ['close', id, `--reason=${reason}`, '--force', '--json']);
    // In some versions the exit code is meaningless, and in others closing a closed issue is an error.
    await this.expect(id, 'bd close', (status) => status === 'closed');
  }

  /** @throws KernelError `BEADS_FAILED` */
  async reopen(id: string): Promise<void> {
    await this.program.ask(this.home, ['reopen', id, '--json']);
    await this.expect(id, 'bd reopen', (status) => status !== 'closed');
  }

  private async expect(id: string, command: string, isSo: (status: string) => boolean): Promise<void> {
    const [issue] = await this.show([id]);
    if (issue !== undefined && isSo(issue.status)) return;
    const problem =
      issue === undefined
        ? because('{id} is gone', { id })
        : because('the issue {id} has the status {state}', { id, state: issue.status });
    throw new KernelError('BEADS_FAILED', { command, problem });
  }

  /** Makes `id` depend on `on`. */
  async addDependency(id: string, on: string): Promise<void> {
    await this.run(['dep', 'add', id, on, '--type', 'blocks', '--json']);
  }

  async removeDependency(id: string, on: string): Promise<void> {
    await this.run(['dep', 'remove', id, on, '--json']);
  }

  /** Issues that are already gone are not a failure. */
  async delete(ids: readonly string[]): Promise<void> {
    const there = await this.show(ids);
    if (there.length > 0) await this.run(['delete', ...there.map(({ id }) => id), '--force', '--json']);
  }

  private run(args: readonly string[], input?: string): ReturnType<BeadsProgram['run']> {
    return this.program.run(this.home, args, input);
  }
}

/** The id of an issue in `bd` (`docs/design/beads.md`). */
export const ISSUE_ID = /^[A-Za-z][A-Za-z0-9_-]*-[a-z0-9]{3,8}(\.\d+)*$/;

function isAbsence(answer: Answer): boolean {
  const lines = `${problemIn(answer)}\n${answer.stderr}`.split('\n').filter((line) => /error|fail|lock/i.test(line));
  return lines.every((line) => /no issues? found|not found/i.test(line));
}
