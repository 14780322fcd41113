/** Projects on real disks for the tests of one suite: folders and kernels, closed and removed after each test. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemPorts } from '../../src/host/clock';
import { silentLog } from '../../src/host/log';
import { CheckedFiles } from '../../src/host/image/checkedFiles';
import { nativeLoader } from '../../src/host/native/nativeSqlite';
import { databaseLocation, type DatabaseLocation } from '../../src/host/files/paths';
import { KernelError, type ErrorCode } from '../../src/kernel/errors/errors';
import { ProjectKernel, type KernelDeps, type KernelState } from '../../src/services/record/kernels';
import { testEngine } from './records/kernel';

/** `image` keeps tests from SQLite of the runtime, `thread` has it in a thread; otherwise it is called directly. */
const STORAGE = process.env['INTERCORE_TEST_STORAGE'];
const native = nativeLoader(STORAGE === 'thread');

/** Whether kernels of tests let SQLite of the runtime write their files. */
export const isNative = STORAGE !== 'image' && native() !== undefined;

/** As in a window: what one kernel of the process has checked, the others need not check again. */
const checked = new CheckedFiles();

/** The dependencies of a test's kernel. It does not watch its file by default. */
export function testDeps(options: Partial<KernelDeps> = {}): KernelDeps {
  return {
    engine: () => testEngine,
    ports: systemPorts,
    log: silentLog,
    busyTimeoutMs: 30_000,
    watch: false,
    trusted: () => true,
    checked,
    ...(STORAGE === 'image' ? {} : { native }),
    ...options,
  };
}

export class Projects {
  private readonly folders: string[] = [];
  private readonly kernels: ProjectKernel[] = [];
  private readonly closings: (() => Promise<void>)[] = [];

  /** Call in a `describe`: hooks up the cleaning after each of its tests. */
  static ofSuite(): Projects {
    const projects = new Projects();
    afterEach(() => projects.clear());
    return projects;
  }

  async folder(): Promise<string> {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-')));
    this.folders.push(folder);
    return folder;
  }

  /** A kernel on the folder, not loaded. */
  kernel(folder: string, options: Partial<KernelDeps> = {}): ProjectKernel {
    return this.kernelAt(databaseLocation(folder), options);
  }

  /** A kernel on a database that need not be that of a folder, not loaded. */
  kernelAt(location: DatabaseLocation, options: Partial<KernelDeps> = {}): ProjectKernel {
    const kernel = new ProjectKernel(location, testDeps(options));
    this.kernels.push(kernel);
    return kernel;
  }

  /** A loaded kernel on the folder, whatever is found there. */
  async open(folder: string, options: Partial<KernelDeps> = {}): Promise<ProjectKernel> {
    const kernel = this.kernel(folder, options);
    await kernel.load();
    return kernel;
  }

  /** A loaded kernel on a new project with an empty database. */
  async create(options: Partial<KernelDeps> = {}): Promise<ProjectKernel> {
    const kernel = this.kernel(await this.folder(), options);
    await kernel.initialize();
    return kernel;
  }

  /** Has something else closed after the test, before the folders go. */
  closing(close: () => Promise<void>): void {
    this.closings.push(close);
  }

  /** Closes and removes all; a suite does it after each test. */
  async clear(): Promise<void> {
    await Promise.all(this.closings.splice(0).map((close) => close()));
    await Promise.all(this.kernels.splice(0).map((kernel) => kernel.dispose()));
    await Promise.all(this.folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

/** Passes for a failure of the kernel with that code; for `assert.rejects` and `assert.throws`. */
export function isCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => KernelError.is(error, code);
}

/** The error of work that must fail with that code; another failure is thrown. */
export async function failed<C extends ErrorCode>(code: C, work: Promise<unknown>): Promise<KernelError<C>> {
  const error: unknown = await work.then(
    () => assert.fail(`expected ${code}`),
    (reason: unknown) => reason,
  );
  if (KernelError.is(error, code)) return error;
  throw error;
}

/** The code of the state's error, or the kind of a state without. */
export function codeOf(state: KernelState): string {
  return 'error' in state ? state.error.code : state.kind;
}
