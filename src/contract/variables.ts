/** Environment variables by name or by family: `JAVA_HOME`, `AWS_*`. */
import * as z from 'zod';

/** A name, or its start and a star at the end. Never a star alone: that would hand on every secret there is. */
export const variablePattern = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*\*?$/,
    'it must be the name of an environment variable, or the start of one and a * at the end',
  );

/** Whether a pattern stands for more than one name. */
export function isFamily(pattern: string): boolean {
  return pattern.endsWith('*');
}

/** Tests names against patterns. Names have no case on Windows, and proxies are written in either case elsewhere, too. */
export function variableMatcher(patterns: readonly string[]): (name: string) => boolean {
  const upper = patterns.map((pattern) => pattern.toUpperCase());
  const names = new Set(upper.filter((pattern) => !isFamily(pattern)));
  const starts = upper.filter(isFamily).map((pattern) => pattern.slice(0, -1));
  return (name) => {
    const wanted = name.toUpperCase();
    return names.has(wanted) || starts.some((start) => wanted.startsWith(start));
  };
}
