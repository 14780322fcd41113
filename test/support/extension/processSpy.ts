/** Sees every process that the extension starts in this extension host, by whichever function of Node. */
import childProcess from 'node:child_process';
import path from 'node:path';
import * as vscode from 'vscode';

type Start = (this: unknown, ...args: unknown[]) => unknown;
type Target = Record<string, unknown>;

const SYNCHRONOUS = ['spawnSync', 'execSync', 'execFileSync'] as const;

export class ProcessSpy {
  /** The frames that started each. */
  readonly started: string[] = [];
  private readonly restores: (() => void)[] = [];
  private readonly code: string;

  constructor() {
    const extension = vscode.extensions.getExtension('intercore.intercore');
    if (extension === undefined) throw new Error('VS Code did not load the extension');
    this.code = path.join(extension.extensionPath, 'dist');
    // Every asynchronous function ends in this method.
    this.wrap(childProcess.ChildProcess.prototype as unknown as Target, 'spawn');
    for (const name of SYNCHRONOUS) this.wrap(childProcess, name);
  }

  dispose(): void {
    for (const restore of this.restores.splice(0)) restore();
  }

  private wrap(target: Target, name: string): void {
    const original = target[name] as Start;
    const note = (): void => this.note(name);
    target[name] = function (this: unknown, ...args: unknown[]): unknown {
      note();
      return original.apply(this, args);
    };
    this.restores.push(() => void (target[name] = original));
  }

  /** Other extensions share the host. */
  private note(name: string): void {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 100;
    const stack = new Error(name).stack ?? '';
    Error.stackTraceLimit = stackTraceLimit;
    if (stack.includes(this.code)) this.started.push(stack);
  }
}
