/** What a search in a transcript finds: all texts of an entry. */
import type { TranscriptEntry } from '../../../../contract/transcript';

export function textOf(entry: TranscriptEntry): string {
  switch (entry.kind) {
    case 'message':
      return [entry.by ?? '', entry.text].join('\n');
    case 'thought':
    case 'note':
      return entry.text;
    case 'tool':
      return [entry.title, ...entry.paths, entry.output, ...entry.diffs.map(({ newText }) => newText)].join('\n');
    case 'plan':
      return entry.steps.map(({ text }) => text).join('\n');
    case 'decision':
      return [entry.title, ...entry.details, entry.by?.name ?? '', entry.reason ?? ''].join('\n');
    case 'usage':
      return '';
  }
}
