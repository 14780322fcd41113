/** Finds SQLite in the runtime itself: Node has it from 22.13 on, as do all current editors. */
import type { SqlValue } from '../../kernel/db/sqlTypes';

export type NativeValue = SqlValue | bigint;

export interface NativeStatement {
  run(...params: NativeValue[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  get(...params: NativeValue[]): Readonly<Record<string, unknown>> | undefined;
}

export interface NativeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NativeStatement;
  /** From Node 24 on. */
  enableDefensive?(on: boolean): void;
  close(): void;
}

export interface NativeModule {
  readonly DatabaseSync: new (
    file: string,
    options: { readonly allowExtension: false; readonly enableForeignKeyConstraints: true },
  ) => NativeDatabase;
}

const MODULE = 'node:sqlite';

/** SQLite of this runtime; undefined where it has none. */
export function nativeModule(): NativeModule | undefined {
  // Types of Node 20 know neither this function nor the module.
  const runtime: { getBuiltinModule?: (name: string) => unknown } = process;
  if (runtime.getBuiltinModule === undefined) return undefined;
  return withoutWarning(() => {
    const found = runtime.getBuiltinModule?.(MODULE);
    return isNativeModule(found) ? found : undefined;
  });
}

/** Node 22 prints on standard error that the module is experimental, which callers of `ic` do not need to know. */
function withoutWarning<T>(work: () => T): T {
  const warning = Object.getOwnPropertyDescriptor(process, 'emitWarning') ?? {};
  Object.defineProperty(process, 'emitWarning', { ...warning, value: () => undefined });
  try {
    return work();
  } finally {
    Object.defineProperty(process, 'emitWarning', warning);
  }
}

function isNativeModule(value: unknown): value is NativeModule {
  return typeof value === 'object' && value !== null && 'DatabaseSync' in value;
}
