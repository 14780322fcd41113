/** What a panel is about, where an id alone is not enough: something in the record of a folder. */
import * as z from 'zod/mini';

const recordSubject = z.tuple([z.string(), z.string()]);

export function encodeSubject(folder: string, id: string): string {
  return JSON.stringify([folder, id]);
}

/** Undefined for a foreign text: VS Code also returns states that an older version stored. */
export function decodeSubject(subject: string): { readonly folder: string; readonly id: string } | undefined {
  try {
    const [folder, id] = recordSubject.parse(JSON.parse(subject));
    return { folder, id };
  } catch {
    return undefined;
  }
}
