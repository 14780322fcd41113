/**
 * Hooks come with a folder, so each runs only after this user has allowed its content: a changed hook needs consent
 * again. A hook must be a regular file of this user that is not reached through a link.
 */
import { createHash } from 'node:crypto';
import { lstat, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../host/files/fileErrors';
import type { FolderLedger } from '../../host/files/folderLedger';

/** The names of a project's two programs in the original. */
export const HOOKS = ['on-phase-advance', 'on-dispatch-change'] as const;
export type HookName = (typeof HOOKS)[number];

export interface Hook {
  readonly name: HookName;
  readonly file: string;
  readonly kind: 'allowed' | 'not allowed';
  readonly hash: string;
}

export interface UnusableHook {
  readonly name: HookName;
  readonly kind: 'unusable';
  readonly problem: string;
}

/** Undefined if the folder has no such program. */
export async function hookOf(
  ledger: FolderLedger,
  folder: string,
  name: HookName,
): Promise<Hook | UnusableHook | undefined> {
  const file = path.join(folder, '.clavain', 'hooks', name);
  const found = await ifThere(lstat(file));
  if (found === undefined || found.isDirectory()) return undefined;
  const unusable = (problem: string): UnusableHook => ({ name, kind: 'unusable', problem });
  if (!found.isFile()) return unusable(found.isSymbolicLink() ? 'it is a link' : 'it is not a regular file');
  if ((found.mode & 0o111) === 0) return undefined;
  const real = path.join(await realpath(folder), '.clavain', 'hooks', name);
  if ((await realpath(file)) !== real) return unusable('a link leads to it');
  if (process.geteuid !== undefined && found.uid !== process.geteuid()) {
    return unusable(`it belongs to the user ${found.uid}`);
  }
  const hash = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  const kind = ledger.has(folder, `${name} ${hash}`) ? 'allowed' : 'not allowed';
  return { name, file: real, kind, hash };
}

export async function hooksOf(ledger: FolderLedger, folder: string): Promise<readonly (Hook | UnusableHook)[]> {
  const found = await Promise.all(HOOKS.map((name) => hookOf(ledger, folder, name)));
  return found.flatMap((hook) => (hook === undefined ? [] : [hook]));
}

export function allowHook(ledger: FolderLedger, folder: string, { name, hash }: Hook): void {
  ledger.add(folder, [`${name} ${hash}`]);
}

export function revokeHooks(ledger: FolderLedger, folder: string): void {
  ledger.remove(folder, () => true);
}

/** Whether this is the first time that this version of the hook is skipped: it is reported once. */
export function isNews(ledger: FolderLedger, folder: string, hook: Hook | UnusableHook): boolean {
  const entry = `reported ${hook.name} ${hook.kind === 'unusable' ? hook.problem : hook.hash}`;
  if (ledger.has(folder, entry)) return false;
  ledger.add(folder, [entry]);
  return true;
}
