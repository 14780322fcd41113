/** What the stand-in for `bd` keeps, in one file that one process at a time may change. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Dependency {
  readonly issue_id: string;
  readonly depends_on_id: string;
  readonly type: string;
}

export interface Issue {
  id: string;
  title: string;
  description: string;
  status: string;
  priority: number;
  issue_type: string;
  created_at: string;
  closed_at?: string | undefined;
  close_reason?: string | undefined;
  labels: string[];
  comments: { author: string; text: string; created_at: string }[];
  /** How many children it has had. */
  children: number;
}

export interface Store {
  prefix: string;
  counter: number;
  issues: Issue[];
  dependencies: Dependency[];
}

export function databaseFile(folder: string, dialect: '0.49' | '1.x'): string {
  return dialect === '0.49' ? path.join(folder, 'beads.db') : path.join(folder, 'embeddeddolt', 'issues.json');
}

/** Reads, lets `work` change, and writes. Busy for a second at most. */
export function withStore<T>(file: string, work: (store: Store) => T): T {
  const lock = `${file}.lock`;
  for (let tries = 0; ; tries += 1) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (tries > 500) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
  try {
    // No other process writes the file, and a schema would double the time that each of hundreds of calls takes.
    const held = JSON.parse(readFileSync(file, 'utf8')) as Store;
    const result = work(held);
    writeFileSync(file, JSON.stringify(held, null, 1));
    return result;
  } finally {
    rmdirSync(lock);
  }
}

export function createStore(file: string, prefix: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const empty: Store = { prefix, counter: 0, issues: [], dependencies: [] };
  writeFileSync(file, JSON.stringify(empty));
}

export function isThere(file: string): boolean {
  return existsSync(file);
}

export function parentOf(held: Store, id: string): string | undefined {
  return held.dependencies.find((dependency) => dependency.issue_id === id && dependency.type === 'parent-child')
    ?.depends_on_id;
}

export function childrenOf(held: Store, id: string): Issue[] {
  return held.issues.filter((one) => parentOf(held, one.id) === id);
}

/** Open issues that one waits for. */
export function blockersOf(held: Store, id: string): string[] {
  return held.dependencies
    .filter((dependency) => dependency.issue_id === id && dependency.type === 'blocks')
    .map((dependency) => dependency.depends_on_id)
    .filter((on) => held.issues.some((other) => other.id === on && other.status !== 'closed'));
}

/** Whether `from` waits for `to`, over any number of steps. */
export function leadsTo(held: Store, from: string, to: string, seen: ReadonlySet<string> = new Set()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  return held.dependencies
    .filter((dependency) => dependency.issue_id === from && dependency.type === 'blocks')
    .some((dependency) => leadsTo(held, dependency.depends_on_id, to, new Set([...seen, from])));
}

export function add(
  held: Store,
  draft: Pick<Issue, 'title' | 'description' | 'issue_type' | 'labels'>,
  parent?: string,
): Issue {
  const owner = held.issues.find(({ id }) => id === parent);
  held.counter += 1;
  if (owner !== undefined) owner.children += 1;
  const id =
    owner === undefined
      ? `${held.prefix}-${held.counter.toString(36).padStart(3, 'x')}`
      : `${owner.id}.${owner.children}`;
  const made: Issue = {
    ...draft,
    id,
    status: 'open',
    priority: 2,
    // Each a moment later than the one before, whatever the clock says.
    created_at: new Date(Date.now() + held.counter).toISOString(),
    comments: [],
    children: 0,
  };
  held.issues.push(made);
  if (owner !== undefined) held.dependencies.push({ issue_id: id, depends_on_id: owner.id, type: 'parent-child' });
  return made;
}

export function remove(held: Store, ids: readonly string[]): void {
  held.issues = held.issues.filter(({ id }) => !ids.includes(id));
  held.dependencies = held.dependencies.filter(
    (dependency) => !ids.includes(dependency.issue_id) && !ids.includes(dependency.depends_on_id),
  );
}
