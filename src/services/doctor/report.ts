/** The report as plain text, to read and to copy. The editor and `ic` print the same text. */
import {
  countOf,
  type DoctorFinding,
  type DoctorFix,
  type DoctorReport,
  type FindingLevel,
} from '../../contract/results/doctor';
import { fill } from '../../kernel/errors/errors';
import { sentencesOf } from './model';

/** Fills facts into a template in the user's language. */
export type Translate = (template: string, facts: Readonly<Record<string, string | number>>) => string;

export interface ReportLine {
  readonly text: string;
  /** The finding that starts here. */
  readonly finding?: DoctorFinding;
}

/** The labels around findings. */
export const REPORT_WORDS = {
  title: 'Intercore Doctor',
  counts: 'Problems: {problem}. Warnings: {warning}. Notes: {info}. Passed: {ok}.',
  looked: 'Checked {when} by {program} on {platform}.',
  problem: 'Problems',
  warning: 'Warnings',
  info: 'Notes',
  ok: 'Fine',
  why: 'Why it matters: {why}',
  remedy: 'What to do: {remedy}',
  line: 'Command: {line}',
  link: 'See: {url}',
  setting: 'Setting: {setting}',
} as const;

/** The most severe level first. */
export const REPORT_ORDER: readonly FindingLevel[] = ['problem', 'warning', 'info', 'ok'];

export function reportLines(report: DoctorReport, translate: Translate = fill): ReportLine[] {
  const facts = reportFacts(report);
  const title = translate(REPORT_WORDS.title, {});
  const lines: ReportLine[] = [
    ...heading(title, '='),
    { text: '' },
    { text: translate(REPORT_WORDS.counts, facts) },
    { text: translate(REPORT_WORDS.looked, facts) },
    ...REPORT_ORDER.flatMap((level) => section(report, level, translate)),
  ];
  return lines.filter(({ text }, index) => text !== '' || lines[index - 1]?.text !== '');
}

/** What the words around findings have places for. */
export function reportFacts(report: DoctorReport): Readonly<Record<string, string | number>> {
  const { at, program, platform } = report;
  const when = `${new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return {
    when,
    program,
    platform,
    ...Object.fromEntries(REPORT_ORDER.map((level) => [level, countOf(report, level)])),
  };
}

export function reportText(report: DoctorReport, translate: Translate = fill): string {
  return `${reportLines(report, translate)
    .map(({ text }) => text)
    .join('\n')}\n`;
}

function section(report: DoctorReport, level: FindingLevel, translate: Translate): ReportLine[] {
  const findings = report.findings.filter((finding) => finding.level === level);
  if (findings.length === 0) return [];
  return [
    { text: '' },
    ...heading(translate(REPORT_WORDS[level], {}), '-'),
    ...findings.flatMap((finding) => findingLines(finding, translate)),
  ];
}

function findingLines(finding: DoctorFinding, translate: Translate): ReportLine[] {
  const { saw, why, remedy } = sentencesOf(finding.code, finding.facts, translate);
  const first: ReportLine = { text: `[${finding.check}] ${saw}`, finding };
  if (finding.level === 'ok') return [first];
  const fix = finding.fix === null ? undefined : fixWords(finding.fix, translate);
  return [
    first,
    { text: `    ${translate(REPORT_WORDS.why, { why })}` },
    { text: `    ${translate(REPORT_WORDS.remedy, { remedy })}` },
    ...(fix === undefined ? [] : [{ text: `    ${fix}` }]),
    { text: '' },
  ];
}

/** Editor commands are buttons in the editor; a shell cannot run them. */
function fixWords(fix: DoctorFix, translate: Translate): string | undefined {
  switch (fix.kind) {
    case 'shell':
      return translate(REPORT_WORDS.line, { line: fix.line });
    case 'link':
      return translate(REPORT_WORDS.link, { url: fix.url });
    case 'setting':
      return translate(REPORT_WORDS.setting, { setting: fix.setting });
    case 'command':
      return undefined;
  }
}

function heading(text: string, line: string): ReportLine[] {
  return [{ text }, { text: line.repeat(text.length) }];
}
