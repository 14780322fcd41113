/**
 * Parses a planner's text of a subtask: specification, plan and acceptance criteria
 * (`docs/design/tasks.md#what-a-planner-writes`).
 */
import { withoutTrailing } from '../../text/textEnds';

export interface SubtaskBody {
  readonly spec: string;
  readonly plan: string;
  readonly acceptance: string;
}

type Section = keyof SubtaskBody;

const HEADINGS: readonly (readonly [pattern: RegExp, section: Section])[] = [
  [/^spec(ification)?\b/, 'spec'],
  [/^(implementation|plan|steps)\b/, 'plan'],
  [/^(acceptance|definition of done)\b/, 'acceptance'],
];

/**
 * Headings of levels 1 to 3 outside code fences divide the text. Text under an unknown heading of the same level, or
 * above the first heading, belongs to the specification; a text without known headings is all specification.
 */
export function parseBody(text: string): SubtaskBody {
  const sections: Record<Section, string[]> = { spec: [], plan: [], acceptance: [] };
  let current: Section = 'spec';
  let level = 0;
  let fence: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    fence = fenceAfter(line, fence);
    const heading = fence === undefined ? /^(#{1,3})\s(.*)$/.exec(line) : null;
    const depth = heading?.[1]?.length ?? 0;
    const known = heading === null ? undefined : sectionOf(heading[2] ?? '');
    if (known !== undefined) {
      current = known;
      level = depth;
      continue;
    }
    if (heading !== null && depth <= level) current = 'spec';
    sections[current].push(line);
  }
  const join = (section: Section): string => sections[section].join('\n').trim();
  return { spec: join('spec'), plan: join('plan'), acceptance: join('acceptance') };
}

/** A body that parses to the same parts. */
export function formatBody({ spec, plan, acceptance }: SubtaskBody): string {
  const parts = [
    ['## Spec', spec],
    ['## Implementation Plan', plan],
    ['## Acceptance Criteria', acceptance],
  ] as const;
  return parts
    .filter(([, text]) => text !== '')
    .map(([heading, text]) => `${heading}\n\n${text}\n`)
    .join('\n');
}

function sectionOf(heading: string): Section | undefined {
  const words = withoutTrailing(heading.trim(), '#').trimEnd().toLowerCase();
  return HEADINGS.find(([pattern]) => pattern.test(words))?.[1];
}

/** The open fence after a line; a fence is closed by one of the same kind that is at least as long. */
export function fenceAfter(line: string, open: string | undefined): string | undefined {
  const [start = '', found] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
  if (found === undefined) return open;
  if (open === undefined) return found;
  const closes = found.startsWith(open) && line.slice(start.length).trim() === '';
  return closes ? undefined : open;
}
