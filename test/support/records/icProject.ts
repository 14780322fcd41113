/** A project with a database, and the real `ic` run in it as a shell would. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ic, type IcOptions, type IcResult } from '../ic/ic';
import { icBrief } from '../ic/icBrief';
import { icHere } from '../ic/icHere';
import { sqlite3 } from './sqlite3';

export class IcProject {
  private constructor(readonly folder: string) {}

  /** A new folder, in which `ic init` was run. The caller closes it. */
  static async open(): Promise<IcProject> {
    const project = new IcProject(await realpath(await mkdtemp(path.join(tmpdir(), 'ic-project-'))));
    await project.ok('init');
    return project;
  }

  get database(): string {
    return this.at('.clavain/intercore.db');
  }

  /** What every call finds in its environment: agents keep their files inside the project, too. */
  get env(): Readonly<Record<string, string>> {
    return { XDG_STATE_HOME: this.at('state'), TMPDIR: this.folder };
  }

  at(...segments: string[]): string {
    return path.join(this.folder, ...segments);
  }

  /** Runs `ic`, whatever comes of it. */
  run(args: readonly string[], options: Partial<IcOptions> = {}): Promise<IcResult> {
    return ic(args, { cwd: this.folder, ...options, env: { ...this.env, ...options.env } });
  }

  /** The same without a process, where hundreds of lines are run. */
  runHere(args: readonly string[]): Promise<IcResult> {
    return icHere(args, { cwd: this.folder, env: this.env });
  }

  /** Runs `ic`, which must succeed, and gives what it printed. Without a process where it needs none. */
  async ok(...args: string[]): Promise<string> {
    const result = await icBrief(args, { cwd: this.folder, env: this.env });
    assert.equal(result.code, 0, `ic ${args.join(' ')}: ${result.stderr}`);
    return result.stdout.trim();
  }

  /** What the `sqlite3` program reads from the file, row by row. */
  async rows(sql: string): Promise<string[]> {
    const text = await sqlite3(this.database, sql);
    return text === '' ? [] : text.split('\n');
  }

  /** Writes a file and the folders it needs, and gives its path. */
  async write(name: string, text: string, mode = 0o644): Promise<string> {
    const file = this.at(name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { mode });
    return file;
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
